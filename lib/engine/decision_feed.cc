// SPDX-License-Identifier: Apache-2.0
#include "engine/decision_feed.h"

#include <algorithm>
#include <utility>

namespace mxward {

void DecisionFeed::Note(const DecisionLine& line) {
  const MonoTime until = wanted_until_.load(std::memory_order_relaxed);
  if (until == MonoTime::min()) return;
  if (clock_.Monotonic() < until) {
    Item item{clock_.Now(), ShowDecision(line)};
    const MutexLock lock(mutex_);
    kept_.push_back(std::move(item));
    if (kept_.size() <= kKept) return;
    kept_.pop_front();
    ++first_;
    return;
  }
  // Nobody asks any more: nothing is kept for nobody.
  const MutexLock lock(mutex_);
  if (clock_.Monotonic() < wanted_until_.load(std::memory_order_relaxed)) return;
  wanted_until_.store(MonoTime::min(), std::memory_order_relaxed);
  first_ += kept_.size();
  kept_.clear();
  kept_.shrink_to_fit();
}

DecisionFeed::Part DecisionFeed::From(std::optional<std::uint64_t> number, std::size_t limit) {
  const MutexLock lock(mutex_);
  wanted_until_.store(clock_.Monotonic() + kWantedFor, std::memory_order_relaxed);
  Part part;
  const std::uint64_t end = first_ + kept_.size();
  std::uint64_t from = number.value_or(end);
  if (from > end) from = first_;
  if (from < first_) part.missed = first_ - std::exchange(from, first_);
  const std::uint64_t count = std::min<std::uint64_t>(limit, end - from);
  const auto begin = kept_.begin() + static_cast<std::ptrdiff_t>(from - first_);
  part.items.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
  part.next = from + count;
  part.more = part.next < end;
  return part;
}

}  // namespace mxward
