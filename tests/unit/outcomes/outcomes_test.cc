// SPDX-License-Identifier: Apache-2.0
#include "outcomes/outcomes.h"

#include <string>

#include "catch.h"
#include "outcomes/table.h"
#include "tests/fake/failing_writer.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/test_store.h"
#include "tests/fake/times.h"

namespace mxward::outcomes {
namespace {

using store::Table;
using Mode = FailingWriter::Mode;

Row Deferred(std::uint32_t count = 1) {
  Row row;
  row.counts[kDeferred] = count;
  return row;
}

struct Fixture {
  TestStore store;
  FakeClock clock;
  FailingWriter writer{store.writer(), clock};
  Outcomes outcomes{clock, store.environment(), writer};

  Day today() const { return DayOf(clock.Now()); }
  void Defer(const std::string& organisation = "example.org") {
    outcomes.Add({{{today(), Kind::kTotals, ""}, Deferred()},
                  {{today(), Kind::kOrganisation, organisation}, Deferred()}});
  }
  std::uint32_t deferred(Day from, Day until) {
    const auto summary = outcomes.Summarise(from, until);
    REQUIRE(summary);
    return summary->totals().counts[kDeferred];
  }
  std::uint64_t stored() { return store.Count(Table::kOutcomes); }
};

TEST_CASE("what is counted is known at once, and stored every ten seconds", "[outcomes]") {
  Fixture fixture;
  fixture.Defer();
  CHECK(fixture.deferred(fixture.today(), fixture.today()) == 1);
  fixture.clock.Advance(9 * kSecond);
  fixture.outcomes.Flush();
  CHECK(fixture.stored() == 0);
  fixture.clock.Advance(kSecond);
  fixture.outcomes.Flush();
  CHECK(fixture.stored() == 2);
  fixture.Defer();
  CHECK(fixture.deferred(fixture.today(), fixture.today()) == 2);
  fixture.outcomes.Flush(/*all=*/true);
  CHECK(fixture.stored() == 2);
  CHECK(fixture.deferred(fixture.today(), fixture.today()) == 2);
}

TEST_CASE("outcomes that could not be written are kept and written later", "[outcomes]") {
  Fixture fixture;
  fixture.Defer();
  fixture.writer.Set(Mode::kFails);
  fixture.outcomes.Flush(/*all=*/true);
  CHECK(fixture.stored() == 0);
  CHECK(fixture.deferred(fixture.today(), fixture.today()) == 1);
  fixture.writer.Set(Mode::kWorks);
  fixture.clock.Advance(10 * kSecond);
  fixture.outcomes.Flush();
  CHECK(fixture.stored() == 2);
  CHECK(fixture.deferred(fixture.today(), fixture.today()) == 1);
}

TEST_CASE("memory is bounded: what is beyond has no name", "[outcomes]") {
  Fixture fixture;
  for (std::size_t i = 0; i < 2 * Outcomes::kMaxWaiting; ++i) {
    fixture.Defer("d" + std::to_string(i) + ".example");
  }
  const auto summary = fixture.outcomes.Summarise(fixture.today(), fixture.today());
  REQUIRE(summary);
  CHECK(summary->of(Kind::kOrganisation).size() <= Outcomes::kMaxWaiting);
  CHECK(summary->of(Kind::kOrganisation).at("").counts[kDeferred] > Outcomes::kMaxWaiting - 2);
  CHECK(summary->totals().counts[kDeferred] == 2 * Outcomes::kMaxWaiting);
}

TEST_CASE("a day has room for so many names in the table", "[outcomes]") {
  Fixture fixture;
  const std::size_t most = MostNames(Kind::kOrganisation);
  for (std::size_t i = 0; i < most + 30; ++i) {
    fixture.Defer("d" + std::to_string(1000 + i) + ".example");
    if (i % 100 == 0) fixture.outcomes.Flush(/*all=*/true);
  }
  fixture.outcomes.Flush(/*all=*/true);
  CHECK(fixture.stored() == most + 2);  // the totals, and those without a name
  fixture.Defer("d1000.example");       // has its place
  fixture.Defer("d1520.example");       // has none
  fixture.outcomes.Flush(/*all=*/true);
  const auto rows = ReadDay(fixture.store.environment(), fixture.today());
  REQUIRE(rows);
  CHECK(rows->size() == most + 2);
  CHECK(rows->at({fixture.today(), Kind::kOrganisation, ""}).counts[kDeferred] == 31);
  CHECK(rows->at({fixture.today(), Kind::kOrganisation, "d1000.example"}).counts[kDeferred] == 2);
  fixture.clock.Advance(kDay);
  fixture.Defer("d1520.example");
  fixture.outcomes.Flush(/*all=*/true);
  CHECK(fixture.stored() == most + 4);
}

TEST_CASE("only the days that are asked for count", "[outcomes]") {
  Fixture fixture;
  const Day first = fixture.today();
  for (int i = 0; i < 3; ++i) {
    fixture.Defer();
    fixture.outcomes.Flush(/*all=*/true);
    fixture.clock.Advance(kDay);
  }
  CHECK(fixture.deferred(first, first + 2) == 3);
  CHECK(fixture.deferred(first + 1, first + 2) == 2);
  CHECK(fixture.deferred(first + 1, first + 1) == 1);
  CHECK(fixture.deferred(first + 3, first + 9) == 0);
  CHECK(FirstDay(fixture.store.environment()).value() == first);
}

TEST_CASE("what is old is removed once the clock can be trusted", "[outcomes]") {
  Fixture fixture;
  fixture.outcomes.Flush(/*all=*/true);  // from here on the clocks are compared
  fixture.Defer();
  fixture.outcomes.Flush(/*all=*/true);
  fixture.clock.Advance(Outcomes::kKeep * kDay);
  fixture.outcomes.Flush(/*all=*/true);
  CHECK(fixture.stored() == 2);
  fixture.clock.StepWall(kDay);
  fixture.outcomes.Flush(/*all=*/true);
  CHECK(fixture.stored() == 2);  // the clock has just been set
  fixture.clock.Advance(Millis(11 * 60000));
  fixture.outcomes.Flush(/*all=*/true);
  CHECK(fixture.stored() == 0);
}

TEST_CASE("what is forgotten is gone, written or not", "[outcomes]") {
  Fixture fixture;
  fixture.Defer("gone.example");
  fixture.outcomes.Flush(/*all=*/true);
  fixture.Defer("gone.example");
  fixture.Defer("stays.example");
  const auto ticket =
      fixture.outcomes.Forget([](const Key& key) { return key.name == "gone.example"; });
  REQUIRE(ticket);
  CHECK((*ticket)->Wait(kSecond));
  const auto summary = fixture.outcomes.Summarise(fixture.today(), fixture.today());
  REQUIRE(summary);
  CHECK_FALSE(summary->of(Kind::kOrganisation).contains("gone.example"));
  CHECK(summary->of(Kind::kOrganisation).contains("stays.example"));
}

TEST_CASE("a row that cannot be read begins anew", "[outcomes]") {
  Fixture fixture;
  fixture.store.Put(Table::kOutcomes, Key{fixture.today(), Kind::kTotals, ""}.Encode(), "rubbish");
  fixture.Defer();
  fixture.outcomes.Flush(/*all=*/true);
  CHECK(fixture.deferred(fixture.today(), fixture.today()) == 1);
}

}  // namespace
}  // namespace mxward::outcomes
