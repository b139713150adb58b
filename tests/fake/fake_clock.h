// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace mxward {

// A clock that stands still until it is told otherwise. Thread-safe.
class FakeClock : public Clock {
 public:
  // Monday, 5 January 2026, 00:00:00 UTC: a day that no test depends on.
  static constexpr WallTime kStart{Seconds(1767571200)};

  explicit FakeClock(WallTime start = kStart)
      : wall_ms_(std::chrono::duration_cast<Millis>(start.time_since_epoch()).count()) {}

  WallTime Now() const override {
    return std::chrono::floor<Seconds>(
        std::chrono::sys_time<Millis>(Millis(wall_ms_.load(std::memory_order_relaxed))));
  }
  MonoTime Monotonic() const override {
    return MonoTime(Millis(monotonic_ms_.load(std::memory_order_relaxed)));
  }

  // Time passes: both clocks move.
  void Advance(Millis by) {
    wall_ms_.fetch_add(by.count());
    monotonic_ms_.fetch_add(by.count());
  }
  // Somebody sets the wall clock; the monotonic one knows nothing of it.
  void StepWall(Millis by) { wall_ms_.fetch_add(by.count()); }

 private:
  std::atomic<std::int64_t> wall_ms_;
  // Any start but 0, which is what a forgotten MonoTime holds.
  std::atomic<std::int64_t> monotonic_ms_{1000000};
};

}  // namespace mxward
