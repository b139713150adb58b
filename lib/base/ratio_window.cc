// SPDX-License-Identifier: Apache-2.0
#include "base/ratio_window.h"

#include <algorithm>
#include <iterator>

namespace mxward {

void RatioWindow::Add(std::uint64_t id, bool positive, MonoTime now) {
  Expire(now);
  const auto known = places_.find(id);
  if (known == places_.end() && by_age_.size() >= capacity_) return;
  // Callers read the clock before they come to hold their lock: keep the list in its order.
  if (!by_age_.empty()) now = std::max(now, by_age_.back().at);
  if (known == places_.end()) {
    by_age_.push_back({id, now, positive});
    places_.emplace(id, std::prev(by_age_.end()));
    positives_ += positive ? 1 : 0;
    return;
  }
  Seen& seen = *known->second;
  positives_ -= seen.positive ? 1 : 0;
  positives_ += positive ? 1 : 0;
  seen.at = now;
  seen.positive = positive;
  by_age_.splice(by_age_.end(), by_age_, known->second);
}

RatioWindow::Share RatioWindow::Get(MonoTime now) {
  Expire(now);
  return {by_age_.size(), positives_};
}

void RatioWindow::Clear() {
  by_age_.clear();
  places_.clear();
  positives_ = 0;
}

void RatioWindow::Expire(MonoTime now) {
  while (!by_age_.empty() && now - by_age_.front().at >= span_) {
    positives_ -= by_age_.front().positive ? 1 : 0;
    places_.erase(by_age_.front().id);
    by_age_.pop_front();
  }
}

}  // namespace mxward
