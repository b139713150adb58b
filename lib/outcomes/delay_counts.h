// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace mxward::outcomes {

// How long mail was held up, counted between fixed bounds: 100 bytes whatever comes.
//
// NOTE: the bounds are part of the persistent format (row.h): none may change or go.
class DelayCounts {
 public:
  // The upper bounds in seconds; what is longer than the last falls into one more.
  static constexpr std::array<std::uint32_t, 24> kBounds = {
      60,   120,  180,  240,  300,  360,  420,   480,   600,   750,   900,   1200,
      1500, 1800, 2700, 3600, 5400, 7200, 10800, 14400, 21600, 43200, 86400, 172800};
  static constexpr std::size_t kBuckets = kBounds.size() + 1;

  void Add(Seconds delay);
  void Add(const DelayCounts& other);
  // So many more of one bucket. REQUIRES: bucket < kBuckets
  void AddTo(std::size_t bucket, std::uint32_t count);

  std::uint32_t count(std::size_t bucket) const { return counts_[bucket]; }
  std::uint64_t total() const;

  // About the delay that so many percent did not exceed: evenly spread between two bounds; beyond
  // the last bound that bound. Nothing counted: 0.
  Seconds Percentile(unsigned percent) const;

  bool operator==(const DelayCounts&) const = default;

 private:
  std::array<std::uint32_t, kBuckets> counts_{};  // saturating
};

}  // namespace mxward::outcomes
