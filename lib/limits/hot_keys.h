// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"

namespace mxward::limits {

// The keys that came near to a limit or over it, with their text: a counter knows only its hash.
// Bounded; when it is full, the one goes that was near or over the longest time ago. What has
// fallen below meanwhile stays until somebody looks. Thread-safe.
class HotKeys {
 public:
  struct Item {
    std::uint64_t hash = 0;
    std::string limit;
    std::string key;
    WallTime since{};
    std::uint64_t denied = 0;
  };

  // anew: it was below until now. Keys of more than kMaxKey bytes are not remembered.
  void Note(std::uint64_t hash, std::string_view limit, std::string_view key, bool anew,
            WallTime now);
  // One more was turned away. Noted as well, if it was not yet.
  void NoteDenied(std::uint64_t hash, std::string_view limit, std::string_view key, WallTime now);
  void Forget(std::uint64_t hash);
  void ForgetLimit(std::string_view limit);
  std::vector<Item> Get() const;

  static constexpr std::size_t kMaxItems = 1024;
  static constexpr std::size_t kMaxKey = 512;

 private:
  struct Items {
    std::list<Item> by_use;  // the last one first
    std::unordered_map<std::uint64_t, std::list<Item>::iterator> places;

    // The item, now the last one; null for a key that is too long.
    Item* Get(std::uint64_t hash, std::string_view limit, std::string_view key, WallTime now);
  };
  mutable Guarded<Items> items_;
};

}  // namespace mxward::limits
