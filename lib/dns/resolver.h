// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "base/clock.h"
#include "base/mutex.h"
#include "dns/question.h"

namespace mxward::dns {

// Counts what has happened for somebody who waits for it. Shared by the waiter and those who work
// for him, so that late work finds it alive. Thread-safe.
class Progress {
 public:
  void Add() {
    {
      const MutexLock lock(mutex_);
      ++count_;
    }
    moved_.NotifyAll();
  }
  std::uint64_t count() const {
    const MutexLock lock(mutex_);
    return count_;
  }
  // Until the count is another than `seen` (true) or `limit` of real time is over.
  bool WaitPast(std::uint64_t seen, Millis limit) {
    const MutexLock lock(mutex_);
    return moved_.WaitFor(mutex_, limit, [&]() MXWARD_REQUIRES(mutex_) { return count_ != seen; });
  }

 private:
  mutable Mutex mutex_;
  CondVar moved_;
  std::uint64_t count_ MXWARD_GUARDED_BY(mutex_) = 0;
};

// Gets the answer to one question, exactly once. from_cache: nobody was asked for it now. Brief,
// and noexcept in effect; may itself Ask(). Runs on the resolver's thread, or inside Ask() when the
// answer is known at once: hold no lock over Ask() that the callback takes.
using Callback = std::function<void(const AnswerPtr& answer, bool from_cache)>;

// Where to look.
enum class Freshness : std::uint8_t {
  kCached,       // what is known and not expired serves
  kBypassCache,  // ask, and put what comes into the cache (self-tests)
};

// Asks the DNS and remembers. The interface that scenario tests fake. Thread-safe.
class Resolver {
 public:
  virtual ~Resolver() = default;

  // What Ask() would answer at once from what is known and not expired; null when there is no such
  // answer. Who asks often and can do with it spares the callback.
  virtual AnswerPtr GetCached(const Question& /*question*/) { return nullptr; }

  // Never blocks. The callback comes within dns.deadline of this call, with kFailed when nothing
  // has answered by then; what answers later still fills the cache. Equal questions under way are
  // asked once. question.name is clean (CleanName).
  virtual void Ask(const Question& question, Freshness freshness, Callback callback) = 0;

  // Whether a server answers our own probes without an error, so that a name that cannot be looked
  // up is in trouble itself.
  virtual bool IsWell() const { return true; }

  // Until progress.count() is another than `seen` (true), or `until` has come. A fake lets its
  // clock go on instead.
  virtual bool Wait(Progress& progress, std::uint64_t seen, MonoTime until) = 0;
};

}  // namespace mxward::dns
