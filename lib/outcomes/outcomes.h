// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/clock_guard.h"
#include "outcomes/row.h"
#include "outcomes/summary.h"
#include "store/environment.h"
#include "store/writer.h"

namespace mxward::outcomes {

// What became of mail, by day, for `report`. Counted in memory and written in the background: a
// crash costs what was counted since the last Flush() that had something to do, kFlushEvery at
// most, and the writer's delay. What could not be written is kept. Memory and table are bounded.
// Thread-safe, but Flush() and Forget() have one caller at a time. Add() never waits; the others do
// not wait for a commit, but read.
class Outcomes {
 public:
  // All outlive it. Whoever ends it calls Flush(/*all=*/true) before.
  Outcomes(const Clock& clock, store::Environment& environment, store::Writer& writer);

  void Add(const Rows& rows);

  // Hands what has been counted to the writer when kFlushEvery has passed since the last time and
  // it is done with that; `all`: now. Removes what is older than kKeep. To be called every second
  // or more often.
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
  struct Batch {
    Rows rows;
    std::unique_ptr<store::Ticket> ticket;  // null: not yet submitted
  };
  // REQUIRES: mutex_ held
  void AddWaiting(const Key& key, const Row& row);
  bool TakeBack();
  std::vector<std::shared_ptr<Batch>> TakeWaiting();

  void RemoveOld(WallTime now);

  const Clock& clock_;
  store::Environment& environment_;
  store::Writer& writer_;
  std::mutex mutex_;
  // Below: guarded by mutex_.
  Rows waiting_;
  std::vector<std::shared_ptr<Batch>> handed_;  // to the writer
  MonoTime due_;
  ClockGuard clock_guard_;
};

}  // namespace mxward::outcomes
