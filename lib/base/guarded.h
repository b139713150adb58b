// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "base/mutex.h"

namespace mxward {

// Data together with the mutex that guards it: it cannot be touched without the lock.
//
//   Guarded<std::vector<int>> numbers;
//   numbers.Lock()->push_back(1);
//
// Keep the handle for as short as possible, and never while calling out.
template <class T>
class Guarded {
 public:
  class Handle {
   public:
    Handle(Mutex& mutex, T& value) : lock_(mutex), value_(value) {}
    T* operator->() { return &value_; }
    T& operator*() { return value_; }

   private:
    MutexLock lock_;
    T& value_;
  };

  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  Handle Lock() { return Handle(mutex_, value_); }

 private:
  Mutex mutex_;
  T value_{};
};

}  // namespace mxward
