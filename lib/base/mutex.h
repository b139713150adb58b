// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

// Annotations for clang's -Wthread-safety, which the test house.threads runs: what is GUARDED_BY a
// mutex is only touched with the mutex held, and a function that REQUIRES it is only called then.
// g++ does not know them. A lambda that is called with the mutex held says so as well:
//
//   changed_.Wait(mutex_, [this]() MXWARD_REQUIRES(mutex_) { return stop_; });
#if defined(__clang__)
#define MXWARD_THREAD_ATTRIBUTE(attribute) __attribute__((attribute))
#else
#define MXWARD_THREAD_ATTRIBUTE(attribute)
#endif
#define MXWARD_CAPABILITY(name) MXWARD_THREAD_ATTRIBUTE(capability(name))
#define MXWARD_SCOPED_CAPABILITY MXWARD_THREAD_ATTRIBUTE(scoped_lockable)
#define MXWARD_GUARDED_BY(mutex) MXWARD_THREAD_ATTRIBUTE(guarded_by(mutex))
#define MXWARD_REQUIRES(mutex) MXWARD_THREAD_ATTRIBUTE(requires_capability(mutex))
#define MXWARD_EXCLUDES(mutex) MXWARD_THREAD_ATTRIBUTE(locks_excluded(mutex))
#define MXWARD_ACQUIRE(...) MXWARD_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define MXWARD_TRY_ACQUIRE(...) MXWARD_THREAD_ATTRIBUTE(try_acquire_capability(__VA_ARGS__))
#define MXWARD_RELEASE(...) MXWARD_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
#define MXWARD_NO_THREAD_ANALYSIS MXWARD_THREAD_ATTRIBUTE(no_thread_safety_analysis)

namespace mxward {

// std::mutex, of which the compiler knows what it guards. Not recursive.
class MXWARD_CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() MXWARD_ACQUIRE() { mutex_.lock(); }
  void Unlock() MXWARD_RELEASE() { mutex_.unlock(); }
  bool TryLock() MXWARD_TRY_ACQUIRE(true) { return mutex_.try_lock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

// Holds a mutex for as long as it lives, but for what is between Unlock() and Lock().
class MXWARD_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) MXWARD_ACQUIRE(mutex) : mutex_(mutex) { mutex_.Lock(); }
  // One that is held already.
  MutexLock(Mutex& mutex, std::adopt_lock_t) MXWARD_REQUIRES(mutex) : mutex_(mutex) {}
  ~MutexLock() MXWARD_RELEASE() {
    if (held_) mutex_.Unlock();
  }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void Lock() MXWARD_ACQUIRE() {
    mutex_.Lock();
    held_ = true;
  }
  void Unlock() MXWARD_RELEASE() {
    mutex_.Unlock();
    held_ = false;
  }

 private:
  Mutex& mutex_;
  bool held_ = true;
};

// std::condition_variable for a Mutex. The predicates are called with the mutex held.
class CondVar {
 public:
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

  // Until it is notified, or for no reason at all.
  void Wait(Mutex& mutex) MXWARD_REQUIRES(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  template <class Predicate>
  void Wait(Mutex& mutex, Predicate predicate) MXWARD_REQUIRES(mutex) MXWARD_NO_THREAD_ANALYSIS {
    while (!predicate()) Wait(mutex);
  }
  // Until the predicate is true or the time is over; what the predicate said last.
  template <class Rep, class Period, class Predicate>
  bool WaitFor(Mutex& mutex, std::chrono::duration<Rep, Period> limit, Predicate predicate)
      MXWARD_REQUIRES(mutex) MXWARD_NO_THREAD_ANALYSIS {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    const bool met = condition_.wait_for(lock, limit, predicate);
    lock.release();
    return met;
  }

 private:
  std::condition_variable condition_;
};

}  // namespace mxward
