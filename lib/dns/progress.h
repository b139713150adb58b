// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "base/clock.h"

namespace mxward::dns {

// Counts what has happened for somebody who waits for it. Shared by the waiter and those who work
// for him, so that late work finds it alive. Thread-safe.
class Progress {
 public:
  void Add() {
    {
      const std::lock_guard lock(mutex_);
      ++count_;
    }
    moved_.notify_all();
  }
  std::uint64_t count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  // Until the count is another than `seen` (true) or `limit` of real time is over.
  bool WaitPast(std::uint64_t seen, Millis limit) {
    std::unique_lock lock(mutex_);
    return moved_.wait_for(lock, limit, [&] { return count_ != seen; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable moved_;
  std::uint64_t count_ = 0;
};

}  // namespace mxward::dns
