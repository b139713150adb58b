// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

namespace mxward {

// How durations are spread: how many fell between one bound and the next. Relaxed, as Counter is:
// it orders nothing, it is only read by people. Thread-safe.
class Histogram {
 public:
  using Micros = std::chrono::microseconds;
  static constexpr std::size_t kMaxBounds = 15;

  // bounds: ascending, at most kMaxBounds; constant data that outlives the histogram.
  explicit constexpr Histogram(std::span<const Micros> bounds) : bounds_(bounds) {}

  // What is negative counts as nothing: a wall clock may have been set back meanwhile.
  void Observe(Micros value) {
    value = std::max(value, Micros(0));
    const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
    counts_[static_cast<std::size_t>(bound - bounds_.begin())].fetch_add(1,
                                                                         std::memory_order_relaxed);
    sum_.fetch_add(static_cast<std::uint64_t>(value.count()), std::memory_order_relaxed);
  }

  struct Reading {
    std::span<const Micros> bounds;
    // One more than there are bounds: those up to a bound and above the one before it, then all
    // above the last.
    std::vector<std::uint64_t> counts;
    Micros sum{};
  };
  // Observations that happen meanwhile may be in the counts and not yet in the sum.
  Reading Read() const {
    Reading reading{bounds_, {}, Micros(sum_.load(std::memory_order_relaxed))};
    for (std::size_t i = 0; i <= bounds_.size(); ++i) {
      reading.counts.push_back(counts_[i].load(std::memory_order_relaxed));
    }
    return reading;
  }

 private:
  std::span<const Micros> bounds_;
  std::array<std::atomic<std::uint64_t>, kMaxBounds + 1> counts_{};
  std::atomic<std::uint64_t> sum_{0};
};

}  // namespace mxward
