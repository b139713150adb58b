// SPDX-License-Identifier: Apache-2.0
#include "store/queue_shares.h"

#include <algorithm>
#include <numeric>
#include <span>

namespace mxward::store {
namespace {

using Places = std::span<const std::size_t>;  // sorted by holder, then from the oldest

// How many of each group have to go so that `count` go in all and the largest lose first: all are
// cut down to one level; what that leaves over goes from those which are at that level.
std::vector<std::size_t> CutsOf(const std::vector<Places>& groups, std::size_t count) {
  std::vector<std::size_t> order(groups.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return groups[a].size() > groups[b].size();
  });
  // The first `cut` groups, cut down to `level`, give up at least `count`.
  std::size_t sum = 0;
  std::size_t level = 0;
  std::size_t cut = 0;
  while (cut < order.size()) {
    sum += groups[order[cut++]].size();
    const std::size_t next = cut < order.size() ? groups[order[cut]].size() : 0;
    if (sum - cut * next >= count) {
      level = (sum - count) / cut;
      break;
    }
  }
  std::vector<std::size_t> cuts(groups.size(), 0);
  std::size_t kept_above = sum - std::min(sum, count) - cut * level;
  for (std::size_t i = 0; i < cut; ++i) {
    const std::size_t keeps = level + (kept_above > 0 ? 1 : 0);
    if (kept_above > 0) --kept_above;
    cuts[order[i]] = groups[order[i]].size() - keeps;
  }
  return cuts;
}

void GiveUp(const std::vector<QueueHolder>& queue, Places places, std::size_t level,
            std::size_t count, std::vector<std::size_t>& gone) {
  if (count == 0) return;
  if (level == QueueHolder::kLevels) {
    const Places newest = places.last(count);
    gone.insert(gone.end(), newest.begin(), newest.end());
    return;
  }
  std::vector<Places> groups;
  for (std::size_t begin = 0, end = 0; begin < places.size(); begin = end) {
    const std::uint64_t network = queue[places[begin]].networks[level];
    while (end < places.size() && queue[places[end]].networks[level] == network) ++end;
    groups.push_back(places.subspan(begin, end - begin));
  }
  const std::vector<std::size_t> cuts = CutsOf(groups, count);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    GiveUp(queue, groups[i], level + 1, cuts[i], gone);
  }
}

}  // namespace

QueueHolder QueueHolder::Of(const IpAddress& client) {
  if (client.is_v4()) {
    // Below all IPv6 networks that anybody has: ::/32 is reserved.
    const std::uint64_t address = client.v4();
    return {{address & 0xffff0000U, address & 0xffffff00U, address}};
  }
  std::uint64_t network = 0;
  for (std::size_t i = 0; i < 8; ++i) network = network << 8 | client.bytes()[i];
  return {{network & 0xffffffff00000000U, network & 0xffffffffffff0000U, network}};
}

std::vector<std::size_t> PlacesToGiveUp(const std::vector<QueueHolder>& queue, std::size_t count) {
  std::vector<std::size_t> places(queue.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    return queue[a].networks < queue[b].networks;
  });
  std::vector<std::size_t> gone;
  GiveUp(queue, places, 0, std::min(count, queue.size()), gone);
  std::sort(gone.begin(), gone.end());
  return gone;
}

}  // namespace mxward::store
