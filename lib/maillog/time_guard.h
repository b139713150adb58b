// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "base/clock.h"

namespace mxward::maillog {

// Whether the time of a line can be believed. A broken line must not carry the time of the log
// years ahead, where everything that waits is over. So a leap by more than a day is believed only
// once the next line confirms it; the first one is lost.
class TimeGuard {
 public:
  bool Believes(WallTime time) {
    const bool leaps = began_ && time - last_ > kLeap;
    if (leaps &&
        !(doubted_ != WallTime() && time >= doubted_ - kLeap && time <= doubted_ + kLeap)) {
      doubted_ = time;
      return false;
    }
    doubted_ = {};
    began_ = true;
    if (time > last_) last_ = time;
    return true;
  }

  static constexpr std::chrono::hours kLeap{24};

 private:
  bool began_ = false;
  WallTime last_{};
  WallTime doubted_{};
};

}  // namespace mxward::maillog
