// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/mutex.h"
#include "clients/standing.h"
#include "config/config.h"
#include "dns/resolver.h"
#include "dnsbl/list_health.h"
#include "dnsbl/meaning.h"

namespace mxward::dnsbl {

// How one list behaves, as long as it is configured like this: whether it is asked and whether it
// counts, with a log line at each change; the rules are ListHealth's. Held by users of the
// list, so that what comes late is noted of the definition that was asked; once Health has
// forgotten that, what is noted is lost. Thread-safe.
class ListWatch {
 public:
  // Both outlive it.
  ListWatch(const Clock& clock, Log& log, const DnsblConfig& list);

  const std::string& Name() const { return name_; }

  // These are read for each question to a list, and take no lock.
  // False while the breaker is open: the list is not to be asked, it is unknown at once.
  bool MayAsk() const { return may_ask_.load(std::memory_order_relaxed); }
  // False while what the list says adds nothing to a score: it is in bad health, or has not passed
  // a test yet.
  bool Counts() const { return counts_.load(std::memory_order_relaxed); }
  // When the list was last found to be trustworthy again; answers from before that are of a time
  // when it was not. MonoTime() when it always was.
  MonoTime TrustedSince() const { return trusted_since_.load(std::memory_order_relaxed); }

  bool Proven() const { return proven_.load(std::memory_order_relaxed); }
  // The list has not passed a test yet, and one is under way: who needs the list waits for it, by
  // dns.deadline.
  bool Awaited() const { return awaited_.load(std::memory_order_relaxed); }
  // Moves progress when the current test ends, for at most kMostWaiting. False when there is
  // no such test (any more).
  bool AwaitTest(std::weak_ptr<dns::Progress> progress);

  // One lookup of the list has come to this. Feeds the breaker and the counters. Not for what the
  // cache had: that says nothing about the list's current state.
  void NoteAnswer(const Meaning& meaning);
  // A client was judged, and the list did say whether it is listed: feeds the anomaly stop. Of
  // lists of clients. witness: WitnessOf() the client, its listings by this list left out.
  void NoteClient(const Voter& client, bool witness, bool listed);
  void NoteTest(const TestResult& result);

  // Whether a self-test is due, see ListHealth. Marks it as begun. Ask every few seconds.
  bool TestDue();

  // When a test was last passed; and what was so before a restart, or of another definition with
  // the same test.
  std::optional<WallTime> Passed() const;
  void Restore(WallTime passed);

  static constexpr std::size_t kMostWaiting = 1024;

  ListStatus Status() const;

 private:
  friend class Health;
  void Retire();
  Moment Now() const { return {clock_.Monotonic(), clock_.Now()}; }
  template <class Change>
  void Tell(Change change);
  void Publish() MXWARD_REQUIRES(mutex_);

  const Clock& clock_;
  Log& log_;
  const std::string name_;
  mutable Mutex mutex_;
  ListHealth health_ MXWARD_GUARDED_BY(mutex_);
  bool retired_ MXWARD_GUARDED_BY(mutex_) = false;
  std::vector<std::weak_ptr<dns::Progress>> waiting_ MXWARD_GUARDED_BY(mutex_);
  // What health_ says, written under mutex_.
  std::atomic<bool> may_ask_;
  std::atomic<bool> counts_;
  std::atomic<bool> proven_{false};
  std::atomic<bool> awaited_{false};
  std::atomic<MonoTime> trusted_since_;
};
using ListWatchPtr = std::shared_ptr<ListWatch>;

// What a test of the list is about: definitions with the same text pass the same test. Holds the
// list's key.
std::string TestedText(const DnsblConfig& list);

// Watches over all lists. One that is configured differently starts again, even under the same
// name. Thread-safe.
class Health {
 public:
  using Lists = std::shared_ptr<const std::vector<DnsblConfig>>;
  // One for each list, in their order; null for one that the configuration in force does not have.
  using Watches = std::shared_ptr<const std::vector<ListWatchPtr>>;

  // Both outlive it.
  Health(const Clock& clock, Log& log);

  // The lists there are from now on. The others are forgotten.
  void SetLists(Lists lists);

  // Cheap for the lists that SetLists() was given last, by their place in memory.
  Watches WatchesOf(const std::vector<DnsblConfig>& lists) const;
  // By the definition. Null when Health has no such list.
  ListWatchPtr Find(const DnsblConfig& list) const;

  std::vector<ListStatus> Status() const;  // in the order of the config

  // Tests that were passed, by TestedText(): to be kept over a restart.
  using Passed = std::vector<std::pair<std::string, WallTime>>;
  Passed PassedTests() const;

 private:
  struct Known {
    Lists lists;
    Watches watches;
  };
  Known known() const;

  const Clock& clock_;
  Log& log_;
  mutable Mutex mutex_;
  Known known_ MXWARD_GUARDED_BY(mutex_);
};

}  // namespace mxward::dnsbl
