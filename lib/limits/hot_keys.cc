// SPDX-License-Identifier: Apache-2.0
#include "limits/hot_keys.h"

namespace mxward::limits {

HotKeys::Item* HotKeys::Items::Get(std::uint64_t hash, std::string_view limit, std::string_view key,
                                   WallTime now) {
  if (key.size() > kMaxKey) return nullptr;
  const auto known = places.find(hash);
  if (known != places.end()) {
    by_use.splice(by_use.begin(), by_use, known->second);
  } else {
    if (by_use.size() >= kMaxItems) {
      places.erase(by_use.back().hash);
      by_use.pop_back();
    }
    by_use.push_front({hash, std::string(limit), std::string(key), now, /*denied=*/0});
    places.emplace(hash, by_use.begin());
  }
  return &by_use.front();
}

void HotKeys::Note(std::uint64_t hash, std::string_view limit, std::string_view key, bool anew,
                   WallTime now) {
  auto items = items_.Lock();
  Item* item = items->Get(hash, limit, key, now);
  if (item == nullptr || !anew) return;
  item->since = now;
  item->denied = 0;
}

void HotKeys::NoteDenied(std::uint64_t hash, std::string_view limit, std::string_view key,
                         WallTime now) {
  auto items = items_.Lock();
  if (Item* item = items->Get(hash, limit, key, now)) ++item->denied;
}

void HotKeys::Forget(std::uint64_t hash) {
  auto items = items_.Lock();
  const auto known = items->places.find(hash);
  if (known == items->places.end()) return;
  items->by_use.erase(known->second);
  items->places.erase(known);
}

void HotKeys::ForgetLimit(std::string_view limit) {
  auto items = items_.Lock();
  for (auto item = items->by_use.begin(); item != items->by_use.end();) {
    if (item->limit == limit) {
      items->places.erase(item->hash);
      item = items->by_use.erase(item);
    } else {
      ++item;
    }
  }
}

std::vector<HotKeys::Item> HotKeys::Get() const {
  auto items = items_.Lock();
  return {items->by_use.begin(), items->by_use.end()};
}

}  // namespace mxward::limits
