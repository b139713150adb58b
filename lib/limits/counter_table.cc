// SPDX-License-Identifier: Apache-2.0
#include "limits/counter_table.h"

#include <algorithm>

namespace mxward::limits {

CounterTable::CounterTable(std::uint64_t memory) {
  for (Shard& shard : shards_) {
    shard.counters = std::make_unique<CounterShard>(memory / kShards);
  }
}

void CounterTable::SetMemory(std::uint64_t memory, MonoTime now) {
  for (Shard& shard : shards_) {
    auto fresh = std::make_unique<CounterShard>(memory / kShards);
    const MutexLock lock(shard.mutex);
    if (fresh->capacity() == shard.counters->capacity()) continue;
    std::vector<Counter> counters = shard.counters->InUse(now);
    // Those that come later push out those before.
    std::sort(counters.begin(), counters.end(),
              [](const Counter& a, const Counter& b) { return a.tat < b.tat; });
    for (const Counter& counter : counters) fresh->FindOrMake(counter.key, now).tat = counter.tat;
    shard.evicted_earlier += shard.counters->evicted();
    shard.counters = std::move(fresh);
  }
}

void CounterTable::Prefetch(std::uint64_t id) {
  Shard& shard = ShardOf(id);
  const MutexLock lock(shard.mutex);
  shard.counters->Prefetch(id);
}

Level CounterTable::Look(std::uint64_t id, const Rate& rate, MonoTime now) {
  Shard& shard = ShardOf(id);
  const MutexLock lock(shard.mutex);
  Counter* counter = shard.counters->Find(id);
  if (counter == nullptr) return LevelAt(Tat(), rate, now);
  counter->tat = Clamped(counter->tat, rate, now);
  return LevelAt(counter->tat, rate, now);
}

Level CounterTable::Take(const CounterKey& key, const Rate& rate, MonoTime now) {
  Shard& shard = ShardOf(key.id);
  const MutexLock lock(shard.mutex);
  Counter& counter = shard.counters->FindOrMake(key, now);
  counter.tat = Clamped(counter.tat, rate, now);
  const Level before = LevelAt(counter.tat, rate, now);
  if (!before.over) counter.tat = WithOneMore(counter.tat, rate, now);
  return before;
}

void CounterTable::GiveBack(std::uint64_t id, const Rate& rate, MonoTime now) {
  Shard& shard = ShardOf(id);
  const MutexLock lock(shard.mutex);
  Counter* counter = shard.counters->Find(id);
  if (counter != nullptr) counter->tat = WithOneLess(counter->tat, rate, now);
}

void CounterTable::Forget(const std::function<bool(const CounterKey&)>& which, MonoTime now) {
  for (Shard& shard : shards_) {
    const MutexLock lock(shard.mutex);
    shard.counters->ForEach([&](Counter& counter) {
      if (counter.InUse(now) && which(counter.key)) CounterShard::Vacate(counter);
    });
  }
}

void CounterTable::Visit(std::size_t slice,
                         const std::function<void(const std::vector<Counter>&)>& visitor,
                         MonoTime now) const {
  static_assert(kShards % kSlices == 0);
  for (std::size_t i = slice; i < kShards; i += kSlices) {
    std::vector<Counter> counters;
    {
      const MutexLock lock(shards_[i].mutex);
      counters = shards_[i].counters->InUse(now);
    }
    visitor(counters);
  }
}

void CounterTable::Restore(const Counter& counter, MonoTime now) {
  if (!counter.InUse(now)) return;
  Shard& shard = ShardOf(counter.key.id);
  const MutexLock lock(shard.mutex);
  Counter& ours = shard.counters->FindOrMake(counter.key, now);
  ours.tat = std::max(ours.tat, counter.tat);
}

CounterTable::Stats CounterTable::stats(MonoTime now) const {
  Stats result;
  for (Shard& shard : shards_) {
    const MutexLock lock(shard.mutex);
    result.counters += shard.counters->CountInUse(now);
    result.capacity += shard.counters->capacity();
    result.bytes += shard.counters->bytes();
    result.evicted += shard.evicted_earlier + shard.counters->evicted();
  }
  return result;
}

}  // namespace mxward::limits
