// SPDX-License-Identifier: Apache-2.0
#include "greylist/heavy_counts.h"

#include <algorithm>
#include <limits>
#include <new>
#include <span>

namespace mxward::greylist {

HeavyCounts::HeavyCounts(int set_bits)
    : set_bits_(set_bits),
      places_(static_cast<Place*>(std::calloc(kWays << set_bits, sizeof(Place)))) {
  if (places_ == nullptr) throw std::bad_alloc();
}

void HeavyCounts::Clear() {
  for (std::size_t index = 0; index < std::size_t{1} << set_bits_; ++index) {
    const MutexLock lock(MutexOf(index));
    for (Place& one : std::span(places_.get() + index * kWays, kWays)) {
      // Memory that was never written stays the system's.
      if (one.count > 0) one.count = 0;
    }
  }
}

std::size_t HeavyCounts::SetOf(std::uint32_t key) const {
  return (key * 0x9e3779b1U) >> (32 - set_bits_);
}

void HeavyCounts::Add(std::uint32_t key, std::uint32_t weight) {
  const std::size_t index = SetOf(key);
  const MutexLock lock(MutexOf(index));
  const std::span set(places_.get() + index * kWays, kWays);
  Place* place = nullptr;
  std::uint32_t least = weight;
  for (Place& one : set) {
    if (one.count > 0 && one.key == key) {
      one.count += std::min(weight, std::numeric_limits<std::uint32_t>::max() - one.count);
      return;
    }
    if (one.count == 0 && place == nullptr) place = &one;
    least = std::min(least, one.count);
  }
  if (place == nullptr) {
    // `least` of each, the new one included.
    weight -= least;
    for (Place& one : set) {
      one.count -= least;
      if (one.count == 0) place = &one;
    }
  }
  if (place != nullptr && weight > 0) *place = {key, weight};
}

void HeavyCounts::Remove(std::uint32_t key, std::uint32_t weight) {
  const std::size_t index = SetOf(key);
  const MutexLock lock(MutexOf(index));
  for (Place& one : std::span(places_.get() + index * kWays, kWays)) {
    if (one.count > 0 && one.key == key) one.count -= std::min(weight, one.count);
  }
}

std::uint32_t HeavyCounts::Get(std::uint32_t key) const {
  const std::size_t index = SetOf(key);
  const MutexLock lock(MutexOf(index));
  for (const Place& one : std::span(places_.get() + index * kWays, kWays)) {
    if (one.count > 0 && one.key == key) return one.count;
  }
  return 0;
}

void HeavyCounts::ForEach(
    const std::function<void(std::uint32_t key, std::uint32_t count)>& visitor) const {
  for (std::size_t index = 0; index < std::size_t{1} << set_bits_; ++index) {
    std::array<Place, kWays> set{};
    {
      const MutexLock lock(MutexOf(index));
      std::copy_n(places_.get() + index * kWays, kWays, set.begin());
    }
    for (const Place& one : set) {
      if (one.count > 0) visitor(one.key, one.count);
    }
  }
}

}  // namespace mxward::greylist
