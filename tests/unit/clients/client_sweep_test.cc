// SPDX-License-Identifier: Apache-2.0
#include "clients/client_sweep.h"

#include <string>

#include "catch.h"
#include "clients/client_table.h"
#include "tests/fake/failing_writer.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/test_store.h"
#include "tests/fake/times.h"

namespace mxward {
namespace {

using store::Table;

constexpr Millis kTenMinutes{600000};
constexpr Seconds kLifetime{60 * 86400};

struct SweepFixture {
  TestStore store;
  FakeClock clock;
  FailingWriter writer{store.writer(), clock};
  ClientSweep sweep{store.environment(), writer};

  bool Step() { return sweep.Step(kLifetime, clock.Now(), clock.Monotonic()); }
  int Walk() {
    int steps = 1;
    while (!Step()) ++steps;
    return steps;
  }
  void Trust() {
    Walk();
    clock.Advance(kTenMinutes);
  }
  void Put(std::uint64_t number, WallTime last_seen) {
    ClientRecord record;
    record.first_seen = record.last_seen = last_seen;
    store.Put(Table::kClients, ClientKey(number), record.Encode());
  }
  std::uint64_t count() { return store.Count(Table::kClients); }
};

TEST_CASE("clients go a lifetime after their last visit, once the clock is trusted", "[clients]") {
  SweepFixture fixture;
  const WallTime now = fixture.clock.Now() + Seconds(600);
  fixture.Put(1, now - kLifetime);
  fixture.Put(2, now - kLifetime - Seconds(1));
  fixture.Put(3, now);
  fixture.store.Put(Table::kClients, "k", "garbage");
  fixture.Walk();
  fixture.clock.Advance(kTenMinutes - Millis(1000));
  fixture.Walk();
  CHECK(fixture.count() == 4);
  fixture.clock.Advance(Millis(1000));
  fixture.Walk();
  CHECK(fixture.count() == 2);
  CHECK(fixture.store.Get(Table::kClients, ClientKey(2)).empty());
  CHECK(fixture.store.Get(Table::kClients, "k").empty());
}

TEST_CASE("a clock that was set does not make clients go", "[clients]") {
  SweepFixture fixture;
  fixture.Trust();
  fixture.Put(1, fixture.clock.Now());
  fixture.clock.StepWall(100 * kDay);
  fixture.Walk();
  CHECK(fixture.count() == 1);
  fixture.clock.StepWall(-100 * kDay);
  fixture.clock.Advance(kTenMinutes);
  fixture.Walk();
  CHECK(fixture.count() == 1);
}

TEST_CASE("clients from the future are set to now, and so expire one day", "[clients]") {
  SweepFixture fixture;
  fixture.Trust();
  fixture.Put(1, fixture.clock.Now() + Seconds(10000 * 86400));
  fixture.Put(2, fixture.clock.Now() + Seconds(300));
  fixture.Walk();
  CHECK(ClientRecord::Decode(fixture.store.Get(Table::kClients, ClientKey(1)))->last_seen ==
        fixture.clock.Now());
  CHECK(ClientRecord::Decode(fixture.store.Get(Table::kClients, ClientKey(2)))->last_seen ==
        fixture.clock.Now() + Seconds(300));
  fixture.clock.Advance(61 * kDay);
  fixture.Walk();
  CHECK(fixture.count() == 0);
}

TEST_CASE("a client that came again meanwhile stays", "[clients]") {
  SweepFixture fixture;
  fixture.Trust();
  fixture.Put(1, fixture.clock.Now() - kLifetime - Seconds(1));
  fixture.writer.Set(FailingWriter::Mode::kHangs);
  fixture.Walk();
  fixture.Put(1, fixture.clock.Now());
  fixture.writer.Set(FailingWriter::Mode::kWorks);
  CHECK(fixture.count() == 1);
}

TEST_CASE("many clients are looked at in slices, by records read and by deletions", "[clients]") {
  SweepFixture fixture;
  fixture.Trust();
  const WallTime now = fixture.clock.Now();
  fixture.store.Do([now](store::WriteTransaction& transaction) -> Result<void> {
    ClientRecord record;
    for (std::uint64_t i = 0; i < 2500; ++i) {
      record.last_seen = i < 250 ? now - kLifetime - Seconds(1) : now;
      auto put = transaction.Put(Table::kClients, ClientKey(i), record.Encode());
      if (!put) return put;
    }
    return {};
  });
  CHECK_FALSE(fixture.Step());
  CHECK(fixture.count() == 2500 - store::ExpiryPass::kDeletions);
  // 100 more; then 50 and 950, 1000 and 300 that stay.
  CHECK(fixture.Walk() == 4);
  CHECK(fixture.count() == 2250);
}

TEST_CASE("a deletion of a client that fails is tried again on the next walk", "[clients]") {
  SweepFixture fixture;
  fixture.Trust();
  fixture.Put(1, fixture.clock.Now() - kLifetime - Seconds(1));
  fixture.writer.Set(FailingWriter::Mode::kFails);
  fixture.Walk();
  CHECK(fixture.count() == 1);
  fixture.writer.Set(FailingWriter::Mode::kWorks);
  fixture.Walk();
  CHECK(fixture.count() == 0);
}

TEST_CASE("clients are listed in slices", "[clients]") {
  SweepFixture fixture;
  for (std::uint64_t i = 0; i < 5; ++i) fixture.Put(i, fixture.clock.Now() + Seconds(i));
  fixture.store.Put(Table::kClients, ClientKey(2), "garbage");
  std::vector<Seconds> seen;
  const auto list = [&](std::string_view from, std::size_t limit) {
    seen.clear();
    auto next = ListClients(fixture.store.environment(), from, limit,
                            [&](std::string_view key, const ClientRecord& record) {
                              CHECK(key.size() == 8);
                              seen.push_back(record.last_seen - fixture.clock.Now());
                              return seen.size() < 3;
                            });
    REQUIRE(next);
    return *next;
  };
  CHECK(list("", 2) == ClientKey(2));
  CHECK(seen == std::vector{Seconds(0), Seconds(1)});
  CHECK(list(ClientKey(2), 2) == ClientKey(4));
  CHECK(seen == std::vector{Seconds(3)});
  CHECK(list(ClientKey(4), 2) == std::nullopt);
  CHECK(list("", 100) == ClientKey(4));
}

}  // namespace
}  // namespace mxward
