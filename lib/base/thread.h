// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <thread>

#include "base/clock.h"
#include "base/mutex.h"

namespace mxward {

// A thread, and the one way to stop it: its owner makes the work end (by a flag, an event), and
// then calls Join() with a limit. A thread is never detached. One that does not end in time goes
// on, and the destructor waits for it, however long; so nothing that it uses goes away under it. A
// program that must not wait, as the daemon, destroys nothing and ends by _exit().
//
// Be the last member of the owner, so that the thread ends before the other members go. Start(),
// Join() and the destructor are for one thread at a time.
class Thread {
 public:
  Thread() = default;
  ~Thread();
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  // REQUIRES: it has not been started
  void Start(std::function<void()> work);
  // Started, and not yet joined.
  bool joinable() const { return thread_.joinable(); }
  // Until the work has ended; at most `limit`. False: it goes on. True at once where there is
  // nothing to wait for.
  bool Join(Millis limit);

 private:
  std::thread thread_;
  Mutex mutex_;
  CondVar ended_;
  bool has_ended_ MXWARD_GUARDED_BY(mutex_) = false;
};

}  // namespace mxward
