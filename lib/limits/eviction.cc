// SPDX-License-Identifier: Apache-2.0
#include "limits/eviction.h"

#include <algorithm>
#include <array>

namespace mxward::limits {
namespace {

bool Staler(const Counter* a, const Counter* b) { return a->tat < b->tat; }

struct Found {
  std::size_t size = 0;
  Counter* stalest = nullptr;

  void Add(Counter* counter) {
    ++size;
    if (stalest == nullptr || Staler(counter, stalest)) stalest = counter;
  }
};

// In [first, last), where those of one holder (of(counter)) stand together.
template <class Iterator, class Of>
std::pair<Iterator, Iterator> LargestRun(Iterator first, Iterator last, Of of,
                                         decltype(of(Holder())) newcomer) {
  std::pair<Iterator, Iterator> best{first, first};
  std::size_t best_size = 0;
  const Counter* best_stalest = nullptr;
  while (first != last) {
    const auto who = of((*first)->key.holder);
    const Iterator end = std::find_if(
        first, last, [&](const Counter* counter) { return of(counter->key.holder) != who; });
    const auto size = static_cast<std::size_t>(end - first) + (who == newcomer ? 1 : 0);
    const Counter* stalest = *std::min_element(first, end, Staler);
    if (size > best_size || (size == best_size && Staler(stalest, best_stalest))) {
      best = {first, end};
      best_size = size;
      best_stalest = stalest;
    }
    first = end;
  }
  return best;
}

}  // namespace

Counter* BeyondShare(CounterSet set, const Holder& newcomer) {
  Found site;
  Found allotment;
  for (Counter& counter : set) {
    if (counter.key.id == 0 || counter.key.holder.allotment() != newcomer.allotment()) continue;
    allotment.Add(&counter);
    if (counter.key.holder == newcomer) site.Add(&counter);
  }
  if (newcomer.is_v6() && site.size >= kShareSite) return site.stalest;
  return allotment.size >= kShareAllotment ? allotment.stalest : nullptr;
}

Counter* VictimOfLargestHolder(CounterSet set, const Holder& newcomer) {
  std::array<Counter*, CounterSet::extent> counters;
  std::transform(set.begin(), set.end(), counters.begin(), [](Counter& c) { return &c; });
  std::sort(counters.begin(), counters.end(), [](const Counter* a, const Counter* b) {
    return a->key.holder.number() < b->key.holder.number();
  });
  const auto allotment = LargestRun(
      counters.begin(), counters.end(), [](const Holder& holder) { return holder.allotment(); },
      newcomer.allotment());
  const auto site = LargestRun(
      allotment.first, allotment.second, [](const Holder& holder) { return holder.number(); },
      newcomer.number());
  return *std::min_element(site.first, site.second, Staler);
}

}  // namespace mxward::limits
