// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace mxward {

// Which clients the anomaly stop of the lists (dnsbl::Anomaly) has heard of within this minute. It
// counts distinct clients over ten minutes, so one that comes again and again with the same
// listings need not be noted each time, nor its standing be looked up in the store. Few places, by
// hash: whoever takes another's place makes that one be noted again, nothing more. Thread-safe.
class NotedClients {
 public:
  // Whether this was noted within the minute; if not, it is now. client, listings: hashes.
  bool CheckAndInsert(std::uint64_t client, std::uint64_t listings, MonoTime now) {
    const auto minute = static_cast<std::uint64_t>(now.time_since_epoch() / Seconds(60));
    const std::uint64_t mark = (client ^ (listings + minute * kSpread) * kSpread) | 1U;
    std::atomic<std::uint64_t>& place = places_[client % kPlaces];
    return place.exchange(mark, std::memory_order_relaxed) == mark;
  }

 private:
  static constexpr std::size_t kPlaces = 4096;
  static constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15U;  // the golden ratio's bits
  std::array<std::atomic<std::uint64_t>, kPlaces> places_{};
};

}  // namespace mxward
