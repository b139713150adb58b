// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

namespace mxward {

WallTime RealClock::Now() const {
  return std::chrono::floor<Seconds>(std::chrono::system_clock::now());
}

MonoTime RealClock::Monotonic() const {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::steady_clock::now());
}

}  // namespace mxward
