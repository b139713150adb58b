// SPDX-License-Identifier: Apache-2.0
#include "engine/saved_limits.h"

#include <string>

#include "catch.h"
#include "tests/fake/failing_writer.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/test_store.h"
#include "tests/fake/times.h"

namespace mxward {
namespace {

using store::Table;
using Mode = FailingWriter::Mode;

IpAddress Visitor(std::uint32_t number) { return IpAddress::V4(0x0a000000 + (number << 8)); }

struct SavedLimitsFixture {
  TestStore store;
  FakeClock clock;
  FailingWriter writer{store.writer(), clock};
  limits::Limits limits{clock, store.environment().hash_key(), 1 << 20};
  SavedLimits saved{clock, writer, limits};
  LimitConfig limit;

  SavedLimitsFixture() {
    limit.name = "messages";
    limit.count = LimitCount::kMessages;
    limit.per = LimitPer::kClient;
    limit.amount = limit.burst = 100;
    limit.period = kHour;
  }
  void Count(std::uint32_t clients) {
    for (std::uint32_t i = 0; i < clients; ++i) {
      limits::Subject subject;
      subject.client = Visitor(i);
      for (int message = 0; message < 10; ++message) limits.Take(limit, subject);
    }
  }
  // As if all slices came to their turn.
  void SaveForAWhile() {
    for (int i = 0; i < 80; ++i) {
      clock.Advance(Millis(250));
      saved.Save(/*all=*/false);
    }
  }
  std::uint64_t pieces() { return store.Count(Table::kLimits); }
  // How many of these clients a new start knows.
  std::uint32_t Restored(std::uint32_t clients) {
    limits::Limits again(clock, store.environment().hash_key(), 1 << 20);
    SavedLimits loader(clock, writer, again);
    const auto read = store.environment().Read();
    REQUIRE(read);
    REQUIRE(loader.Load(*read));
    std::uint32_t known = 0;
    for (std::uint32_t i = 0; i < clients; ++i) {
      limits::Subject subject;
      subject.client = Visitor(i);
      if (again.Look(limit, subject).used > 0) ++known;
    }
    return known;
  }
};

TEST_CASE("counters of limits come back, all slices in turn", "[engine]") {
  SavedLimitsFixture fixture;
  fixture.Count(500);
  fixture.SaveForAWhile();
  CHECK(fixture.pieces() > 0);
  CHECK(fixture.Restored(500) == 500);
}

TEST_CASE("pieces of limits that could not be written are written later", "[engine]") {
  SavedLimitsFixture fixture;
  fixture.Count(500);
  fixture.writer.Set(Mode::kFails);
  fixture.SaveForAWhile();
  CHECK(fixture.pieces() == 0);
  fixture.writer.Set(Mode::kWorks);
  fixture.SaveForAWhile();
  CHECK(fixture.Restored(500) == 500);
}

TEST_CASE("pieces of limits that are no longer needed go, even if that fails at first",
          "[engine]") {
  SavedLimitsFixture fixture;
  fixture.Count(500);
  fixture.SaveForAWhile();
  REQUIRE(fixture.pieces() > 0);
  fixture.clock.Advance(2 * kHour);
  fixture.writer.Set(Mode::kFails);
  fixture.SaveForAWhile();
  REQUIRE(fixture.pieces() > 0);
  fixture.writer.Set(Mode::kWorks);
  fixture.SaveForAWhile();
  CHECK(fixture.pieces() == 0);
}

TEST_CASE("a writer that hangs is not given one slice of limits after the other", "[engine]") {
  SavedLimitsFixture fixture;
  fixture.Count(500);
  fixture.writer.Set(Mode::kHangs);
  fixture.SaveForAWhile();
  fixture.writer.Set(Mode::kWorks);
  // What it had when it hung: one slice of 64.
  CHECK(fixture.Restored(500) > 0);
  CHECK(fixture.Restored(500) < 50);
}

}  // namespace
}  // namespace mxward
