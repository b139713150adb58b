// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/clock.h"
#include "config/config.h"
#include "greylist/record.h"

namespace mxward::greylist {

// What one more try of a tuple means. See mxward(8), "reason".
enum class Outcome : std::uint8_t {
  kNew,      // never seen, or forgotten: defer
  kEarly,    // the delay is not over: defer
  kExpired,  // the retry window or the lifetime is over: as new
  kPassed,   // back in time: accept, known from now on
  kKnown,    // passed before: accept
};

// greylist.* as it holds for one tuple: a rule may give it a delay of its own. Refers to the
// config.
struct Terms {
  // NOLINTNEXTLINE(google-explicit-constructor): a config is the usual case
  Terms(const GreylistConfig& all) : config(all), delay(all.delay) {}
  Terms(const GreylistConfig& all, std::optional<Seconds> own)
      : config(all), delay(own.value_or(all.delay)) {}

  const GreylistConfig& config;
  Seconds delay;
};

struct Transition {
  Outcome outcome = Outcome::kNew;
  Seconds remaining{0};  // kNew, kEarly, kExpired: till a retry passes
  Seconds waited{0};     // kPassed: since first seen
  // The record after this try (without addresses and hashes when there was none), and whether it
  // differs enough from the stored one to be written.
  TupleRecord next;
  bool write = false;
};

// The greylisting state machine (RFC 6647 section 2.2), pure: what to make of a tuple now.
//
// A tombstone counts as nothing. A first-seen more than five minutes ahead of `now` (the clock was
// wrong when it was written) is set to now. `observing`: nobody is being deferred, so a tuple noted
// now passes whenever it is seen after the delay and within its lifetime, for nobody retries what
// was not deferred. A record that stood for many tuples (TupleRecord::folded) counts as nothing.
Transition Advance(const std::optional<TupleRecord>& record, WallTime now, const Terms& terms,
                   bool observing);

// Only the outcome of that.
Outcome OutcomeOf(const TupleRecord& record, WallTime now, const Terms& terms);

inline constexpr Seconds kLostRetention{86400};
// True when the record means nothing any more and can be removed. Pending records are kept for a
// day beyond their window, so that people can see who never came back.
// lost_retention: how much longer.
bool IsExpired(const TupleRecord& record, WallTime now, const GreylistConfig& config,
               Seconds lost_retention = kLostRetention);

// True when a record carries times from ahead of a clock that has been set back; WithClampedTimes
// sets them to now, or the record would never expire.
bool IsFromFuture(const TupleRecord& record, WallTime now);
TupleRecord WithClampedTimes(TupleRecord record, WallTime now);

// True for a pending record whose window closed without a retry in time.
bool NeverCameBack(const TupleRecord& record, WallTime now, const GreylistConfig& config);

// The first moment at which a retry passes. REQUIRES: record.state == State::kPending
WallTime PassesAt(const TupleRecord& record, const GreylistConfig& config);

// "Last seen" is rewritten only when it moved by more than this: a known sender costs no write.
inline constexpr Seconds kLastSeenStep{3600};

}  // namespace mxward::greylist
