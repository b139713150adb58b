// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "limits/counter_shard.h"
#include "limits/gcra.h"

namespace mxward::limits {

// All counters of rates, in fixed memory: shards (counter_shard.h says who gives way to whom), each
// with a lock of its own. It takes memory as it needs it, up to what it is given. Thread-safe.
class CounterTable {
 public:
  // The least is a set a shard, 256 KiB.
  explicit CounterTable(std::uint64_t memory);

  // Counters that do not fit any more are dropped, the stalest first.
  void SetMemory(std::uint64_t memory, MonoTime now);

  // Begins to fetch the counter into the cache. What is to be done with it better comes a little
  // later: a table of a million counters is in no cache.
  void Prefetch(std::uint64_t id);

  Level Look(std::uint64_t id, const Rate& rate, MonoTime now);
  // Counts one more, unless that is too many. What it was before.
  Level Take(const CounterKey& key, const Rate& rate, MonoTime now);
  void GiveBack(std::uint64_t id, const Rate& rate, MonoTime now);

  void Forget(const std::function<bool(const CounterKey&)>& which, MonoTime now);

  // Hands over those in use of a slice of the table, 0 to kSlices - 1, in which a counter stays
  // whatever the table's memory. A shard at a time; no lock is held meanwhile.
  void Visit(std::size_t slice, const std::function<void(const std::vector<Counter>&)>& visitor,
             MonoTime now) const;
  static constexpr std::size_t kSlices = 64;
  // Takes in a counter from elsewhere, unless what it has of it is worth more.
  void Restore(const Counter& counter, MonoTime now);

  struct Stats {
    std::size_t counters = 0;  // in use
    std::size_t capacity = 0;
    std::size_t bytes = 0;
    std::uint64_t evicted = 0;
  };
  Stats stats(MonoTime now) const;

 private:
  static constexpr std::size_t kShards = 128;
  // Apart from its neighbours, whose locks others hold.
  struct alignas(64) Shard {
    Mutex mutex;
    std::unique_ptr<CounterShard> counters MXWARD_GUARDED_BY(mutex);
    std::uint64_t evicted_earlier MXWARD_GUARDED_BY(mutex) =
        0;  // from counters that this one has replaced
  };
  Shard& ShardOf(std::uint64_t id) { return shards_[id % kShards]; }

  mutable std::array<Shard, kShards> shards_;
};

}  // namespace mxward::limits
