// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "base/guarded.h"

namespace mxward::limits {

// How many connections each key has open now. Exact; what has none takes no memory. Thread-safe.
class OpenCounts {
 public:
  std::int64_t Get(std::uint64_t key) const;
  // One more; how many there were before.
  std::int64_t Add(std::uint64_t key);
  void Remove(std::uint64_t key);
  std::size_t keys() const;

 private:
  using Counts = std::unordered_map<std::uint64_t, std::int64_t>;
  Guarded<Counts>& ShardOf(std::uint64_t key) const { return shards_[key % shards_.size()]; }

  mutable std::array<Guarded<Counts>, 16> shards_;
};

}  // namespace mxward::limits
