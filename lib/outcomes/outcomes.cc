// SPDX-License-Identifier: Apache-2.0
#include "outcomes/outcomes.h"

#include <utility>

#include "outcomes/table.h"

namespace mxward::outcomes {

Outcomes::Outcomes(const Clock& clock, store::Environment& environment, store::Writer& writer)
    : clock_(clock),
      environment_(environment),
      writer_(writer),
      due_(clock.Monotonic() + kFlushEvery) {}

void Outcomes::AddWaiting(const Key& key, const Row& row) {
  if (waiting_.size() < kMaxWaiting || waiting_.contains(key)) {
    AddTo(waiting_, key, row);
  } else {
    AddTo(waiting_, {key.day, key.kind, ""}, row);
  }
}

void Outcomes::Add(const Rows& rows) {
  if (rows.empty()) return;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, row] : rows) AddWaiting(key, row);
}

// True when the writer is done with everything.
bool Outcomes::TakeBack() {
  for (const auto& batch : handed_) {
    const auto outcome = batch->ticket ? batch->ticket->Peek() : std::nullopt;
    if (!outcome) continue;
    if (!*outcome) {
      for (const auto& [key, row] : batch->rows) AddWaiting(key, row);
    }
    batch->rows.clear();
  }
  std::erase_if(handed_, [](const auto& batch) { return batch->rows.empty(); });
  return handed_.empty();
}

std::vector<std::shared_ptr<Outcomes::Batch>> Outcomes::TakeWaiting() {
  std::vector<std::shared_ptr<Batch>> batches;
  while (!waiting_.empty()) {
    auto batch = std::make_shared<Batch>();
    while (!waiting_.empty() && batch->rows.size() < kBatch) {
      batch->rows.insert(waiting_.extract(waiting_.begin()));
    }
    batches.push_back(std::move(batch));
  }
  return batches;
}

void Outcomes::Flush(bool all) {
  const MonoTime now = clock_.Monotonic();
  const WallTime wall = clock_.Now();
  bool expire = false;
  std::vector<std::shared_ptr<Batch>> batches;
  {
    const std::lock_guard lock(mutex_);
    if (!all && now < due_) return;
    if (!TakeBack() && !all) return;
    due_ = now + kFlushEvery;
    expire = clock_guard_.InStep(wall, now);
    batches = TakeWaiting();
    handed_.insert(handed_.end(), batches.begin(), batches.end());
  }
  if (expire) RemoveOld(wall);
  std::vector<std::unique_ptr<store::Ticket>> tickets;
  tickets.reserve(batches.size());
  for (const auto& batch : batches) {
    tickets.push_back(writer_.Submit(AddRows(batch->rows), store::Urgency::kBackground));
  }
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < batches.size(); ++i) batches[i]->ticket = std::move(tickets[i]);
}

void Outcomes::RemoveOld(WallTime now) {
  const Day today = DayOf(now);
  if (today < kKeep) return;
  auto old = FindBefore(environment_, today - kKeep);
  if (!old || old->empty()) return;
  writer_.Submit(RemoveRows(*std::move(old)), store::Urgency::kBackground);
}

Result<Summary> Outcomes::Summarise(Day from, Day until) {
  Rows unwritten;
  {
    const std::lock_guard lock(mutex_);
    TakeBack();
    for (const auto& batch : handed_) {
      for (const auto& [key, row] : batch->rows) AddTo(unwritten, key, row);
    }
    for (const auto& [key, row] : waiting_) AddTo(unwritten, key, row);
  }
  Summary summary;
  for (Day day = from; day <= until; ++day) {
    // After that: what is committed in between counts twice, not never.
    auto rows = ReadDay(environment_, day);
    if (!rows) return Fail(rows.error());
    for (auto row = unwritten.lower_bound({day, Kind::kTotals, ""});
         row != unwritten.end() && row->first.day == day; ++row) {
      AddTo(*rows, row->first, row->second);
    }
    summary.AddDay(*rows);
  }
  return summary;
}

Result<std::unique_ptr<store::Ticket>> Outcomes::Forget(
    const std::function<bool(const Key& key)>& wanted) {
  std::vector<std::string> keys;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_, [&](const auto& item) { return wanted(item.first); });
    // The writer may not have come to these yet: they are removed after that.
    for (const auto& batch : handed_) {
      std::erase_if(batch->rows, [&](const auto& item) {
        if (wanted(item.first)) keys.push_back(item.first.Encode());
        return wanted(item.first);
      });
    }
  }
  auto stored = FindRows(environment_, wanted);
  if (!stored) return Fail(stored.error());
  keys.insert(keys.end(), stored->begin(), stored->end());
  return writer_.Submit(RemoveRows(std::move(keys)), store::Urgency::kPrompt);
}

}  // namespace mxward::outcomes
