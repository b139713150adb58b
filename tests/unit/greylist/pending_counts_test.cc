// SPDX-License-Identifier: Apache-2.0
#include "greylist/pending_counts.h"

#include <map>
#include <random>
#include <thread>
#include <vector>

#include "catch.h"

namespace mxward::greylist {
namespace {

TEST_CASE("pending tuples of a client are counted", "[greylist]") {
  PendingCounts counts;
  CHECK(counts.Get(1) == 0);
  counts.Add(1);
  counts.Add(1);
  counts.Add(2);
  CHECK(counts.Get(1) == 2);
  CHECK(counts.Get(2) == 1);
  counts.Remove(1);
  CHECK(counts.Get(1) == 1);
}

TEST_CASE("a count does not go below zero", "[greylist]") {
  PendingCounts counts;
  counts.Remove(1);
  CHECK(counts.Get(1) == 0);
  counts.Add(1);
  CHECK(counts.Get(1) == 1);
}

TEST_CASE("an answer is never too low, and seldom much too high", "[greylist]") {
  std::mt19937 random(1);
  PendingCounts counts;
  std::map<std::uint32_t, std::uint32_t> truth;
  // 20,000 clients with a few each, and a flood.
  for (int i = 0; i < 20000; ++i) {
    const auto client = static_cast<std::uint32_t>(random());
    for (auto n = random() % 5 + 1; n > 0; --n) {
      counts.Add(client);
      ++truth[client];
    }
  }
  for (int i = 0; i < 1000; ++i) counts.Add(42);
  truth[42] += 1000;
  std::uint64_t error = 0;
  for (const auto& [client, wanted] : truth) {
    const std::uint32_t got = counts.Get(client);
    REQUIRE(got >= wanted);
    error += got - wanted;
  }
  CHECK(error < 3 * truth.size());
  CHECK(counts.Get(42) < 1020);
}

TEST_CASE("a recount takes over when it is through, and not before", "[greylist]") {
  PendingCounts counts;
  for (int i = 0; i < 10; ++i) counts.Add(1);
  counts.BeginRecount();
  counts.Recount(1);
  counts.Recount(1);
  CHECK(counts.Get(1) == 10);
  counts.FinishRecount();
  CHECK(counts.Get(1) == 2);
}

TEST_CASE("what is added while recounting is not lost", "[greylist]") {
  PendingCounts counts;
  counts.BeginRecount();
  counts.Add(1);
  CHECK(counts.Get(1) == 1);
  counts.FinishRecount();
  CHECK(counts.Get(1) == 1);
}

TEST_CASE("a recount that was given up leaves nothing in the next one", "[greylist]") {
  PendingCounts counts;
  counts.BeginRecount();
  counts.Recount(1);
  counts.BeginRecount();
  counts.FinishRecount();
  CHECK(counts.Get(1) == 0);
}

TEST_CASE("threads may add while another one recounts", "[greylist]") {
  PendingCounts counts;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&counts] {
      for (int i = 0; i < 1000; ++i) counts.Add(7);
    });
  }
  for (int i = 0; i < 3; ++i) {
    counts.BeginRecount();
    counts.Recount(8);
    counts.FinishRecount();
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(counts.Get(8) >= 1);
  CHECK(counts.Get(7) <= 4000);
}

}  // namespace
}  // namespace mxward::greylist
