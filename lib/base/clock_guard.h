// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

namespace mxward {

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
