// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>

#include "base/clock.h"

namespace mxward::control {

// Threads for work that waits for somebody else, so that its caller need not. A thread is there as
// long as its work. Thread-safe; may go away before the work has ended.
class Workers {
 public:
  // At most `limit` works run at the same time.
  explicit Workers(std::size_t limit) : limit_(limit) {}

  // Runs `work`, which does not throw, on a thread of its own. False when too many run already or
  // no thread can be had: then it is not run.
  bool Start(std::function<void()> work);

  // Until no work runs any more, and all that ran is destroyed; at most `limit`. False: some still
  // run.
  bool AwaitEnd(Millis limit);

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable ended;
    std::size_t running = 0;  // guarded by mutex
    void End() {
      const std::lock_guard lock(mutex);
      --running;
      ended.notify_all();
    }
  };

  const std::size_t limit_;
  std::shared_ptr<State> state_ = std::make_shared<State>();  // shared with the threads
};

}  // namespace mxward::control
