// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/mutex.h"
#include "outcomes/row.h"
#include "outcomes/summary.h"
#include "store/environment.h"
#include "store/expiry.h"
#include "store/write_behind.h"
#include "store/writer.h"

namespace mxward::outcomes {

// What became of mail, by day, for `report`. Counted in memory and written in the background
// (store::WriteBehind): a crash costs what was counted since the last Flush() that had something to
// do, kFlushEvery at most, and the writer's delay. Memory and table are bounded. Thread-safe. Add()
// never waits; the others do not wait for a commit, but read.
class Outcomes {
 public:
  // All outlive it. Flush(/*all=*/true) has to be called before its end.
  Outcomes(const Clock& clock, store::Environment& environment, store::Writer& writer);

  void Add(const Rows& rows);

  // Hands what has been counted to the writer when kFlushEvery has passed since the last time and
  // it is done with that; `all`: now. Every kFlushEvery, or with `all`, it removes some of what is
  // older than kKeep. To be called every second or more often.
  void Flush(bool all = false);

  // These days, from..until, what is not yet written included. For the instant in which that is
  // being committed it may count twice.
  Result<Summary> Summarise(Day from, Day until);

  // Removes the rows that `wanted` is true for, written or not.
  Result<std::unique_ptr<store::Ticket>> Forget(const std::function<bool(const Key& key)>& wanted);

  static constexpr Seconds kFlushEvery{10};
  static constexpr Day kKeep = 35;
  static constexpr std::size_t kMaxWaiting = 2048;  // rows
  // Rows an operation: deferrals wait for a commit in which up to 32 operations ride along.
  static constexpr std::size_t kBatch = 20;

 private:
  struct ByRow {
    static void Add(const Key& key, Row& earlier, const Row& later) {
      earlier.Add(key.kind, later);
    }
    static std::optional<Key> Overflow(const Key& key) { return Key{key.day, key.kind, ""}; }
  };
  using Buffer = store::WriteBehind<Rows, ByRow>;

  const Clock& clock_;
  store::Environment& environment_;
  store::Writer& writer_;
  Buffer waiting_;
  Mutex expiry_mutex_;
  store::ExpiryPass expiry_ MXWARD_GUARDED_BY(expiry_mutex_);
  MonoTime expiry_due_ MXWARD_GUARDED_BY(expiry_mutex_);
};

}  // namespace mxward::outcomes
