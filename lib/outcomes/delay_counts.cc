// SPDX-License-Identifier: Apache-2.0
#include "outcomes/delay_counts.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace mxward::outcomes {

void DelayCounts::Add(Seconds delay) {
  const auto bound = std::lower_bound(
      kBounds.begin(), kBounds.end(), delay.count(),
      [](std::uint32_t upper, Seconds::rep seconds) { return Seconds::rep{upper} < seconds; });
  AddTo(static_cast<std::size_t>(bound - kBounds.begin()), 1);
}

void DelayCounts::Add(const DelayCounts& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) AddTo(i, other.counts_[i]);
}

void DelayCounts::AddTo(std::size_t bucket, std::uint32_t count) {
  std::uint32_t& have = counts_[bucket];
  have += std::min(count, std::numeric_limits<std::uint32_t>::max() - have);
}

std::uint64_t DelayCounts::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

Seconds DelayCounts::Percentile(unsigned percent) const {
  const std::uint64_t all = total();
  if (all == 0) return Seconds(0);
  // The nearest rank, of 1 and more.
  const std::uint64_t rank = std::max<std::uint64_t>(1, (all * percent + 99) / 100);
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    if (before + counts_[i] < rank) {
      before += counts_[i];
      continue;
    }
    const std::uint64_t lower = i == 0 ? 0 : kBounds[i - 1];
    return Seconds(lower + (kBounds[i] - lower) * (rank - before) / counts_[i]);
  }
  return Seconds(kBounds.back());
}

}  // namespace mxward::outcomes
