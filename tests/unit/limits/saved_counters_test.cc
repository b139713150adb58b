// SPDX-License-Identifier: Apache-2.0
#include "limits/saved_counters.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "limits/limits.h"
#include "tests/unit/catch.h"
#include "tests/unit/limits/some_limits.h"

namespace mxward::limits {
namespace {

Counter SomeCounter(std::uint64_t id, Nanos left) {
  Counter counter;
  counter.key = {id, id * 3, Holder(Ip("2001:db8:1::1"))};
  counter.tat = Tat(kNow) + left;
  return counter;
}

std::vector<std::string> Pack(const std::vector<Counter>& counters) {
  CounterPacker packer(kTestKey);
  for (const Counter& counter : counters) packer.Add(counter, kNow);
  return packer.Take();
}

TEST_CASE("counters come back from their pieces", "[limits]") {
  std::vector<Counter> counters;
  for (std::uint64_t id = 1; id <= 1000; ++id) {
    counters.push_back(SomeCounter(id, Millis(id * 1000)));
  }
  // A start later, on another monotonic clock.
  const MonoTime later{Seconds(5)};
  std::vector<Counter> back;
  const auto pieces = Pack(counters);
  CHECK(pieces.size() == 17);
  for (const std::string& piece : pieces) {
    CHECK(piece.size() <= saved_counters::kMaxPiece);
    for (const Counter& counter : UnpackCounters(kTestKey, piece, Seconds(100), later)) {
      back.push_back(counter);
    }
  }
  REQUIRE(back.size() == 900);
  for (std::size_t i = 0; i < back.size(); ++i) {
    CHECK(back[i].key.id == i + 101);
    CHECK(back[i].key.group == counters[i + 100].key.group);
    CHECK(back[i].key.holder == counters[i + 100].key.holder);
    CHECK(back[i].tat == Tat(later) + Seconds(i + 1));
  }
}

TEST_CASE("nothing makes no piece", "[limits]") { CHECK(Pack({}).empty()); }

TEST_CASE("the longest and the shortest times fit", "[limits]") {
  const auto pieces = Pack({SomeCounter(1, Nanos(1)), SomeCounter(2, Rate::kLongest)});
  const auto back = UnpackCounters(kTestKey, pieces.at(0), Seconds(0), kNow);
  REQUIRE(back.size() == 2);
  CHECK(back[0].tat == Tat(kNow) + Millis(1));
  CHECK(back[1].tat == Tat(kNow) + Rate::kLongest);
  CHECK(UnpackCounters(kTestKey, pieces.at(0), Seconds::max(), kNow).empty());
  CHECK(UnpackCounters(kTestKey, pieces.at(0), Seconds::min(), kNow).size() == 2);
}

TEST_CASE("what is no piece is left out", "[limits]") {
  const std::string piece = Pack({SomeCounter(1, Seconds(60)), SomeCounter(2, Seconds(60))}).at(0);
  CHECK(UnpackCounters(kTestKey, piece, Seconds(0), kNow).size() == 2);
  for (std::size_t size = 0; size < piece.size(); ++size) {
    CHECK(UnpackCounters(kTestKey, piece.substr(0, size), Seconds(0), kNow).empty());
  }
  CHECK(UnpackCounters(kTestKey, piece + std::string(32, '\0'), Seconds(0), kNow).empty());
  for (std::size_t i = 0; i < piece.size(); ++i) {
    std::string changed = piece;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK(UnpackCounters(kTestKey, changed, Seconds(0), kNow).empty());
  }
  HashKey other = kTestKey;
  other[0] = 99;
  CHECK(UnpackCounters(other, piece, Seconds(0), kNow).empty());
}

TEST_CASE_METHOD(LimitsFixture, "counters survive a restart, less what passed meanwhile",
                 "[limits]") {
  const LimitConfig limit = SomeLimit(LimitCount::kMessages, LimitPer::kClient, 60, Seconds(60));
  for (int client = 1; client <= 50; ++client) {
    for (int i = 0; i < client; ++i) limits.Take(limit, From("192.0.2." + std::to_string(client)));
  }
  FakeClock other_clock;
  other_clock.Advance(Seconds(86400));
  Limits after(other_clock, kTestKey, 1 << 20);
  after.Restore(SaveAll(limits), Seconds(10));
  for (int client = 1; client <= 50; ++client) {
    CHECK(after.Look(limit, From("192.0.2." + std::to_string(client))).used ==
          std::max(client - 10, 0));
  }
  CHECK(after.stats().counters == 40);
}

TEST_CASE_METHOD(LimitsFixture, "a counter stays in its slice, and a slice is a part of all",
                 "[limits]") {
  const LimitConfig limit = SomeLimit(LimitCount::kMessages, LimitPer::kClient, 60, Seconds(60));
  for (std::uint32_t client = 1; client <= 6400; ++client) {
    Subject subject;
    subject.client = IpAddress::V4(client << 12);
    limits.Take(limit, subject);
  }
  const auto ids_of = [this](std::size_t slice) {
    std::set<std::uint64_t> ids;
    for (const std::string& piece : limits.Save(slice)) {
      for (const Counter& counter :
           UnpackCounters(kTestKey, piece, Seconds(0), clock.Monotonic())) {
        ids.insert(counter.key.id);
      }
    }
    return ids;
  };
  std::vector<std::set<std::uint64_t>> before;
  std::set<std::uint64_t> all;
  for (std::size_t slice = 0; slice < Limits::kSlices; ++slice) {
    before.push_back(ids_of(slice));
    CHECK(before.back().size() > 50);
    CHECK(before.back().size() < 150);
    all.insert(before.back().begin(), before.back().end());
  }
  CHECK(all.size() == 6400);
  limits.SetMemory(8 << 20);
  for (std::size_t slice = 0; slice < Limits::kSlices; ++slice) {
    CHECK(ids_of(slice) == before[slice]);
  }
}

TEST_CASE_METHOD(LimitsFixture, "open connections are not saved", "[limits]") {
  const LimitConfig limit = SomeLimit(LimitCount::kConcurrent, LimitPer::kClient, 2, Seconds(0));
  State state;
  const Limits::Open open = limits.Enter(limit, From("192.0.2.1"), &state);
  CHECK(SaveAll(limits).empty());
}

TEST_CASE_METHOD(LimitsFixture, "what was counted since the start is not lost to what was saved",
                 "[limits]") {
  const LimitConfig limit = SomeLimit(LimitCount::kMessages, LimitPer::kClient, 60, Seconds(60));
  limits.Take(limit, From("192.0.2.1"));
  Limits after(clock, kTestKey, 1 << 20);
  for (int i = 0; i < 5; ++i) after.Take(limit, From("192.0.2.1"));
  after.Restore(SaveAll(limits), Seconds(0));
  CHECK(after.Look(limit, From("192.0.2.1")).used == 5);
}

TEST_CASE_METHOD(LimitsFixture, "garbage is not restored", "[limits]") {
  const std::uint32_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::vector<std::string> pieces{"", "\x01"};
  for (int i = 0; i < 1000; ++i) {
    std::string piece(random() % 2100, '\0');
    std::generate(piece.begin(), piece.end(), [&] { return static_cast<char>(random()); });
    if (!piece.empty()) piece[0] = '\x01';
    pieces.push_back(piece);
  }
  limits.Restore(pieces, Seconds(0));
  CHECK(limits.stats().counters == 0);
}

TEST_CASE_METHOD(LimitsFixture, "more than fits is restored as far as it fits", "[limits]") {
  const LimitConfig limit = SomeLimit(LimitCount::kMessages, LimitPer::kClient, 60, Seconds(6000));
  std::mt19937 random(5);
  for (int i = 0; i < 20000; ++i) {
    Subject subject;
    subject.client = IpAddress::V4(static_cast<std::uint32_t>(random()));
    limits.Take(limit, subject);
  }
  Limits after(clock, kTestKey, 256 << 10);
  after.Restore(SaveAll(limits), Seconds(0));
  CHECK(after.stats().bytes <= 256 << 10);
  CHECK(after.stats().counters > after.stats().capacity * 9 / 10);
}

}  // namespace
}  // namespace mxward::limits
