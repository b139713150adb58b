// SPDX-License-Identifier: Apache-2.0
#include "outcomes/outcomes.h"

#include <string>
#include <string_view>
#include <utility>

#include "outcomes/table.h"

namespace mxward::outcomes {
namespace {

// Keys begin with their day: behind the first row that is kept nothing goes.
store::ExpiryPass::Fate FateOf(std::string_view bytes, std::string_view /*value*/, WallTime now,
                               bool trusted) {
  using Fate = store::ExpiryPass::Fate;
  if (!trusted) return Fate::kLastOne;
  const auto key = Key::Decode(bytes);
  return key && key->day + Outcomes::kKeep >= DayOf(now) ? Fate::kLastOne : Fate::kGoes;
}

}  // namespace

Outcomes::Outcomes(const Clock& clock, store::Environment& environment, store::Writer& writer)
    : clock_(clock),
      environment_(environment),
      writer_(writer),
      waiting_(writer, {.every = kFlushEvery, .per_operation = kBatch, .most_waiting = kMaxWaiting},
               clock.Monotonic()),
      expiry_(
          environment, writer,
          {{store::Table::kOutcomes, FateOf,
            [](std::vector<std::string> keys, WallTime) { return RemoveRows(std::move(keys)); }}}),
      expiry_due_(clock.Monotonic() + kFlushEvery) {}

void Outcomes::Add(const Rows& rows) {
  for (const auto& item : rows) {
    waiting_.Update(item.first,
                    [&](Row& waiting, bool) { waiting.Add(item.first.kind, item.second); });
  }
}

void Outcomes::Flush(bool all) {
  const MonoTime now = clock_.Monotonic();
  waiting_.Flush(now, all, []() -> Buffer::Write {
    return [](store::WriteTransaction& transaction, const Buffer::Items& items) {
      return AddRows(transaction, items);
    };
  });
  // Another thread that flushes is at it, and may be waiting for the disk.
  if (!expiry_mutex_.TryLock()) return;
  const MutexLock lock(expiry_mutex_, std::adopt_lock);
  if (!all && now < expiry_due_) return;
  expiry_due_ = now + kFlushEvery;
  expiry_.Step(clock_.Now(), now);
}

Result<Summary> Outcomes::Summarise(Day from, Day until) {
  const Rows unwritten = waiting_.Unwritten();
  Summary summary;
  for (Day day = from; day <= until; ++day) {
    // After that: what is committed in between counts twice, not never.
    MXWARD_TRY(auto rows, ReadDay(environment_, day));
    for (auto row = unwritten.lower_bound({day, Kind::kTotals, ""});
         row != unwritten.end() && row->first.day == day; ++row) {
      AddTo(rows, row->first, row->second);
    }
    summary.AddDay(rows);
  }
  return summary;
}

Result<std::unique_ptr<store::Ticket>> Outcomes::Forget(
    const std::function<bool(const Key& key)>& wanted) {
  std::vector<std::string> keys;
  // The writer may have written these, or be about to.
  for (const Key& key : waiting_.ForgetIf(wanted)) keys.push_back(key.Encode());
  MXWARD_TRY(auto stored, FindRows(environment_, wanted));
  keys.insert(keys.end(), stored.begin(), stored.end());
  return writer_.Submit(RemoveRows(std::move(keys)), store::Priority::kHigh);
}

}  // namespace mxward::outcomes
