// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace mxward::limits {

// The generic cell rate algorithm (ITU-T I.371), as a virtual schedule: all that is known of a key
// is one timestamp, when everything that it has used will have been given back ("theoretical
// arrival time"). In the past it is worth nothing. Pure.

// Finer than MonoTime, so that a rate of thousands a second is still exact.
using Nanos = std::chrono::nanoseconds;
using Tat = std::chrono::time_point<std::chrono::steady_clock, Nanos>;

// `amount` in a `period`, and `burst` of them at once after a rest.
class Rate {
 public:
  // Silly values are made harmless: the least of everything is 1, and what would take longer than
  // kLongest to give back is cut.
  Rate(std::int64_t amount, Seconds period, std::int64_t burst);
  Rate(Nanos interval, std::int64_t burst);

  Nanos interval() const { return interval_; }  // after which one more is given back; at least 1 ns
  std::int64_t burst() const { return burst_; }
  Nanos full() const { return interval_ * burst_; }

  static constexpr Nanos kLongest = std::chrono::hours(24 * 365 * 100);

 private:
  Nanos interval_;
  std::int64_t burst_;
};

struct Level {
  bool over = false;      // one more is too many
  std::int64_t used = 0;  // of the burst, begun ones count in full
  Nanos wait{};           // over: until one more is allowed
};

// A clock that stands still gives nothing back. A timestamp further ahead than a full burst (the
// clock was set back, or the limit has become stricter) counts as a full burst.
Level LevelAt(Tat tat, const Rate& rate, MonoTime now);
// The timestamp with one more in it, at most a full burst.
Tat WithOneMore(Tat tat, const Rate& rate, MonoTime now);
Tat WithOneLess(Tat tat, const Rate& rate, MonoTime now);
// At most a full burst. To be kept whenever it was looked at: only so time gives back what was too
// far ahead, and denies for an interval instead of until the clock gets there.
Tat Clamped(Tat tat, const Rate& rate, MonoTime now);

}  // namespace mxward::limits
