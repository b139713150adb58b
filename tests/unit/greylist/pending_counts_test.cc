// SPDX-License-Identifier: Apache-2.0
#include "greylist/pending_counts.h"

#include <random>
#include <thread>
#include <vector>

#include "catch.h"

namespace mxward::greylist {
namespace {

Holder Of(std::uint32_t client, std::uint16_t network = 1, std::uint16_t wide = 1) {
  Holder holder;
  holder.wide = wide;
  holder.network = network;
  holder.client = client;
  return holder;
}

TEST_CASE("pending tuples of a client are counted", "[greylist]") {
  PendingCounts counts;
  CHECK(counts.Get(1) == 0);
  counts.Add({Of(1), 2});
  counts.Add({Of(1), 2});
  counts.Add({Of(2), 2});
  CHECK(counts.Get(1) == 2);
  CHECK(counts.Get(2) == 1);
  counts.Remove({Of(1), 2});
  CHECK(counts.Get(1) == 1);
}

TEST_CASE("folded tuples count for their client beside those with records", "[greylist]") {
  PendingCounts counts;
  counts.Add({Of(1), 2});
  counts.Add({Of(1), 30, /*folded=*/200});
  counts.Add({Of(1), 0, /*folded=*/1});
  CHECK(counts.Get(1) == 1);
  CHECK(counts.All(1) == 202);
  CHECK(counts.RoomOfWide(1) == 32);
  counts.Remove({Of(1), 30, /*folded=*/200});
  CHECK(counts.Get(1) == 1);
  CHECK(counts.All(1) == 2);
  CHECK(counts.RoomOfWide(1) == 2);
}

TEST_CASE("room is counted by network and wide network", "[greylist]") {
  PendingCounts counts;
  counts.Add({Of(1, 1, 1), 2});
  counts.Add({Of(2, 1, 1), 3});
  counts.Add({Of(3, 2, 1), 5});
  counts.Add({Of(4, 1, 2), 7});
  CHECK(counts.RoomOfNetwork(Of(9, 1, 1)) == 5);
  CHECK(counts.RoomOfNetwork(Of(9, 2, 1)) == 5);
  CHECK(counts.RoomOfNetwork(Of(9, 1, 2)) == 7);
  CHECK(counts.RoomOfWide(1) == 10);
  CHECK(counts.RoomOfWide(2) == 7);
  CHECK(counts.Room() == 17);
  counts.Remove({Of(3, 2, 1), 5});
  CHECK(counts.RoomOfNetwork(Of(9, 2, 1)) == 0);
  CHECK(counts.RoomOfWide(1) == 5);
  CHECK(counts.Room() == 12);
}

TEST_CASE("a count does not go below zero", "[greylist]") {
  PendingCounts counts;
  counts.Remove({Of(1), 2});
  CHECK(counts.Get(1) == 0);
  CHECK(counts.Room() == 0);
  counts.Add({Of(1), 2});
  CHECK(counts.Get(1) == 1);
}

TEST_CASE("nobody seems to have many pending tuples because millions of others wait",
          "[greylist]") {
  std::mt19937 random(1);
  PendingCounts counts;
  for (int i = 0; i < 3; ++i) counts.Add({Of(42), 2});
  // Each with one or two: eight million of them would have filled a sketch of this size to 500.
  const int others = GENERATE(100000, 1000000);
  for (int i = 0; i < others; ++i) {
    counts.Add({Of(static_cast<std::uint32_t>(random()), static_cast<std::uint16_t>(random()),
                   static_cast<std::uint16_t>(random())),
                2});
  }
  CHECK(counts.Get(42) <= 3);
  CHECK(counts.Get(static_cast<std::uint32_t>(random())) < 100);
}

TEST_CASE("a recount takes over when it is through, and not before", "[greylist]") {
  PendingCounts counts;
  for (int i = 0; i < 10; ++i) counts.Add({Of(1), 2});
  counts.BeginRecount();
  counts.Recount({Of(1), 2});
  counts.Recount({Of(1), 2});
  CHECK(counts.Get(1) == 10);
  CHECK(counts.Room() == 20);
  counts.FinishRecount();
  CHECK(counts.Get(1) == 2);
  CHECK(counts.RoomOfWide(1) == 4);
  CHECK(counts.Room() == 4);
}

TEST_CASE("what is added while recounting is not lost", "[greylist]") {
  PendingCounts counts;
  counts.BeginRecount();
  counts.Add({Of(1), 2});
  CHECK(counts.Get(1) == 1);
  counts.FinishRecount();
  CHECK(counts.Get(1) == 1);
  CHECK(counts.Room() == 2);
}

TEST_CASE("a recount that was given up leaves nothing in the next one", "[greylist]") {
  PendingCounts counts;
  counts.BeginRecount();
  counts.Recount({Of(1), 2});
  counts.BeginRecount();
  counts.FinishRecount();
  CHECK(counts.Get(1) == 0);
  CHECK(counts.Room() == 0);
}

TEST_CASE("threads may count while it is recounted", "[greylist]") {
  PendingCounts counts;
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < 4; ++t) {
    threads.emplace_back([&counts, t] {
      for (int i = 0; i < 5000; ++i) counts.Add({Of(t), 1});
    });
  }
  for (int i = 0; i < 20; ++i) {
    counts.BeginRecount();
    counts.Recount({Of(9), 1});
    counts.FinishRecount();
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(counts.Get(0) <= 5000);
}

}  // namespace
}  // namespace mxward::greylist
