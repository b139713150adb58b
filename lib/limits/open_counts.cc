// SPDX-License-Identifier: Apache-2.0
#include "limits/open_counts.h"

namespace mxward::limits {

std::int64_t OpenCounts::Get(std::uint64_t key) const {
  auto counts = ShardOf(key).Lock();
  const auto found = counts->find(key);
  return found == counts->end() ? 0 : found->second;
}

std::int64_t OpenCounts::Add(std::uint64_t key) { return (*ShardOf(key).Lock())[key]++; }

void OpenCounts::Remove(std::uint64_t key) {
  auto counts = ShardOf(key).Lock();
  const auto found = counts->find(key);
  if (found != counts->end() && --found->second == 0) counts->erase(found);
}

std::size_t OpenCounts::keys() const {
  std::size_t result = 0;
  for (auto& shard : shards_) result += shard.Lock()->size();
  return result;
}

}  // namespace mxward::limits
