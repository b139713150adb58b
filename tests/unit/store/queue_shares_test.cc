// SPDX-License-Identifier: Apache-2.0
#include "store/queue_shares.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "catch.h"

namespace mxward::store {
namespace {

using Queue = std::vector<QueueHolder>;

QueueHolder HolderOf(const std::string& address) {
  return QueueHolder::Of(IpAddress::Parse(address).value());
}

// What the contract says, word by word: again and again the newest of the largest of the largest.
std::vector<std::size_t> OneAfterTheOther(const Queue& queue, std::size_t count) {
  std::vector<std::size_t> left(queue.size());
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = i;
  std::vector<std::size_t> gone;
  while (count-- > 0) {
    std::vector<std::size_t> within = left;
    for (std::size_t level = 0; level < QueueHolder::kLevels; ++level) {
      std::map<std::uint64_t, std::size_t> sizes;
      for (const std::size_t place : within) ++sizes[queue[place].networks[level]];
      const auto largest =
          std::max_element(sizes.begin(), sizes.end(),
                           [](const auto& a, const auto& b) { return a.second < b.second; });
      std::erase_if(within, [&](std::size_t place) {
        return queue[place].networks[level] != largest->first;
      });
    }
    gone.push_back(within.back());
    std::erase(left, within.back());
  }
  std::sort(gone.begin(), gone.end());
  return gone;
}

// How many places each network of a level keeps, in rising order: ties may fall either way.
std::vector<std::size_t> Kept(const Queue& queue, const std::vector<std::size_t>& gone,
                              std::size_t level) {
  std::map<std::uint64_t, std::size_t> sizes;
  for (std::size_t place = 0; place < queue.size(); ++place) {
    sizes[queue[place].networks[level]] +=
        std::binary_search(gone.begin(), gone.end(), place) ? 0 : 1;
  }
  std::vector<std::size_t> kept;
  for (const auto& [network, size] : sizes) kept.push_back(size);
  std::sort(kept.begin(), kept.end());
  return kept;
}

TEST_CASE("networks are shared as their lengths say", "[store]") {
  const auto one = HolderOf("192.0.2.1");
  CHECK(HolderOf("192.0.2.2").networks[1] == one.networks[1]);
  CHECK(HolderOf("192.0.2.2").networks[2] != one.networks[2]);
  CHECK(HolderOf("192.0.3.1").networks[0] == one.networks[0]);
  CHECK(HolderOf("192.0.3.1").networks[1] != one.networks[1]);
  CHECK(HolderOf("192.1.2.1").networks[0] != one.networks[0]);
  const auto six = HolderOf("2001:db8:1:2::1");
  CHECK(HolderOf("2001:db8:1:2:ffff::9") == six);
  CHECK(HolderOf("2001:db8:1:3::1").networks[1] == six.networks[1]);
  CHECK(HolderOf("2001:db8:1:3::1").networks[2] != six.networks[2]);
  CHECK(HolderOf("2001:db8:2::1").networks[0] == six.networks[0]);
  CHECK(HolderOf("2001:db8:2::1").networks[1] != six.networks[1]);
  CHECK(HolderOf("2001:db9::1").networks[0] != six.networks[0]);
}

TEST_CASE("the newest of the largest holder goes first", "[store]") {
  const Queue queue = {HolderOf("192.0.2.1"),     HolderOf("198.51.100.1"),
                       HolderOf("198.51.100.1"),  HolderOf("198.51.100.2"),
                       HolderOf("192.0.2.1"),     HolderOf("198.51.101.1"),
                       HolderOf("2001:db8:1::1"), HolderOf("198.51.100.1")};
  CHECK(PlacesToGiveUp(queue, 0).empty());
  CHECK(PlacesToGiveUp(queue, 1) == std::vector<std::size_t>{7});
  CHECK(PlacesToGiveUp(queue, 2) == std::vector<std::size_t>{2, 7});
  CHECK(PlacesToGiveUp(queue, 8).size() == 8);
  CHECK(PlacesToGiveUp(queue, 9).size() == 8);
  CHECK(PlacesToGiveUp({}, 1).empty());
}

TEST_CASE("a crowd in one wide network costs those in others nothing", "[store]") {
  Queue queue(10, HolderOf("192.0.2.1"));
  for (unsigned i = 0; i < 1000; ++i) {
    queue.push_back(HolderOf("2001:db8:" + std::to_string(i) + "::1"));
  }
  const auto gone = PlacesToGiveUp(queue, 900);
  REQUIRE(gone.size() == 900);
  CHECK(gone.front() >= 10);
}

TEST_CASE("it comes to the same as one after the other", "[store]") {
  std::mt19937 random(GENERATE(range(1U, 40U)));
  Queue queue;
  const std::size_t size = random() % 120;
  for (std::size_t i = 0; i < size; ++i) {
    // Few networks of very different sizes.
    const auto skewed = [&](unsigned most) {
      return static_cast<std::uint32_t>(std::min(random() % most, random() % most));
    };
    queue.push_back(
        QueueHolder::Of(IpAddress::V4((skewed(3) << 16) | (skewed(4) << 8) | skewed(5))));
  }
  const std::size_t count = size == 0 ? 0 : random() % size;
  const auto gone = PlacesToGiveUp(queue, count);
  const auto expected = OneAfterTheOther(queue, count);
  CHECK(gone.size() == count);
  CHECK(std::is_sorted(gone.begin(), gone.end()));
  CHECK(Kept(queue, gone, 0) == Kept(queue, expected, 0));
  // Of one client the newest go.
  for (std::size_t place = 0; place < queue.size(); ++place) {
    if (!std::binary_search(gone.begin(), gone.end(), place)) continue;
    for (std::size_t later = place; later < queue.size(); ++later) {
      if (queue[later] == queue[place]) CHECK(std::binary_search(gone.begin(), gone.end(), later));
    }
  }
}

}  // namespace
}  // namespace mxward::store
