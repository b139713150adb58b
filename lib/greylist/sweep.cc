// SPDX-License-Identifier: Apache-2.0
#include "greylist/sweep.h"

#include <utility>
#include <vector>

#include "greylist/table.h"
#include "store/scan_slice.h"

namespace mxward::greylist {

bool Sweep::Step(const std::shared_ptr<const Config>& config, WallTime now, MonoTime monotonic,
                 Seconds keep_lost) {
  keep_lost_ = keep_lost;
  using store::Table;
  const bool expire = clock_guard_.InStep(now, monotonic);
  if (fresh_) {
    fresh_ = false;
    counting_ = totals_;
    counting_.pending = counting_.passed = counting_.folded = counting_.earned = 0;
    pending_.BeginRecount();
  }
  const Slice slice = table_ == Table::kTuples   ? StepTuples(config, now, expire)
                      : table_ == Table::kFolded ? StepFolded(config, now, expire)
                                                 : StepEarned(config, now, expire);
  if (slice == Slice::kMore) return false;
  next_.clear();
  if (slice == Slice::kDone && table_ != Table::kEarned) {
    table_ = table_ == Table::kTuples ? Table::kFolded : Table::kEarned;
    return false;
  }
  if (slice == Slice::kDone) {
    pending_.FinishRecount();
    ++counting_.sweeps;
    totals_ = counting_;
  }
  table_ = Table::kTuples;
  fresh_ = true;
  return true;
}

Sweep::Slice Sweep::Visit(const IsStale& is_stale, std::vector<std::string>& stale) {
  auto next = store::ScanSlice(environment_, table_, next_, kSlice,
                               [&](std::string_view key, std::string_view value) {
                                 if (is_stale(key, value)) stale.emplace_back(key);
                                 return stale.size() < kDeletions;
                               });
  if (!next) return Slice::kFailed;
  if (!*next) return Slice::kDone;
  next_ = **next;
  return Slice::kMore;
}

Sweep::Slice Sweep::StepTuples(const std::shared_ptr<const Config>& config, WallTime now,
                               bool expire) {
  std::vector<std::string> stale;
  const Slice slice = Visit(
      [&](std::string_view /*key*/, std::string_view bytes) {
        const auto record = TupleRecord::Decode(bytes);
        if (!record || record->folded ||
            (expire && IsExpired(*record, now, config->greylist, keep_lost_))) {
          ++counting_.expired;
          if (record && NeverCameBack(*record, now, config->greylist)) ++counting_.never_came_back;
          return true;
        }
        if (record->state == State::kPending) {
          ++counting_.pending;
          pending_.Recount(
              {record->holder(environment_.hash_key()), PendingCounts::RoomOf(bytes.size())});
        } else if (record->state == State::kPassed) {
          ++counting_.passed;
        }
        return expire && IsFromFuture(*record, now);
      },
      stale);
  if (!stale.empty()) {
    writer_.Submit(ExpireTuples(std::move(stale), now, config, lost_, keep_lost_),
                   store::Urgency::kBackground);
  }
  return slice;
}

Sweep::Slice Sweep::StepFolded(const std::shared_ptr<const Config>& config, WallTime now,
                               bool expire) {
  std::vector<std::string> stale;
  const Slice slice = Visit(
      [&](std::string_view key_bytes, std::string_view bytes) {
        const auto key = FoldedKey::Decode(key_bytes);
        const auto block = FoldedBlock::Decode(bytes);
        if (!key || !block || (expire && IsExpired(*block, now, config->greylist))) return true;
        counting_.folded += block->tuples.size();
        if (!block->tuples.empty()) {
          pending_.Recount(
              PendingCounts::ShareOf(*key, *block, bytes.size(), environment_.hash_key()));
        }
        return expire && IsFromFuture(*block, now);
      },
      stale);
  if (!stale.empty()) {
    writer_.Submit(ExpireFolded(std::move(stale), now, config), store::Urgency::kBackground);
  }
  return slice;
}

Sweep::Slice Sweep::StepEarned(const std::shared_ptr<const Config>& config, WallTime now,
                               bool expire) {
  std::vector<std::string> stale;
  const Slice slice = Visit(
      [&](std::string_view /*key*/, std::string_view bytes) {
        const auto record = EarnedRecord::Decode(bytes);
        if (!record || (expire && IsExpired(*record, now, config->greylist))) return true;
        if (!record->forgotten) ++counting_.earned;
        return expire && IsFromFuture(*record, now);
      },
      stale);
  if (!stale.empty()) {
    writer_.Submit(ExpireEarned(std::move(stale), now, config), store::Urgency::kBackground);
  }
  return slice;
}

}  // namespace mxward::greylist
