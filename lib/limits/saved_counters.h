// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/siphash.h"
#include "limits/counter.h"

namespace mxward::limits {

// Counters as they are kept over a restart, in pieces of at most kMaxPiece bytes. A piece, integers
// big-endian:
//
//   1  format, 1
//   then for each counter (32 bytes)
//   8  its id
//   8  its group
//   8  its holder
//   8  milliseconds until its timestamp: monotonic time restarts with each start
//   and in the end
//   8  SipHash of all before, under the key that the ids were made with
//
// Pure.

class CounterPacker {
 public:
  explicit CounterPacker(const HashKey& key) : key_(key) {}
  // REQUIRES: counter.InUse(now)
  void Add(const Counter& counter, MonoTime now);
  std::vector<std::string> Take();

 private:
  void Finish();

  const HashKey& key_;
  std::string entries_;  // of the piece that is being made
  std::vector<std::string> pieces_;
};

// Those of a piece that are in use when it has become `elapsed` older. None of what is not a piece,
// or one under another key.
std::vector<Counter> UnpackCounters(const HashKey& key, std::string_view piece, Seconds elapsed,
                                    MonoTime now);

namespace saved_counters {
constexpr std::size_t kMaxPiece = 2000;
}

}  // namespace mxward::limits
