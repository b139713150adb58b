// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>

#include "base/mutex.h"

namespace mxward::greylist {

// Who holds how much, in fixed memory however many there are: exact as long as there is room, and
// never too high. When too many share a set of places, all in it lose alike (Misra and Gries,
// 1982): a holder's count is too low by at most what the set has taken in, divided by kWays. So
// those who hold little may be forgotten, the large ones are known, and nobody seems to hold more
// because others do.
//
// Keys are outputs of a keyed hash. Thread-safe.
class HeavyCounts {
 public:
  // For 8 << set_bits holders, 8 bytes each. REQUIRES: 6 <= set_bits <= 20
  explicit HeavyCounts(int set_bits);

  void Add(std::uint32_t key, std::uint32_t weight = 1);
  void Remove(std::uint32_t key, std::uint32_t weight = 1);
  std::uint32_t Get(std::uint32_t key) const;
  void Clear();
  // What is added or removed meanwhile may be missed.
  void ForEach(const std::function<void(std::uint32_t key, std::uint32_t count)>& visitor) const;

 private:
  static constexpr std::size_t kWays = 8;
  static constexpr std::size_t kStripes = 64;
  struct Place {
    std::uint32_t key;
    std::uint32_t count;  // 0: free
  };
  struct Free {
    void operator()(Place* places) const { std::free(places); }
  };
  std::size_t SetOf(std::uint32_t key) const;
  Mutex& MutexOf(std::size_t set) const { return mutexes_[set % kStripes]; }

  const int set_bits_;
  std::unique_ptr<Place[], Free> places_;  // zeroed by the system: takes memory only where used
  mutable std::array<Mutex, kStripes> mutexes_;
};

}  // namespace mxward::greylist
