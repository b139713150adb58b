// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "config/config.h"
#include "dnsbl/list_health.h"
#include "dnsbl/meaning.h"

namespace mxward::dnsbl {

// How one list behaves, as long as it is configured like this: whether it is asked and whether it
// counts, with a log line at each change; the rules are ListHealth's. Held by whoever asks the
// list, so that what comes late is noted of the definition that was asked; once Health has
// forgotten that, what is noted is lost. Thread-safe.
class ListWatch {
 public:
  // Both outlive it.
  ListWatch(const Clock& clock, Log& log, const DnsblConfig& list);

  // These three are read for each question to a list, and take no lock.
  // False while the breaker is open: the list is not to be asked, it is unknown at once.
  bool MayAsk() const { return may_ask_.load(std::memory_order_relaxed); }
  // False while what the list says adds nothing to a score ("warn-only").
  bool Counts() const { return counts_.load(std::memory_order_relaxed); }
  // When the list was last found to be trustworthy again; answers from before that are of a time
  // when it was not. MonoTime() when it always was.
  MonoTime TrustedSince() const { return trusted_since_.load(std::memory_order_relaxed); }

  // One lookup of the list has come to this. Feeds the breaker and the counters. Not for what the
  // cache knew: that tells nothing of how the list is now.
  void NoteAnswer(const Meaning& meaning);
  // A client was judged, and the list did say whether it is listed: feeds the anomaly stop. Of
  // lists of clients. client_hash tells clients apart; good_standing is one that has earned trust
  // here (known or auto-allowed by greylisting).
  void NoteClient(std::uint64_t client_hash, bool listed, bool good_standing);
  void NoteTest(const TestResult& result);

  // Whether a self-test is due, see ListHealth. Marks it as begun. Ask every few seconds.
  bool TestDue();

  ListStatus Status() const;

 private:
  friend class Health;
  void Retire();
  Moment Now() const { return {clock_.Monotonic(), clock_.Now()}; }
  template <class Change>
  void Tell(Change change);

  const Clock& clock_;
  Log& log_;
  mutable std::mutex mutex_;
  ListHealth health_;     // guarded by mutex_
  bool retired_ = false;  // guarded by mutex_
  // What health_ says, written under mutex_.
  std::atomic<bool> may_ask_;
  std::atomic<bool> counts_;
  std::atomic<MonoTime> trusted_since_;
};
using ListWatchPtr = std::shared_ptr<ListWatch>;

// Watches over all lists. One that is configured differently begins anew, under the same name, too.
// Thread-safe.
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

 private:
  struct Known {
    Lists lists;
    Watches watches;
  };
  Known known() const;

  const Clock& clock_;
  Log& log_;
  mutable std::mutex mutex_;
  Known known_;  // guarded by mutex_
};

}  // namespace mxward::dnsbl
