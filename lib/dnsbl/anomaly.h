// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "clients/standing.h"
#include "config/config.h"

namespace mxward::dnsbl {

// Notices that a list lists the innocent (an operator who closes down with a bang and knows the
// test points, a range that was added by mistake): it is suspect, by the word of witnesses
// (clients/standing.h) alone. What other clients are listed says nothing: a wave of bots must not
// switch off the list that knows them, and a stranger's own must not either. That a list lists
// everybody is found by its self-test, which a ListedRun hurries.
//
// Suspicion begins when at least five votes, and over half of all, are listed; only for lists none
// of whose codes is in the client's favour. It ends when
//   - at most a third of at least five votes have been listed for ten minutes; or
//   - for thirty minutes, with too few votes to tell at times, if there was a clean test since it
//     began.
// So each suspicion ends by itself or has a reason that goes on: witnesses are still listed. The
// list that fails a test has false positives, and is no longer suspect: Forget().
//
// Bounded as VoteWindow is. Pure; not thread-safe.
class Anomaly {
 public:
  static constexpr Seconds kCalm{600};
  static constexpr Seconds kPatience{1800};

  explicit Anomaly(const DnsblConfig& list);

  // REQUIRES: a witness, its listings by this list left out
  void NoteWitness(const Voter& witness, bool listed, MonoTime now);
  // A test found nothing wrong.
  void NoteCleanTest(MonoTime now);
  // What the list said lately is worth nothing.
  void Forget();

  bool suspect() const { return suspect_; }
  // "it lists 5 of 8 independent clients of long standing"
  const std::string& why() const { return why_; }

 private:
  void Judge(MonoTime now);
  void FollowCalm(const VoteWindow::Votes& votes, MonoTime now);
  bool Over(MonoTime now) const;

  const bool judges_;
  VoteWindow votes_;  // yes: listed

  bool suspect_ = false;
  // Of the suspicion, if there is one.
  std::string why_;
  std::optional<MonoTime> calm_since_;  // not too many are listed, as far as one can tell
  std::optional<MonoTime> told_since_;  // and one could tell
  bool tested_ = false;                 // a test was clean
};

// Notices that one client after the other is listed, as when a list begins to list the world. Then
// a test is due; nothing else follows from it, so anybody may cause it. Clients that share an
// organisation, a /24 or a /48 are one. Pure; not thread-safe.
class ListedRun {
 public:
  static constexpr std::size_t kLong = 10;

  // True when with this one so many different clients have been listed without one that is not; it
  // then begins again.
  bool Note(const Voter& client, bool listed);

 private:
  std::vector<Voter> run_;
};

}  // namespace mxward::dnsbl
