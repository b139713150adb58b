// SPDX-License-Identifier: Apache-2.0
#include "base/share_window.h"

#include <algorithm>
#include <iterator>

namespace mxward {

void ShareWindow::Add(std::uint64_t thing, bool has, MonoTime now) {
  Expire(now);
  const auto known = places_.find(thing);
  if (known == places_.end() && by_age_.size() >= capacity_) return;
  // Callers read the clock before they come to hold their lock: keep the list in its order.
  if (!by_age_.empty()) now = std::max(now, by_age_.back().at);
  if (known == places_.end()) {
    by_age_.push_back({thing, now, has});
    places_.emplace(thing, std::prev(by_age_.end()));
    having_ += has ? 1 : 0;
    return;
  }
  Seen& seen = *known->second;
  having_ -= seen.has ? 1 : 0;
  having_ += has ? 1 : 0;
  seen.at = now;
  seen.has = has;
  by_age_.splice(by_age_.end(), by_age_, known->second);
}

ShareWindow::Share ShareWindow::Get(MonoTime now) {
  Expire(now);
  return {by_age_.size(), having_};
}

void ShareWindow::Clear() {
  by_age_.clear();
  places_.clear();
  having_ = 0;
}

void ShareWindow::Expire(MonoTime now) {
  while (!by_age_.empty() && now - by_age_.front().at >= span_) {
    having_ -= by_age_.front().has ? 1 : 0;
    places_.erase(by_age_.front().thing);
    by_age_.pop_front();
  }
}

}  // namespace mxward
