// SPDX-License-Identifier: Apache-2.0
#include "greylist/state.h"

#include <algorithm>
#include <limits>

#include "base/clock_guard.h"

namespace mxward::greylist {
namespace {

std::uint16_t Increment(std::uint16_t count) {
  return count == std::numeric_limits<std::uint16_t>::max() ? count
                                                            : static_cast<std::uint16_t>(count + 1);
}

// How long a pending record can still pass.
Seconds Window(const TupleRecord& record, const GreylistConfig& config) {
  return record.observed ? config.lifetime : config.retry_window;
}

Transition Start(const std::optional<TupleRecord>& record, Outcome outcome, WallTime now,
                 Seconds delay) {
  Transition result;
  result.outcome = outcome;
  result.remaining = delay;
  if (record) result.next = *record;
  result.next.state = State::kPending;
  result.next.folded = false;
  result.next.first_seen = now;
  result.next.last_seen = now;
  result.next.passed_at = {};
  result.next.tries = 1;
  result.next.passes = 0;
  result.write = true;
  return result;
}

bool IsAhead(WallTime time, WallTime now) { return time > now + kFutureTolerance; }

// Not expired.
Transition AdvancePending(const TupleRecord& record, WallTime now, Seconds delay, bool observing) {
  Transition result;
  result.next = record;
  result.next.last_seen = now;
  if (IsAhead(record.first_seen, now)) result.next.first_seen = now;
  result.write = true;
  const Seconds age = Age(record.first_seen, now);
  result.outcome = age < delay ? Outcome::kEarly : Outcome::kPassed;
  if (result.outcome == Outcome::kEarly) {
    result.remaining = delay - age;
    result.next.tries = Increment(record.tries);
    // The first real deferral makes it a real tuple.
    result.next.observed = record.observed && observing;
    return result;
  }
  result.waited = age;
  result.next.state = State::kPassed;
  result.next.passed_at = now;
  result.next.passes = 1;
  return result;
}

Transition AdvanceKnown(const TupleRecord& record, WallTime now) {
  Transition result;
  result.outcome = Outcome::kKnown;
  result.next = record;
  if (IsAhead(record.last_seen, now) || Age(record.last_seen, now) > kLastSeenStep) {
    result.write = true;
    result.next.last_seen = now;
    result.next.passes = Increment(record.passes);
  }
  return result;
}

}  // namespace

Outcome OutcomeOf(const TupleRecord& record, WallTime now, const Terms& terms) {
  if (record.folded) return Outcome::kNew;
  switch (record.state) {
    case State::kPending: {
      const Seconds age = Age(record.first_seen, now);
      if (age > Window(record, terms.config)) return Outcome::kExpired;
      return age < terms.delay ? Outcome::kEarly : Outcome::kPassed;
    }
    case State::kPassed:
      return Age(record.last_seen, now) > terms.config.lifetime ? Outcome::kExpired
                                                                : Outcome::kKnown;
    case State::kForgotten:
      break;
  }
  return Outcome::kNew;
}

Transition Advance(const std::optional<TupleRecord>& record, WallTime now, const Terms& terms,
                   bool observing) {
  const Outcome outcome = record ? OutcomeOf(*record, now, terms) : Outcome::kNew;
  switch (outcome) {
    case Outcome::kNew:
    case Outcome::kExpired:
      break;
    case Outcome::kEarly:
    case Outcome::kPassed:
      return AdvancePending(*record, now, terms.delay, observing);
    case Outcome::kKnown:
      return AdvanceKnown(*record, now);
  }
  Transition result = Start(record, outcome, now, terms.delay);
  result.next.observed = observing;
  return result;
}

bool IsExpired(const TupleRecord& record, WallTime now, const GreylistConfig& config,
               Seconds lost_retention) {
  if (record.folded) return true;
  switch (record.state) {
    case State::kPending:
      return now - record.first_seen > Window(record, config) + lost_retention;
    case State::kPassed:
      return now - record.last_seen > config.lifetime;
    case State::kForgotten:
      // Long enough for every other host to have heard of it.
      return now - record.last_seen > std::max(config.lifetime, config.retry_window);
  }
  return false;
}

bool IsFromFuture(const TupleRecord& record, WallTime now) {
  return std::max(record.first_seen, record.last_seen) > now + kFutureTolerance;
}

TupleRecord WithClampedTimes(TupleRecord record, WallTime now) {
  record.first_seen = std::min(record.first_seen, now);
  record.last_seen = std::min(record.last_seen, now);
  record.passed_at = std::min(record.passed_at, now);
  return record;
}

bool NeverCameBack(const TupleRecord& record, WallTime now, const GreylistConfig& config) {
  return record.state == State::kPending && !record.observed && !record.folded &&
         now - record.first_seen > Window(record, config);
}

WallTime PassesAt(const TupleRecord& record, const GreylistConfig& config) {
  return record.first_seen + config.delay;
}

}  // namespace mxward::greylist
