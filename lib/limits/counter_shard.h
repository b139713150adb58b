// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "limits/counter.h"

namespace mxward::limits {

// A piece of memory that begins as zeroes and costs nothing until it is touched, page by page.
class ZeroedMemory {
 public:
  // Throws std::bad_alloc. REQUIRES: size > 0
  explicit ZeroedMemory(std::size_t size);
  ~ZeroedMemory();
  ZeroedMemory(const ZeroedMemory&) = delete;
  ZeroedMemory& operator=(const ZeroedMemory&) = delete;
  ZeroedMemory(ZeroedMemory&& other) noexcept;
  ZeroedMemory& operator=(ZeroedMemory&& other) noexcept;

  void* data() const { return data_; }

 private:
  std::size_t size_;
  void* data_;
};

// A part of the table: sets of kPlaces counters each. A counter's id says which set it belongs to,
// and nothing ever leaves its set; so all that follows holds for each set, and by the law of large
// numbers for the table.
//
//  - A counter in the past is worth nothing: its place is free.
//  - A holder has at most its share of the places (eviction.h), be its counters in use or not.
//    When it has that, its next counter takes the place of its stalest.
//  - When no place is free, the largest holder loses its stalest counter.
//  - Before it takes the place of a counter that is in use, the shard grows, as long as it may: it
//    begins small, and doubles in its own memory.
//
// So a flood takes places of larger holders, and then its own.
// Not thread-safe.
class CounterShard {
 public:
  // At most that many bytes of counters, but one set in any case.
  explicit CounterShard(std::size_t max_bytes);

  void Prefetch(std::uint64_t id) const;
  // Null when there is none.
  Counter* Find(std::uint64_t id);
  // The counter, or a fresh one in its place. Valid until the next call.
  Counter& FindOrMake(const CounterKey& key, MonoTime now);

  // The counter is worth nothing any more and belongs to nobody. Its place stays used: a search
  // ends at the first that never was.
  static void Vacate(Counter& counter);

  // All that there are, in no order; those in the past may be among them.
  template <class Function>
  void ForEach(Function function) {
    for (std::size_t i = 0; i < sets_ * kPlaces; ++i) {
      if (places()[i].key.id != 0) function(places()[i]);
    }
  }
  std::vector<Counter> InUse(MonoTime now) const;
  std::size_t CountInUse(MonoTime now) const;

  std::size_t capacity() const { return max_sets_ * kPlaces; }
  std::size_t bytes() const { return sets_ * kPlaces * sizeof(Counter); }  // touched at most
  std::uint64_t evicted() const { return evicted_; }                       // that were in use

  static constexpr std::size_t kPlaces = CounterSet::extent;

 private:
  Counter* places() const { return static_cast<Counter*>(memory_.data()); }
  CounterSet SetAt(std::size_t index) const;
  CounterSet SetOf(std::uint64_t id) const;
  void Grow(MonoTime now);
  void Place(const Counter& counter);

  std::size_t sets_;  // in use
  std::size_t max_sets_;
  ZeroedMemory memory_;  // of max_sets_
  std::uint64_t evicted_ = 0;
};

}  // namespace mxward::limits
