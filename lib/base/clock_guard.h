// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "base/clock.h"

namespace mxward {

// How long ago. A time from ahead of a clock that has been set back counts as now.
inline Seconds Age(WallTime then, WallTime now) { return std::max(now - then, Seconds(0)); }
// A record with a time further ahead than this was written while the clock was wrong.
inline constexpr Seconds kFutureTolerance{300};

// Whether the wall clock can be trusted to expire by: it has kept step with the monotonic clock for
// ten minutes. After a boot with a wrong clock, or a step, everything would look stale, or nothing.
// Used by one thread.
class ClockGuard {
 public:
  bool InStep(WallTime now, MonoTime monotonic);

 private:
  bool started_ = false;
  MonoTime since_{};  // the clocks have kept step from here on
  Seconds offset_{};  // wall minus monotonic then
};

}  // namespace mxward
