// SPDX-License-Identifier: Apache-2.0
#include "greylist/sweep.h"

#include <string>
#include <utility>
#include <vector>

#include "greylist/table.h"

namespace mxward::greylist {

using store::Table;

Sweep::Sweep(store::Environment& environment, store::Writer& writer, PendingCounts& pending,
             ExpiredUnretriedCallback lost)
    : hash_key_(environment.hash_key()),
      pending_(pending),
      lost_(std::move(lost)),
      pass_(environment, writer,
            {{Table::kTuples,
              [this](std::string_view /*key*/, std::string_view value, WallTime now, bool trusted) {
                return JudgeTuple(value, now, trusted);
              },
              [this](std::vector<std::string> keys, WallTime now) {
                return ExpireTuples(std::move(keys), now, config_, lost_, keep_lost_);
              }},
             {Table::kFolded,
              [this](std::string_view key, std::string_view value, WallTime now, bool trusted) {
                return JudgeFolded(key, value, now, trusted);
              },
              [this](std::vector<std::string> keys, WallTime now) {
                return ExpireFolded(std::move(keys), now, config_);
              }},
             {Table::kEarned,
              [this](std::string_view /*key*/, std::string_view value, WallTime now, bool trusted) {
                return JudgeAutoAllow(value, now, trusted);
              },
              [this](std::vector<std::string> keys, WallTime now) {
                return ExpireAutoAllows(std::move(keys), now, config_);
              }}}) {}

bool Sweep::Step(const std::shared_ptr<const Config>& config, WallTime now, MonoTime monotonic,
                 Seconds lost_retention) {
  config_ = config;
  keep_lost_ = lost_retention;
  if (pass_.at_start()) {
    counting_ = totals_;
    counting_.pending = counting_.passed = counting_.folded = counting_.earned = 0;
    pending_.BeginRecount();
  }
  const auto progress = pass_.Step(now, monotonic);
  if (progress == store::ExpiryPass::Progress::kDone) {
    pending_.FinishRecount();
    ++counting_.sweeps;
    totals_ = counting_;
  }
  return progress != store::ExpiryPass::Progress::kMore;
}

Sweep::Fate Sweep::JudgeTuple(std::string_view value, WallTime now, bool trusted) {
  const auto record = TupleRecord::Decode(value);
  if (!record || record->folded ||
      (trusted && IsExpired(*record, now, config_->greylist, keep_lost_))) {
    ++counting_.expired;
    if (record && NeverCameBack(*record, now, config_->greylist)) ++counting_.never_came_back;
    return Fate::kGoes;
  }
  if (record->state == State::kPending) {
    ++counting_.pending;
    pending_.Recount({record->holder(hash_key_), PendingCounts::RoomOf(value.size())});
  } else if (record->state == State::kPassed) {
    ++counting_.passed;
  }
  return trusted && IsFromFuture(*record, now) ? Fate::kGoes : Fate::kStays;
}

Sweep::Fate Sweep::JudgeFolded(std::string_view key, std::string_view value, WallTime now,
                               bool trusted) {
  const auto folded = FoldedKey::Decode(key);
  const auto block = FoldedBlock::Decode(value);
  if (!folded || !block || (trusted && IsExpired(*block, now, config_->greylist))) {
    return Fate::kGoes;
  }
  counting_.folded += block->tuples.size();
  if (!block->tuples.empty()) {
    pending_.Recount(PendingCounts::ShareOf(*folded, *block, value.size(), hash_key_));
  }
  return trusted && IsFromFuture(*block, now) ? Fate::kGoes : Fate::kStays;
}

Sweep::Fate Sweep::JudgeAutoAllow(std::string_view value, WallTime now, bool trusted) {
  const auto record = AutoAllowRecord::Decode(value);
  if (!record || (trusted && IsExpired(*record, now, config_->greylist))) return Fate::kGoes;
  if (!record->forgotten) ++counting_.earned;
  return trusted && IsFromFuture(*record, now) ? Fate::kGoes : Fate::kStays;
}

}  // namespace mxward::greylist
