// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>

#include "base/clock.h"

namespace mxward {

// The ratio of positive observations among distinct ids over the last `span`: of clients that have
// no name, or are on a list. An id counts once, with its latest observation, until that is `span`
// old. Bounded: with `capacity` ids in it, the window takes no new one until the oldest has left
// it. Each call costs constant time, on average over calls. Time that goes backwards stands still.
// Not thread-safe.
class RatioWindow {
 public:
  RatioWindow(Millis span, std::size_t capacity) : span_(span), capacity_(capacity) {}
  // It holds places in its own memory.
  RatioWindow(const RatioWindow&) = delete;
  RatioWindow& operator=(const RatioWindow&) = delete;

  void Add(std::uint64_t id, bool positive, MonoTime now);

  struct Share {
    std::size_t distinct = 0;
    std::size_t positive = 0;
    // Of at least one; 0 of none.
    double fraction() const {
      return distinct == 0 ? 0 : static_cast<double>(positive) / static_cast<double>(distinct);
    }
  };
  Share Get(MonoTime now);
  void Clear();

 private:
  struct Seen {
    std::uint64_t id;
    MonoTime at;
    bool positive;
  };
  void Expire(MonoTime now);

  Millis span_;
  std::size_t capacity_;
  std::size_t positives_ = 0;
  std::list<Seen> by_age_;  // the oldest observation first
  std::unordered_map<std::uint64_t, std::list<Seen>::iterator> places_;
};

}  // namespace mxward
