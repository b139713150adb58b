// SPDX-License-Identifier: Apache-2.0
#include "engine/shares.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace mxward {

Shares::PlacePtr Shares::Enter(const IpAddress& client, MonoTime now,
                               std::function<void()> on_lost) {
  auto place = std::make_shared<Place>();
  place->since_ = now;
  place->on_lost_ = std::move(on_lost);
  const Prefix narrow(client, client.is_v4() ? 24 : 48);
  const Prefix wide(client, client.is_v4() ? 16 : 32);
  PlacePtr loser;
  {
    const MutexLock lock(mutex_);
    const auto holder = narrow_.find(narrow);
    if (holder != narrow_.end() && holder->second >= limits_.most_of_one) {
      loser = LongestOf(holder);
    } else if (places_.size() >= limits_.most) {
      loser = OfLargest();
    }
    if (loser != nullptr) {
      if (loser->wide_->first == wide && now - loser->since_ < limits_.least_hold) return nullptr;
      Remove(*loser);
      loser->lost_ = true;
    }
    places_.push_back(place);
    place->at_ = std::prev(places_.end());
    place->narrow_ = narrow_.try_emplace(narrow, 0).first;
    place->wide_ = wide_.try_emplace(wide, 0).first;
    ++place->narrow_->second;
    ++place->wide_->second;
  }
  if (loser != nullptr && loser->on_lost_) loser->on_lost_();
  return place;
}

void Shares::Leave(const PlacePtr& place) {
  const MutexLock lock(mutex_);
  Remove(*place);
}

std::size_t Shares::taken() const {
  const MutexLock lock(mutex_);
  return places_.size();
}

Shares::PlacePtr Shares::LongestOf(Counts::const_iterator narrow) const {
  return *std::find_if(places_.begin(), places_.end(),
                       [&](const PlacePtr& one) { return one->narrow_ == narrow; });
}

// REQUIRES: a place is taken. A few hundred are few.
Shares::PlacePtr Shares::OfLargest() const {
  const auto size = [](const PlacePtr& one) {
    return std::pair(one->wide_->second, one->narrow_->second);
  };
  // The first of the largest is the one that holds its place the longest.
  return *std::max_element(
      places_.begin(), places_.end(),
      [&](const PlacePtr& one, const PlacePtr& other) { return size(one) < size(other); });
}

void Shares::Remove(Place& place) {
  if (!place.at_) return;
  places_.erase(*std::exchange(place.at_, std::nullopt));
  if (--place.narrow_->second == 0) narrow_.erase(place.narrow_);
  if (--place.wide_->second == 0) wide_.erase(place.wide_);
}

}  // namespace mxward
