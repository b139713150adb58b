// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock_guard.h"
#include "config/config.h"
#include "greylist/pending_counts.h"
#include "greylist/table.h"
#include "store/environment.h"
#include "store/writer.h"

namespace mxward::greylist {

// Removes what has expired, in slices: each step reads at most kSlice records and submits at most a
// hundred deletions, because one big delete transaction would cost every later commit (LMDB's
// freelist). Records from the future are set to now, or they would stay for ever. On its way it
// recounts the pending tuples of each client. Used by one thread.
class Sweep {
 public:
  // lost: of tuples that never came back, when they are removed; may be empty.
  Sweep(store::Environment& environment, store::Writer& writer, PendingCounts& pending,
        LostSink lost = {})
      : environment_(environment), writer_(writer), pending_(pending), lost_(std::move(lost)) {}

  // One slice. True when the whole store has been walked through, or could not be read: the next
  // call begins anew, and the totals of a walk that failed are not taken over. Nothing is removed
  // while the clock is not trusted, but it is still counted. keep_lost: how long tuples that never
  // came back are kept; less where room is short.
  bool Step(const std::shared_ptr<const Config>& config, WallTime now, MonoTime monotonic,
            Seconds keep_lost = kKeepLost);

  struct Totals {
    std::uint64_t pending = 0;  // as of the last complete sweep
    std::uint64_t passed = 0;
    std::uint64_t folded = 0;  // pending as well, without a record of their own
    std::uint64_t earned = 0;
    std::uint64_t sweeps = 0;
    std::uint64_t expired = 0;          // since start
    std::uint64_t never_came_back = 0;  // of those, pending ones
  };
  const Totals& totals() const { return totals_; }

  static constexpr std::size_t kSlice = 1000;
  static constexpr std::size_t kDeletions = 100;

 private:
  enum class Slice : std::uint8_t { kMore, kDone, kFailed };
  Slice StepTuples(const std::shared_ptr<const Config>& config, WallTime now, bool expire);
  Slice StepFolded(const std::shared_ptr<const Config>& config, WallTime now, bool expire);
  Slice StepEarned(const std::shared_ptr<const Config>& config, WallTime now, bool expire);
  // Visits one slice of table_ and collects the keys of the records that are to be tidied up.
  using IsStale = std::function<bool(std::string_view key, std::string_view bytes)>;
  Slice Visit(const IsStale& is_stale, std::vector<std::string>& stale);

  store::Environment& environment_;
  store::Writer& writer_;
  PendingCounts& pending_;
  const LostSink lost_;
  Seconds keep_lost_ = kKeepLost;
  ClockGuard clock_guard_;
  store::Table table_ = store::Table::kTuples;
  bool fresh_ = true;
  std::string next_;
  Totals totals_;
  Totals counting_;
};

}  // namespace mxward::greylist
