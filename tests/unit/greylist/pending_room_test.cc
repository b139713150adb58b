// SPDX-License-Identifier: Apache-2.0
#include "greylist/pending_room.h"

#include <map>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "catch.h"
#include "greylist/record.h"
#include "tests/fake/temp_dir.h"

namespace mxward::greylist {
namespace {

constexpr std::uint64_t kSmallMap = 4 << 20;

// A small database whose records are written without an engine.
struct RoomFixture {
  TempDir dir;
  std::unique_ptr<store::Environment> environment;
  std::unique_ptr<store::InlineWriter> writer;
  PendingCounts counts;
  PendingRoom room{counts};
  std::mt19937_64 random{1};
  WallTime now{Seconds(1767571200)};

  RoomFixture() {
    auto opened = store::Environment::Open(
        {.path = dir.path(), .map_size = kSmallMap, .map_size_max = kSmallMap, .no_sync = true});
    REQUIRE(opened);
    environment = *std::move(opened);
    writer = std::make_unique<store::InlineWriter>(*environment);
  }
  static Holder Of(std::uint16_t wide, std::uint16_t network, std::uint32_t client) {
    Holder holder;
    holder.wide = wide;
    holder.network = network;
    holder.client = client;
    return holder;
  }
  void Put(const Holder& holder, std::size_t tuples, State state = State::kPending) {
    REQUIRE(environment->Write([&](store::WriteTransaction& transaction) -> Result<void> {
      for (std::size_t i = 0; i < tuples; ++i) {
        TupleRecord record;
        record.state = state;
        record.first_seen = record.last_seen = now;
        record.SetHolder(holder);
        record.client = IpAddress::V4(1);
        record.sender = std::string(60, 's');
        const std::string bytes = record.Encode();
        const TupleKey key{random(), random()};
        if (auto put = transaction.Put(store::Table::kTuples, key.Encode(), bytes); !put)
          return put;
        if (state == State::kPending) counts.Add({holder, PendingCounts::RoomOf(bytes.size())});
      }
      return {};
    }));
    now += Seconds(1);
  }
  void Trim(int times = 200) {
    for (int i = 0; i < times; ++i) room.Trim(*environment, *writer);
  }
  // Tuples by what `of` makes of their holders.
  template <class Of>
  std::map<std::uint32_t, std::size_t> Count(Of of) {
    std::map<std::uint32_t, std::size_t> found;
    auto read = environment->Read();
    REQUIRE(read);
    REQUIRE(read->Scan(store::Table::kTuples, "", [&](std::string_view, std::string_view bytes) {
      ++found[of(TupleRecord::Decode(bytes)->holder())];
      return true;
    }));
    return found;
  }
};

const auto kByWide = [](const Holder& holder) { return std::uint32_t{holder.wide}; };
const auto kByNetwork = [](const Holder& holder) { return std::uint32_t{holder.network}; };
const auto kByClient = [](const Holder& holder) { return holder.client; };

TEST_CASE("nobody gives way while there is room", "[greylist]") {
  RoomFixture fixture;
  fixture.Put(RoomFixture::Of(1, 1, 1), 1000);
  fixture.Trim();
  CHECK(fixture.Count(kByWide)[1] == 1000);
  CHECK(fixture.room.Admits(RoomFixture::Of(1, 1, 1)));
  CHECK_FALSE(fixture.room.stats().pressed);
  CHECK(fixture.room.stats().evicted == 0);
}

TEST_CASE("a wide network gives way to its share, first its largest network's largest client",
          "[greylist]") {
  RoomFixture fixture;
  fixture.Put(RoomFixture::Of(1, 1, 1), 3);    // a neighbour in the flooder's network
  fixture.Put(RoomFixture::Of(1, 2, 2), 500);  // one in the flooder's wide network
  fixture.Put(RoomFixture::Of(2, 1, 3), 500);  // others
  for (std::uint32_t i = 0; i < 20; ++i) fixture.Put(RoomFixture::Of(1, 1, 100 + i), 300);
  fixture.Trim();
  const std::uint64_t quarter = kSmallMap / PendingCounts::kUnit / 4;
  CHECK(fixture.counts.RoomOfWide(1) <= quarter);
  CHECK(fixture.counts.RoomOfWide(1) >= quarter / 2);
  CHECK(fixture.Count(kByWide)[2] == 500);
  CHECK(fixture.Count(kByNetwork)[2] == 500);
  auto clients = fixture.Count(kByClient);
  CHECK(clients[1] == 3);
  CHECK(clients[2] == 500);
  std::size_t least = 1000;
  std::size_t most = 0;
  for (std::uint32_t i = 0; i < 20; ++i) {
    least = std::min(least, clients[100 + i]);
    most = std::max(most, clients[100 + i]);
  }
  // Alike, but for what a sample can tell.
  CHECK(most - least < 60);
  CHECK(fixture.room.stats().evicted == 7003 - fixture.Count(kByWide)[1] - 500);
}

TEST_CASE("the newest go first", "[greylist]") {
  RoomFixture fixture;
  fixture.Put(RoomFixture::Of(1, 1, 1), 4000);
  const WallTime late = fixture.now;
  fixture.Put(RoomFixture::Of(1, 1, 1), 4000);
  fixture.Trim();
  std::size_t early_ones = 0;
  std::size_t late_ones = 0;
  auto read = fixture.environment->Read();
  REQUIRE(read);
  REQUIRE(read->Scan(store::Table::kTuples, "", [&](std::string_view, std::string_view bytes) {
    ++(TupleRecord::Decode(bytes)->first_seen < late ? early_ones : late_ones);
    return true;
  }));
  CHECK(early_ones > 3 * late_ones);
}

TEST_CASE("what would be the next to go is turned away, and nobody else is", "[greylist]") {
  RoomFixture fixture;
  fixture.Put(RoomFixture::Of(1, 2, 2), 20);
  fixture.Put(RoomFixture::Of(2, 1, 3), 20);
  for (std::uint32_t i = 0; i < 20; ++i) fixture.Put(RoomFixture::Of(1, 1, 100 + i), 350);
  fixture.Trim();
  // Back over the limit, by as little as one record.
  while (fixture.room.Admits(RoomFixture::Of(1, 1, 100))) {
    fixture.Put(RoomFixture::Of(1, 1, 100), 1);
  }
  CHECK(fixture.room.Admits(RoomFixture::Of(1, 1, 999)));  // a neighbour's first
  CHECK(fixture.room.Admits(RoomFixture::Of(1, 2, 2)));    // another network of the same wide one
  CHECK(fixture.room.Admits(RoomFixture::Of(2, 1, 3)));
  CHECK(fixture.room.stats().turned_away >= 1);
  CHECK(fixture.room.stats().pressed);
}

TEST_CASE("when many wide networks fill the database, the largest give way", "[greylist]") {
  RoomFixture fixture;
  fixture.Put(RoomFixture::Of(1, 1, 1), 300);
  for (int i = 0; i < 40; ++i) {
    for (std::uint16_t wide = 2; wide <= 6; ++wide) {
      fixture.Put(RoomFixture::Of(wide, 1, wide), 100);
      fixture.Trim(2);
    }
  }
  fixture.Trim(50);
  const auto usage = fixture.environment->GetUsage();
  REQUIRE(usage);
  CHECK(usage->used_bytes <= usage->limit_bytes * (PendingRoom::kFillPercent + 5) / 100);
  CHECK(fixture.Count(kByWide)[1] == 300);
  CHECK(fixture.room.Admits(RoomFixture::Of(1, 1, 1)));
  CHECK(fixture.room.lost_retention() == Seconds(0));
}

TEST_CASE("known tuples do not give way", "[greylist]") {
  RoomFixture fixture;
  fixture.Put(RoomFixture::Of(1, 1, 1), 2000, State::kPassed);
  fixture.Put(RoomFixture::Of(1, 1, 2), 8000);
  fixture.Trim();
  CHECK(fixture.Count(kByClient)[1] == 2000);
  CHECK(fixture.room.stats().evicted > 0);
}

}  // namespace
}  // namespace mxward::greylist
