// SPDX-License-Identifier: Apache-2.0
#include "engine/new_findings.h"

#include "catch.h"
#include "clients/client_record.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/test_config.h"
#include "tests/fake/test_store.h"
#include "tests/fake/times.h"

namespace mxward {
namespace {

struct NewFindingsFixture {
  TestStore store;
  FakeClock clock;
  CurrentConfig config{Shared(TestConfig())};

  // As after a start.
  std::optional<WallTime> CountFrom() {
    NewFindings findings(clock, store.writer(), config);
    Load(findings);
    return findings.CountFrom();
  }
  void Load(NewFindings& findings) {
    const auto read = store.environment().Read();
    REQUIRE(read);
    findings.Load(*read);
  }
  void Use() { store.Put(mxward::store::Table::kClients, "12345678", ClientRecord().Encode()); }
};

TEST_CASE("on a new database findings count at once, and later as well", "[engine]") {
  NewFindingsFixture fixture;
  CHECK(fixture.CountFrom() == std::nullopt);
  fixture.Use();
  CHECK(fixture.CountFrom() == std::nullopt);
}

TEST_CASE("on a database that was used before new findings wait for seven days", "[engine]") {
  NewFindingsFixture fixture;
  fixture.Use();
  const WallTime from = fixture.clock.Now() + Seconds(7 * 86400);
  CHECK(fixture.CountFrom() == from);
  fixture.clock.Advance(Seconds(6 * 86400));
  CHECK(fixture.CountFrom() == from);  // a restart does not begin the wait again
  fixture.clock.Advance(Seconds(86400));
  CHECK(fixture.CountFrom() == std::nullopt);
}

TEST_CASE("the wait for new findings ends when the administrator says so", "[engine]") {
  NewFindingsFixture fixture;
  fixture.Use();
  NewFindings findings(fixture.clock, fixture.store.writer(), fixture.config);
  fixture.Load(findings);
  REQUIRE(findings.CountFrom());
  CHECK(findings.Enable());
  CHECK_FALSE(findings.CountFrom());
  CHECK(fixture.CountFrom() == std::nullopt);
}

}  // namespace
}  // namespace mxward
