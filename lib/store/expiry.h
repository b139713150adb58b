// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/clock_guard.h"
#include "store/environment.h"
#include "store/writer.h"

namespace mxward::store {

// Removes from tables what has expired, in slices: each step reads at most kSlice records and
// submits at most kDeletions of them in one background operation, because one big transaction of
// deletions would cost every later commit (LMDB's freelist). Used by one thread.
class ExpiryPass {
 public:
  enum class Fate : std::uint8_t {
    kStays,
    kGoes,     // its key is given to `remove`
    kLastOne,  // it stays, and so do all after it in this table
  };
  struct Rule {
    Table table;
    // Called for each record, in the order of the keys. Not `trusted`: the wall clock may be wrong
    // (ClockGuard), and nothing may go for its age; records are shown all the same, for those who
    // count them.
    std::function<Fate(std::string_view key, std::string_view value, WallTime now, bool trusted)>
        judge;
    // Removes these, or whatever has to be done about them. By then they may have changed, so it
    // judges once more.
    std::function<Operation(std::vector<std::string> keys, WallTime now)> remove;
  };

  // All outlive it. rules: the tables, one after the other.
  ExpiryPass(Environment& environment, Writer& writer, std::vector<Rule> rules);

  enum class Progress : std::uint8_t {
    kMore,
    kDone,    // all tables have been walked through; the next step starts over
    kFailed,  // a table could not be read; the next step starts over
  };
  // One slice.
  Progress Step(WallTime now, MonoTime monotonic);
  // The next step is the first of a pass.
  bool at_start() const { return rule_ == 0 && next_.empty(); }

  static constexpr std::size_t kSlice = 1000;
  static constexpr std::size_t kDeletions = 100;

 private:
  void StartOver();

  Environment& environment_;
  Writer& writer_;
  const std::vector<Rule> rules_;
  ClockGuard clock_guard_;
  std::size_t rule_ = 0;
  std::string next_;  // the key to go on from; empty: the table's first
};

// Several passes, one after the other, and then a rest. Used by one thread.
class ExpiryRound {
 public:
  // One slice of a pass; true when the pass is over.
  using Step = std::function<bool(WallTime now, MonoTime monotonic)>;
  ExpiryRound(std::vector<Step> passes, Millis rest);

  // At most one slice; none while it rests. True when this slice ended the round.
  bool TakeStep(WallTime now, MonoTime monotonic);

 private:
  const std::vector<Step> passes_;
  const Millis rest_;
  std::size_t pass_ = 0;
  MonoTime again_ = MonoTime::min();
};

}  // namespace mxward::store
