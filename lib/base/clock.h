// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace mxward {

using Seconds = std::chrono::seconds;
using Millis = std::chrono::milliseconds;

// Wall time, as kept in records and shown to people.
using WallTime = std::chrono::sys_seconds;
// Monotonic time, for waits, deadlines and limits.
using MonoTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::microseconds>;

// The only source of time. Tests crank a fake one by hand; only clock.cc reads the real one.
// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime Now() const = 0;
  virtual MonoTime Monotonic() const = 0;
};

class RealClock : public Clock {
 public:
  WallTime Now() const override;
  MonoTime Monotonic() const override;
};

}  // namespace mxward
