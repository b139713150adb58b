// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>

#include "base/clock.h"

namespace mxward {

// What share of distinct things had a property, over the last `span`: of clients without a name, of
// clients on a list. A thing counts once, by what was last said of it, until that is `span` old.
// Bounded: with `capacity` things in it, the window takes no new one until the oldest has left it.
// Each call costs constant time, on average over calls. Time that goes backwards stands still. Not
// thread-safe.
class ShareWindow {
 public:
  ShareWindow(Millis span, std::size_t capacity) : span_(span), capacity_(capacity) {}
  // It holds places in its own memory.
  ShareWindow(const ShareWindow&) = delete;
  ShareWindow& operator=(const ShareWindow&) = delete;

  void Add(std::uint64_t thing, bool has, MonoTime now);

  struct Share {
    std::size_t distinct = 0;
    std::size_t having = 0;
    // Of at least one; 0 of none.
    double fraction() const {
      return distinct == 0 ? 0 : static_cast<double>(having) / static_cast<double>(distinct);
    }
  };
  Share Get(MonoTime now);
  void Clear();

 private:
  struct Seen {
    std::uint64_t thing;
    MonoTime at;
    bool has;
  };
  void Expire(MonoTime now);

  Millis span_;
  std::size_t capacity_;
  std::size_t having_ = 0;
  std::list<Seen> by_age_;  // what was said longest ago first
  std::unordered_map<std::uint64_t, std::list<Seen>::iterator> places_;
};

}  // namespace mxward
