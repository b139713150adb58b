// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mxward::match {

// A set of keys (any bytes), each with a sign: it is in, or excepted. Made once, then constant:
// usable from any thread. A million keys take some 16 MB beside their own bytes, and Find() touches
// one place in memory for a key that is not there, two for one that is.
class KeySet {
 public:
  enum class Sign : std::uint8_t { kIn, kOut };

  static constexpr std::size_t kMaxKey = 1024;

  // REQUIRES: key.size() <= kMaxKey, and not built yet. Of a key that comes again with the other
  // sign, kOut stays. False: there is no room for more (4 GiB of keys).
  bool Add(std::string_view key, Sign sign);
  // To be called once, after the last Add().
  void Build();

  bool empty() const { return starts_.empty(); }
  std::size_t size() const { return starts_.size(); }

  // The sign of the first of these keys that the set has. At most kMost keys.
  static constexpr std::size_t kMost = 130;  // the lengths of IPv6 prefixes
  std::optional<Sign> Find(std::span<const std::string_view> keys) const;

 private:
  struct Slot {
    std::uint32_t tag = 0;    // of the key's hash
    std::uint32_t start = 0;  // 1 + where the key is in bytes_; 0: free
  };
  struct Stored {
    std::string_view key;
    Sign sign;
  };
  Stored At(std::uint32_t start) const;
  void Insert(std::uint32_t start);

  std::string bytes_;                  // of each key: its sign, its size (2 bytes), the key
  std::vector<std::uint32_t> starts_;  // in bytes_
  std::vector<Slot> slots_;            // open addressing, at most half full
};

}  // namespace mxward::match
