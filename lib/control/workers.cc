// SPDX-License-Identifier: Apache-2.0
#include "control/workers.h"

#include <system_error>
#include <thread>
#include <utility>

namespace mxward::control {

bool Workers::Start(std::function<void()> work) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->running >= limit_) return false;
    ++state_->running;
  }
  try {
    std::thread([state = state_, task = std::move(work)]() mutable {
      task();
      // What it held goes before it counts as over: whoever waits may take things down then.
      task = nullptr;
      state->End();
    }).detach();
  } catch (...) {
    state_->End();
    return false;
  }
  return true;
}

bool Workers::AwaitEnd(Millis limit) {
  std::unique_lock lock(state_->mutex);
  return state_->ended.wait_for(lock, limit, [this] { return state_->running == 0; });
}

}  // namespace mxward::control
