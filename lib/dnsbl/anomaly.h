// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/share_window.h"
#include "config/config.h"

namespace mxward::dnsbl {

// Notices that a list suddenly lists almost everybody (an expired domain with a wildcard, an
// operator who closes down with a bang), or clients that have earned trust here.
//
// It looks at the distinct clients of the last ten minutes. Suspicion begins when
//   (a) of at least 10 clients of good standing more than 30 % are listed; only for lists none of
//       whose codes is in the client's favour; or
//   (b) of at least 50 clients at least 90 % are listed, while the share used to be below 60 % (a
//       slowly moving average over at least three windows of at least 20 clients each), unless at
//       least 5 clients of good standing were seen and at most 30 % of them are listed: then it is
//       the clients who changed, not the list. A wave of bots must not switch off the list that
//       knows them.
//
// It ends when
//   - both shares have been below two thirds of those thresholds (20 % and 60 %) for ten minutes, a
//     whole window, with enough clients to tell; or
//   - for thirty minutes, with too few clients to tell at times, if there was a clean test since it
//     began; or
//   - begun by (b), the tests have found the unlisted point unlisted for thirty minutes: no list
//     that lists everybody passes them, so it is a wave of bots after all. (b) then rests until the
//     share has been below 60 % again.
// So each suspicion ends by itself or has a reason that goes on: trusted clients are still listed.
// The list that fails a test lies, and is no longer suspect: Forget().
//
// Bounded: about 2000 clients a window; while there are more, the first that came stand for all.
// Pure; not thread-safe.
class Anomaly {
 public:
  static constexpr Seconds kSpan{600};
  static constexpr Seconds kPatience{1800};
  static constexpr std::size_t kClients = 2000;

  explicit Anomaly(const DnsblConfig& list);

  void NoteClient(std::uint64_t client, bool listed, bool good_standing, MonoTime now);
  // A test found nothing wrong. proves: it found the point that must not be listed unlisted; false
  // when the list has none.
  void NoteCleanTest(bool proves, MonoTime now);
  // What the list said lately is worth nothing: forgets the windows and the suspicion, but not what
  // the share used to be.
  void Forget();

  bool suspect() const { return kind_ != Kind::kNone; }
  // "it lists 14 of 20 clients of good standing seen in ten minutes"
  const std::string& why() const { return why_; }

 private:
  enum class Kind : std::uint8_t { kNone, kGoodListed, kAlmostAll };
  struct Shares {
    ShareWindow::Share all;
    ShareWindow::Share good;
  };

  void Judge(MonoTime now);
  Kind Abnormal(const Shares& shares) const;
  void Begin(Kind kind, const Shares& shares);
  void Learn(const Shares& shares, MonoTime now);
  void FollowCalm(const Shares& shares, MonoTime now);
  bool Over(MonoTime now) const;
  void End(MonoTime now);

  const bool judges_good_;
  ShareWindow all_{kSpan, kClients};
  ShareWindow good_{kSpan, kClients};

  // What the share used to be.
  double usual_ = 0;
  unsigned windows_ = 0;
  std::optional<MonoTime> window_began_;
  bool armed_ = true;  // (b) is

  // Of the suspicion, if there is one.
  Kind kind_ = Kind::kNone;
  std::string why_;
  std::optional<MonoTime> calm_since_;    // no share is too high, as far as one can tell
  std::optional<MonoTime> told_since_;    // and one could tell
  bool tested_ = false;                   // a test was clean
  std::optional<MonoTime> proven_since_;  // the first one that proved something
};

}  // namespace mxward::dnsbl
