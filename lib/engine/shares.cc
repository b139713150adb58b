// SPDX-License-Identifier: Apache-2.0
#include "engine/shares.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace mxward {

Shares::PlacePtr Shares::Enter(const IpAddress& client, MonoTime now,
                               std::function<void()> on_lost) {
  auto place = std::make_shared<Place>();
  place->narrow_ = Prefix(client, client.is_v4() ? 24 : 48);
  place->wide_ = Prefix(client, client.is_v4() ? 16 : 32);
  place->since_ = now;
  place->on_lost_ = std::move(on_lost);
  PlacePtr loser;
  {
    const std::lock_guard lock(mutex_);
    if (CountOf(&Place::narrow_, place->narrow_) >= limits_.most_of_one) {
      loser = LongestOf(place->narrow_);
    } else if (places_.size() >= limits_.most) {
      loser = OfLargest();
    }
    if (loser != nullptr) {
      if (loser->wide_ == place->wide_ && now - loser->since_ < limits_.least_hold) return nullptr;
      Remove(*loser);
      loser->lost_ = true;
    }
    places_.push_back(place);
    place->at_ = std::prev(places_.end());
  }
  if (loser != nullptr && loser->on_lost_) loser->on_lost_();
  return place;
}

void Shares::Leave(const PlacePtr& place) {
  const std::lock_guard lock(mutex_);
  Remove(*place);
}

std::size_t Shares::taken() const {
  const std::lock_guard lock(mutex_);
  return places_.size();
}

std::size_t Shares::CountOf(Prefix Place::*network, const Prefix& which) const {
  return static_cast<std::size_t>(
      std::count_if(places_.begin(), places_.end(),
                    [&](const PlacePtr& one) { return (*one).*network == which; }));
}

Shares::PlacePtr Shares::LongestOf(const Prefix& narrow) const {
  return *std::find_if(places_.begin(), places_.end(),
                       [&](const PlacePtr& one) { return one->narrow_ == narrow; });
}

// REQUIRES: a place is taken. A few hundred are few.
Shares::PlacePtr Shares::OfLargest() const {
  std::map<Prefix, std::size_t> wide, narrow;
  for (const PlacePtr& one : places_) {
    ++wide[one->wide_];
    ++narrow[one->narrow_];
  }
  const auto size = [&](const PlacePtr& one) {
    return std::pair(wide[one->wide_], narrow[one->narrow_]);
  };
  // The first of the largest is the one that holds its place the longest.
  return *std::max_element(
      places_.begin(), places_.end(),
      [&](const PlacePtr& one, const PlacePtr& other) { return size(one) < size(other); });
}

void Shares::Remove(Place& place) {
  if (!place.at_) return;
  places_.erase(*std::exchange(place.at_, std::nullopt));
}

}  // namespace mxward
