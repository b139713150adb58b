// SPDX-License-Identifier: Apache-2.0
#include "limits/counter_shard.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <new>
#include <utility>

#include "limits/eviction.h"

namespace mxward::limits {
namespace {

constexpr std::size_t kSetBytes = CounterSet::extent * sizeof(Counter);
// A shard begins with half as many up to that many sets.
constexpr std::size_t kFirstSets = 4;

// The least significant bits of an id choose the shard, these where in its set a counter looks for
// its place first, and the upper half the set.
std::size_t HomeOf(std::uint64_t id) { return (id >> 8) % CounterSet::extent; }

std::size_t SetsFor(std::size_t bytes) { return std::max<std::size_t>(bytes / kSetBytes, 1); }

std::size_t Doublings(std::size_t sets) {
  std::size_t count = 0;
  for (; sets > kFirstSets; sets /= 2) ++count;
  return count;
}

}  // namespace

static_assert(sizeof(Counter) == 32);

CounterShard::CounterShard(std::size_t max_bytes)
    : sets_(SetsFor(max_bytes) >> Doublings(SetsFor(max_bytes))),
      max_sets_(sets_ << Doublings(SetsFor(max_bytes))),
      memory_(max_sets_ * kSetBytes) {}

CounterSet CounterShard::SetAt(std::size_t index) const {
  return CounterSet(places() + index * kPlaces, kPlaces);
}

// Doubling the number of sets turns index i into 2i or 2i + 1.
CounterSet CounterShard::SetOf(std::uint64_t id) const { return SetAt(((id >> 32) * sets_) >> 32); }

void CounterShard::Prefetch(std::uint64_t id) const { __builtin_prefetch(&SetOf(id)[HomeOf(id)]); }

Counter* CounterShard::Find(std::uint64_t id) {
  const CounterSet set = SetOf(id);
  const std::size_t home = HomeOf(id);
  for (std::size_t i = 0; i < kPlaces; ++i) {
    Counter& counter = set[(home + i) % kPlaces];
    if (counter.key.id == id) return &counter;
    if (counter.key.id == 0) return nullptr;
  }
  return nullptr;
}

Counter& CounterShard::FindOrMake(const CounterKey& key, MonoTime now) {
  const CounterSet set = SetOf(key.id);
  Counter* place = nullptr;
  for (std::size_t i = 0; i < kPlaces; ++i) {
    Counter& counter = set[(HomeOf(key.id) + i) % kPlaces];
    const bool found = counter.key.id == key.id;
    if (found && (counter.InUse(now) || counter.key.holder == key.holder)) return counter;
    if (found || (place == nullptr && !counter.InUse(now))) place = &counter;
    if (found || counter.key.id == 0) break;
  }
  Counter* leaving = BeyondShare(set, key.holder);
  if (leaving == nullptr && place == nullptr) leaving = VictimOfLargestHolder(set, key.holder);
  if (leaving != nullptr && leaving->InUse(now)) {
    if (sets_ < max_sets_) {
      Grow(now);
      return FindOrMake(key, now);
    }
    ++evicted_;
  }
  if (leaving != nullptr) Vacate(*leaving);
  if (place == nullptr) place = leaving;
  *place = Counter{key, Tat()};
  return *place;
}

std::vector<Counter> CounterShard::InUse(MonoTime now) const {
  std::vector<Counter> result;
  std::copy_if(places(), places() + sets_ * kPlaces, std::back_inserter(result),
               [&](const Counter& counter) { return counter.InUse(now); });
  return result;
}

std::size_t CounterShard::CountInUse(MonoTime now) const {
  const Counter* end = places() + sets_ * kPlaces;
  return static_cast<std::size_t>(std::count_if<const Counter*>(
      places(), end, [&](const Counter& counter) { return counter.InUse(now); }));
}

void CounterShard::Vacate(Counter& counter) {
  counter.key.holder = Holder();
  counter.tat = Tat();
}

// From the last set on: where its counters go nothing is left by then.
void CounterShard::Grow(MonoTime now) {
  std::array<Counter, kPlaces> leaving;
  const std::size_t before = sets_;
  sets_ *= 2;
  for (std::size_t i = before; i-- > 0;) {
    const CounterSet set = SetAt(i);
    std::copy(set.begin(), set.end(), leaving.begin());
    std::fill(set.begin(), set.end(), Counter{});
    for (const Counter& counter : leaving) {
      if (counter.InUse(now)) Place(counter);
    }
  }
}

// REQUIRES: its set has a place that was never used
void CounterShard::Place(const Counter& counter) {
  const CounterSet set = SetOf(counter.key.id);
  std::size_t place = HomeOf(counter.key.id);
  while (set[place].key.id != 0) place = (place + 1) % kPlaces;
  set[place] = counter;
}

// Not calloc(): once a big block was freed glibc takes others from its heap, and writes the zeroes.
ZeroedMemory::ZeroedMemory(std::size_t size)
    : size_(size),
      data_(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                 -1, 0)) {
  if (data_ == MAP_FAILED) throw std::bad_alloc();
  // Two megabytes at the first touch would be a lot for a limit that hardly counts anything. A
  // wish: where there are no huge pages it fails.
  madvise(data_, size_, MADV_NOHUGEPAGE);
}

ZeroedMemory::~ZeroedMemory() {
  if (data_ != nullptr) munmap(data_, size_);
}

ZeroedMemory::ZeroedMemory(ZeroedMemory&& other) noexcept
    : size_(other.size_), data_(std::exchange(other.data_, nullptr)) {}

ZeroedMemory& ZeroedMemory::operator=(ZeroedMemory&& other) noexcept {
  std::swap(size_, other.size_);
  std::swap(data_, other.data_);
  return *this;
}

}  // namespace mxward::limits
