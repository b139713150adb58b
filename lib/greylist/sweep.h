// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/siphash.h"
#include "config/config.h"
#include "greylist/pending_counts.h"
#include "greylist/table.h"
#include "store/environment.h"
#include "store/expiry.h"
#include "store/writer.h"

namespace mxward::greylist {

// Removes what has expired (store::ExpiryPass). Records from the future are set to now, or they
// would stay for ever. On its way it recounts the pending tuples of each client. Used by one
// thread.
class Sweep {
 public:
  // lost: of tuples that never came back, when they are removed; may be empty.
  Sweep(store::Environment& environment, store::Writer& writer, PendingCounts& pending,
        ExpiredUnretriedCallback lost = {});

  // One slice. True when the whole store has been walked through, or could not be read: the next
  // call starts over, and the totals of a walk that failed are not taken over. Nothing is removed
  // while the clock is not trusted, but it is still counted. lost_retention: how long tuples that
  // never came back are kept; less where room is short.
  bool Step(const std::shared_ptr<const Config>& config, WallTime now, MonoTime monotonic,
            Seconds lost_retention = kLostRetention);

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

 private:
  using Fate = store::ExpiryPass::Fate;
  Fate JudgeTuple(std::string_view value, WallTime now, bool trusted);
  Fate JudgeFolded(std::string_view key, std::string_view value, WallTime now, bool trusted);
  Fate JudgeAutoAllow(std::string_view value, WallTime now, bool trusted);

  const HashKey& hash_key_;
  PendingCounts& pending_;
  const ExpiredUnretriedCallback lost_;
  // Of the step under way.
  std::shared_ptr<const Config> config_;
  Seconds keep_lost_ = kLostRetention;
  store::ExpiryPass pass_;
  Totals totals_;
  Totals counting_;
};

}  // namespace mxward::greylist
