// SPDX-License-Identifier: Apache-2.0
#include "base/thread.h"

#include <utility>

namespace mxward {

Thread::~Thread() {
  if (thread_.joinable()) thread_.join();
}

void Thread::Start(std::function<void()> work) {
  thread_ = std::thread([this, work = std::move(work)] {
    work();
    const MutexLock lock(mutex_);
    has_ended_ = true;
    ended_.NotifyAll();
  });
}

bool Thread::Join(Millis limit) {
  if (!thread_.joinable()) return true;
  {
    const MutexLock lock(mutex_);
    const bool ended =
        ended_.WaitFor(mutex_, limit, [this]() MXWARD_REQUIRES(mutex_) { return has_ended_; });
    if (!ended) return false;
  }
  thread_.join();
  return true;
}

}  // namespace mxward
