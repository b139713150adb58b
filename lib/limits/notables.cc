// SPDX-License-Identifier: Apache-2.0
#include "limits/notables.h"

namespace mxward::limits {

void Notables::Note(std::uint64_t hash, std::string_view limit, std::string_view key, bool anew,
                    bool denied, WallTime now) {
  if (key.size() > kMaxKey) return;
  auto items = items_.Lock();
  auto& by_use = items->by_use;
  const auto known = items->places.find(hash);
  if (known != items->places.end()) {
    by_use.splice(by_use.begin(), by_use, known->second);
  } else {
    if (by_use.size() >= kMaxItems) {
      items->places.erase(by_use.back().hash);
      by_use.pop_back();
    }
    by_use.push_front({hash, std::string(limit), std::string(key), now, /*denied=*/0});
    items->places.emplace(hash, by_use.begin());
  }
  Item& item = by_use.front();
  if (anew) {
    item.since = now;
    item.denied = 0;
  }
  if (denied) ++item.denied;
}

void Notables::Forget(std::uint64_t hash) {
  auto items = items_.Lock();
  const auto known = items->places.find(hash);
  if (known == items->places.end()) return;
  items->by_use.erase(known->second);
  items->places.erase(known);
}

void Notables::ForgetLimit(std::string_view limit) {
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

std::vector<Notables::Item> Notables::Get() const {
  auto items = items_.Lock();
  return {items->by_use.begin(), items->by_use.end()};
}

}  // namespace mxward::limits
