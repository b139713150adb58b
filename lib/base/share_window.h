// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "base/clock.h"

namespace mxward {

// What share of distinct things had a property, over the last `span`: of clients without a name, of
// clients on a list. A thing counts once, by what was last said of it. Bounded: beyond `capacity`
// things the window keeps those it has until they are older than the span. Not thread-safe.
class ShareWindow {
 public:
  ShareWindow(Millis span, std::size_t capacity) : span_(span), capacity_(capacity) {}

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
  void Clear() { seen_.clear(); }

 private:
  struct Seen {
    MonoTime at;
    bool has;
  };
  void Expire(MonoTime now);

  Millis span_;
  std::size_t capacity_;
  MonoTime expired_at_{};
  std::unordered_map<std::uint64_t, Seen> seen_;
};

}  // namespace mxward
