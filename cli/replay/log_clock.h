// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace mxward::cli {

// The time of the log that is replayed: it goes on when somebody tells it to, and never back. Wall
// and monotonic clock go alike. One thread moves it, any reads it.
class LogClock : public Clock {
 public:
  WallTime Now() const override { return WallTime(Seconds(seconds_.load())); }
  MonoTime Monotonic() const override { return MonoTime(Seconds(seconds_.load())); }

  void AdvanceTo(WallTime time) {
    seconds_.store(std::max(seconds_.load(), time.time_since_epoch().count()));
  }

 private:
  // Not 0, which is what a forgotten MonoTime holds.
  std::atomic<std::int64_t> seconds_{86400};
};

}  // namespace mxward::cli
