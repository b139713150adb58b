// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>

#include "base/clock.h"

namespace mxward::cli {

// How long mails were held up. Constant memory: kept to three digits, so that a figure is off by
// half a percent at most, and none of up to 1000 s at all.
class Delays {
 public:
  void Add(Seconds delay) {
    std::int64_t value = delay.count() > 0 ? delay.count() : 0;
    std::int64_t step = 1;
    while (value / step >= 1000) step *= 10;
    value = (value + step / 2) / step * step;
    ++counts_[value];
    ++total_;
  }
  std::uint64_t total() const { return total_; }
  // The least delay that so many percent did not exceed (nearest rank). REQUIRES: total() > 0
  Seconds Percentile(std::uint64_t percent) const {
    const std::uint64_t rank = (total_ * percent + 99) / 100;
    std::uint64_t seen = 0;
    for (const auto& [value, count] : counts_) {
      seen += count;
      if (seen >= rank) return Seconds(value);
    }
    return Seconds(counts_.rbegin()->first);
  }
  Seconds Longest() const { return Percentile(100); }

 private:
  std::map<std::int64_t, std::uint64_t> counts_;
  std::uint64_t total_ = 0;
};

}  // namespace mxward::cli
