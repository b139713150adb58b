// SPDX-License-Identifier: Apache-2.0
#include "match/key_set.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <limits>

namespace mxward::match {
namespace {

constexpr std::size_t kHead = 3;  // bytes in front of a key

// Who sends mail chooses what is looked up, but not what is in the set: no keyed hash is needed.
std::uint64_t HashOf(std::string_view key) { return std::hash<std::string_view>()(key); }

std::uint32_t TagOf(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

}  // namespace

KeySet::Stored KeySet::At(std::uint32_t start) const {
  const char* head = bytes_.data() + start;
  const auto byte = [head](int i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(head[i]));
  };
  return {{head + kHead, byte(1) << 8 | byte(2)}, static_cast<Sign>(byte(0))};
}

bool KeySet::Add(std::string_view key, Sign sign) {
  if (bytes_.size() + kHead + key.size() >= std::numeric_limits<std::uint32_t>::max()) return false;
  starts_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  bytes_ += static_cast<char>(sign);
  bytes_ += static_cast<char>(key.size() >> 8);
  bytes_ += static_cast<char>(key.size() & 0xff);
  bytes_ += key;
  return true;
}

void KeySet::Insert(std::uint32_t start) {
  const Stored added = At(start);
  const std::uint64_t hash = HashOf(added.key);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.start == 0) {
      slot = {TagOf(hash), start + 1};
      return;
    }
    if (slot.tag != TagOf(hash)) continue;
    const Stored there = At(slot.start - 1);
    if (there.key != added.key) continue;
    if (added.sign == Sign::kOut) slot.start = start + 1;
    return;
  }
}

void KeySet::Build() {
  bytes_.shrink_to_fit();
  starts_.shrink_to_fit();
  slots_.assign(std::bit_ceil(std::max<std::size_t>(2, starts_.size() * 2)), Slot());
  for (const std::uint32_t start : starts_) Insert(start);
}

std::optional<KeySet::Sign> KeySet::Find(std::span<const std::string_view> keys) const {
  if (slots_.empty()) return std::nullopt;
  const std::size_t mask = slots_.size() - 1;
  std::array<std::uint64_t, kMost> hashes;
  const std::size_t count = std::min(keys.size(), kMost);
  // All of them at once: what is slow is to wait for memory, one key after the other.
  for (std::size_t i = 0; i < count; ++i) {
    hashes[i] = HashOf(keys[i]);
    __builtin_prefetch(&slots_[hashes[i] & mask]);
  }
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t at = hashes[i] & mask; slots_[at].start != 0; at = (at + 1) & mask) {
      if (slots_[at].tag != TagOf(hashes[i])) continue;
      const Stored there = At(slots_[at].start - 1);
      if (there.key == keys[i]) return there.sign;
    }
  }
  return std::nullopt;
}

}  // namespace mxward::match
