// SPDX-License-Identifier: Apache-2.0
#include "base/clock_guard.h"

#include <chrono>

namespace mxward {
namespace {

constexpr std::chrono::minutes kTrustAfter{10};
// Slewing (adjtime) stays well below this between two looks; a step does not.
constexpr Seconds kStep{5};

}  // namespace

bool ClockGuard::InStep(WallTime now, MonoTime monotonic) {
  const auto offset =
      now.time_since_epoch() - std::chrono::floor<Seconds>(monotonic.time_since_epoch());
  const auto drift = offset - offset_;
  if (!started_ || drift > kStep || drift < -kStep) {
    started_ = true;
    since_ = monotonic;
  }
  offset_ = offset;
  return monotonic - since_ >= kTrustAfter;
}

}  // namespace mxward
