// SPDX-License-Identifier: Apache-2.0
#include "entries/sweep.h"

#include <string>

#include "catch.h"
#include "entries/table.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/test_store.h"
#include "tests/fake/times.h"

namespace mxward::entries {
namespace {

using store::Table;

constexpr Millis kTenMinutes{600000};

struct SweepFixture {
  TestStore store;
  FakeClock clock;
  Sweep sweep{store.environment(), store.writer()};

  void Put(int number, Seconds lasts) {
    Entry entry;
    entry.kind = Kind::kSender;
    entry.key = std::to_string(number) + "@example.org";
    entry.created = entry.updated = clock.Now();
    entry.expires = clock.Now() + lasts;
    store.Do(PutEntry(entry, store.environment().hash_key()));
  }
  int Walk() {
    int steps = 1;
    while (!sweep.Step(clock.Now(), clock.Monotonic())) ++steps;
    return steps;
  }
  std::uint64_t count() { return store.Count(Table::kEntries); }
};

TEST_CASE("entries that are over leave the store, once the clock is trusted", "[entries]") {
  SweepFixture fixture;
  fixture.Put(1, Seconds(60));
  fixture.Put(2, Seconds(6000));
  fixture.store.Put(Table::kEntries, "garbage", "garbage");
  fixture.Walk();
  fixture.clock.Advance(kTenMinutes - Millis(1000));
  fixture.Walk();
  CHECK(fixture.count() == 3);
  fixture.clock.Advance(Millis(1000));
  fixture.Walk();
  CHECK(fixture.count() == 1);
}

TEST_CASE("a clock that was set does not make entries go", "[entries]") {
  SweepFixture fixture;
  fixture.Put(1, Seconds(86400));
  fixture.Walk();
  fixture.clock.Advance(kTenMinutes);
  fixture.Walk();
  fixture.clock.StepWall(100 * kDay);
  fixture.Walk();
  CHECK(fixture.count() == 1);
}

TEST_CASE("tombstones go after two months", "[entries]") {
  SweepFixture fixture;
  fixture.store.Do(ForgetEntry(Kind::kSender, "a@example.org", fixture.clock.Now(),
                               fixture.store.environment().hash_key()));
  fixture.Walk();
  fixture.clock.Advance(60 * kDay);
  fixture.Walk();
  CHECK(fixture.count() == 1);
  fixture.clock.Advance(kDay);
  fixture.Walk();
  CHECK(fixture.count() == 0);
}

TEST_CASE("many entries are looked at in slices", "[entries]") {
  SweepFixture fixture;
  for (int i = 0; i < 250; ++i) fixture.Put(i, Seconds(60));
  fixture.Walk();
  fixture.clock.Advance(kTenMinutes);
  CHECK_FALSE(fixture.sweep.Step(fixture.clock.Now(), fixture.clock.Monotonic()));
  CHECK(fixture.count() == 150);
  fixture.Walk();
  CHECK(fixture.count() == 0);
}

}  // namespace
}  // namespace mxward::entries
