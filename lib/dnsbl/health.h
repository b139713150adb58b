// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "config/config.h"
#include "dnsbl/list_health.h"
#include "dnsbl/meaning.h"

namespace mxward::dnsbl {

// Remembers how each list behaves and decides whether it is asked and whether it counts, with a log
// line at each change; the rules are ListHealth's. Knows lists by their name; one that is
// configured differently under the same name begins anew. A name that SetLists() was not given is
// neither asked nor counted, and what is noted of it is lost. Thread-safe.
class Health {
 public:
  // Both outlive it.
  Health(const Clock& clock, Log& log);
  ~Health();

  // The lists there are from now on. The others are forgotten.
  void SetLists(const std::vector<DnsblConfig>& lists);

  // False while the breaker is open: the list is not to be asked, it is unknown at once.
  bool MayAsk(std::string_view list) const;
  // False while what the list says adds nothing to a score ("warn-only").
  bool Counts(std::string_view list) const;
  // When the list was last found to be trustworthy again; answers from before that are of a time
  // when it was not. MonoTime() when it always was.
  MonoTime TrustedSince(std::string_view list) const;

  // One lookup of the list has come to this. Feeds the breaker and the counters. Not for what the
  // cache knew: that tells nothing of how the list is now.
  void NoteAnswer(std::string_view list, const Meaning& meaning);
  // A client was judged, and the list did say whether it is listed: feeds the anomaly stop. Of
  // lists of clients. client_hash tells clients apart; good_standing is one that has earned trust
  // here (known or auto-allowed by greylisting).
  void NoteClient(std::string_view list, std::uint64_t client_hash, bool listed,
                  bool good_standing);
  void NoteTest(std::string_view list, const TestResult& result);

  // Whether a self-test is due, see ListHealth. Marks it as begun. Ask every few seconds.
  bool TestDue(std::string_view list);

  std::vector<ListStatus> Status() const;  // in the order of the config

 private:
  struct Entry;
  using EntryPtr = std::shared_ptr<Entry>;

  EntryPtr Find(std::string_view list) const;
  Moment Now() const;
  template <class Change>
  void Tell(std::string_view list, Change change);

  const Clock& clock_;
  Log& log_;
  mutable std::mutex mutex_;
  std::vector<EntryPtr> entries_;  // guarded by mutex_
};

}  // namespace mxward::dnsbl
