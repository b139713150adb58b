// SPDX-License-Identifier: Apache-2.0
#include "greylist/heavy_counts.h"

#include <map>
#include <random>
#include <thread>
#include <vector>

#include "catch.h"

namespace mxward::greylist {
namespace {

TEST_CASE("few holders are counted exactly", "[greylist]") {
  HeavyCounts counts(6);
  CHECK(counts.Get(1) == 0);
  counts.Add(1);
  counts.Add(1, 10);
  counts.Add(2, 3);
  CHECK(counts.Get(1) == 11);
  CHECK(counts.Get(2) == 3);
  counts.Remove(1, 4);
  counts.Remove(2, 5);
  counts.Remove(3);
  CHECK(counts.Get(1) == 7);
  CHECK(counts.Get(2) == 0);
  CHECK(counts.Get(3) == 0);
  std::map<std::uint32_t, std::uint32_t> seen;
  counts.ForEach([&](std::uint32_t key, std::uint32_t count) { seen[key] = count; });
  CHECK(seen == std::map<std::uint32_t, std::uint32_t>{{1, 7}});
  counts.Clear();
  CHECK(counts.Get(1) == 0);
}

TEST_CASE("however many there are, nobody seems to hold more than he does, and the large are known",
          "[greylist]") {
  constexpr std::uint32_t kFlooder = 42;
  std::mt19937 random(1);
  HeavyCounts counts(10);  // 8192 places
  std::map<std::uint32_t, std::uint32_t> truth;
  for (int i = 0; i < 1000; ++i) {
    counts.Add(kFlooder);
    ++truth[kFlooder];
    for (int other = 0; other < 200; ++other) {
      const auto key = static_cast<std::uint32_t>(random());
      counts.Add(key);
      ++truth[key];
    }
  }
  counts.ForEach([&](std::uint32_t key, std::uint32_t count) { REQUIRE(count <= truth.at(key)); });
  // 200,000 in 1024 sets of 8: too low by 195 / 9 or so.
  CHECK(counts.Get(kFlooder) > 950);
  CHECK(counts.Get(kFlooder) <= 1000);
}

TEST_CASE("threads count together", "[greylist]") {
  HeavyCounts counts(6);
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < 4; ++t) {
    threads.emplace_back([&counts, t] {
      for (int i = 0; i < 10000; ++i) {
        counts.Add(7);
        counts.Add(100 + t);
        counts.Remove(100 + t);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(counts.Get(7) == 40000);
}

}  // namespace
}  // namespace mxward::greylist
