// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/clock.h"
#include "limits/gcra.h"
#include "limits/holder.h"

namespace mxward::limits {

// What a counter is known by. Hashes under a secret key: nobody can aim at a place in the table.
struct CounterKey {
  std::uint64_t id = 0;     // not 0
  std::uint64_t group = 0;  // which counters are forgotten together
  Holder holder;            // of the client that it is begun for
};

// One counter as the table keeps it: two fill a cache line.
struct Counter {
  CounterKey key;  // id 0: a place that was never used
  Tat tat;

  bool InUse(MonoTime now) const { return tat > Tat(now); }
};

// The counters that compete for places with each other.
using CounterSet = std::span<Counter, 64>;

}  // namespace mxward::limits
