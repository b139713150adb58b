// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <map>

#include "dnsbl/list_health.h"
#include "tests/unit/catch.h"
#include "tests/unit/dnsbl/some_list.h"
#include "tests/unit/dnsbl/watched.h"

namespace mxward::dnsbl {
namespace {

TEST_CASE("a test is due at start and then once in ten minutes", "[dnsbl]") {
  Watched list;
  CHECK(list.UntilTest() == Seconds(0));
  list.Test(Clean());
  // The next comes at the list's own time within ten minutes.
  const Seconds first = list.UntilTest();
  CHECK(first >= ListHealth::kTestsApart);
  CHECK(first <= ListHealth::kRoutine + ListHealth::kTestsApart);
  for (int i = 0; i < 3; ++i) {
    list.Test(Clean());
    CHECK(list.UntilTest() == ListHealth::kRoutine);
  }
}

TEST_CASE("lists are tested at different times", "[dnsbl]") {
  std::map<std::int64_t, int> times;
  for (int i = 0; i < 20; ++i) {
    DnsblConfig config = ClientList();
    config.name = "list-" + std::to_string(i);
    Healthy list(config);
    ++times[list.UntilTest().count() / 60];
  }
  CHECK(times.size() >= 5);
}

TEST_CASE("a test is begun once, and begun again when nobody reports of it", "[dnsbl]") {
  Watched list;
  CHECK(list.health.TestDue(list.now.monotonic));
  CHECK_FALSE(list.health.TestDue(list.now.monotonic));
  CHECK(list.UntilTest() == ListHealth::kTrouble);
}

TEST_CASE("while something is wrong tests are due each minute", "[dnsbl]") {
  struct Row {
    const char* why;
    std::function<void(Watched&)> begin;
    std::function<TestResult()> test;
    Seconds wait;
  };
  const auto refused = [] { return Result(Says(State::kRefused), Says(State::kRefused)); };
  const auto lying = [] { return Result(Says(State::kListed), Says(State::kListed)); };
  const auto missing = [] { return Result(NotListed(), NotListed()); };
  const auto good = [](Watched& list) { list.Clients(5, true, true); };
  const auto nothing = [](Watched&) {};
  const std::vector<Row> rows = {
      {"a test was not answered", nothing, Silent, Seconds(60)},
      {"refusing", nothing, refused, Seconds(60)},
      {"lying", nothing, lying, Seconds(60)},
      {"suspect", good, Clean, Seconds(60)},
      {"a missing listed point is nothing wrong", nothing, missing, ListHealth::kRoutine},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    Healthy list;
    list.UntilTest();
    row.begin(list);
    list.Test(row.test());
    CHECK(list.UntilTest() == row.wait);
    list.Test(row.test());
    CHECK(list.UntilTest() == row.wait);
  }
}

TEST_CASE("a fault calls for a test at once", "[dnsbl]") {
  struct Row {
    const char* why;
    std::function<void(Watched&)> begin;
  };
  const std::vector<Row> rows = {
      {"a refusal", [](Watched& list) { list.Answer(State::kRefused); }},
      {"a bogus answer", [](Watched& list) { list.Answer(State::kBogus); }},
      {"good clients listed", [](Watched& list) { list.Clients(5, true, true); }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    Healthy list;
    list.UntilTest();
    list.Test(Clean());
    list.Pass(ListHealth::kTestsApart);
    row.begin(list);
    CHECK(list.UntilTest() == Seconds(0));
    // Once: what goes on does not call again and again.
    row.begin(list);
    CHECK(list.UntilTest() == ListHealth::kTrouble);
  }
}

TEST_CASE("a refused name calls for tests ten seconds apart, and they decide", "[dnsbl]") {
  Healthy list(NameList());
  list.UntilTest();
  list.Test(Clean());
  list.Answer(State::kRefused);
  CHECK(list.UntilTest() == ListHealth::kTestsApart);
  list.Test(Clean());
  list.Answer(State::kRefused);
  CHECK(list.UntilTest() == ListHealth::kTestsApart);
  CHECK(list.condition() == Condition::kHealthy);
  list.Test(Result(Says(State::kRefused), Says(State::kRefused)));
  CHECK(list.condition() == Condition::kRefusing);
  // Nor can a stranger make it last.
  list.Pass(Seconds(299));
  list.Answer(State::kRefused);
  list.Pass(Seconds(1));
  list.Test(Clean());
  CHECK(list.condition() == Condition::kHealthy);
}

TEST_CASE("a broken list is tested at growing distances", "[dnsbl]") {
  Healthy list;
  list.UntilTest();
  list.Answer(Silence(), 5);
  for (const int wait : {30, 60, 120, 240, 480, 600, 600}) {
    CHECK(list.UntilTest() == Seconds(wait));
    list.Test(Silent());
  }
  // Whatever comes late does not hurry it.
  list.Answer(State::kRefused);
  list.Answer(State::kBogus);
  CHECK(list.UntilTest() == Seconds(600));
}

TEST_CASE("a broken list without test points is tested like others", "[dnsbl]") {
  Healthy list(WithoutPoints(ClientList()));
  list.UntilTest();
  list.Test(NoPoints());
  list.Answer(Silence(), 5);
  CHECK_FALSE(list.health.MayAsk());
  CHECK(list.UntilTest() == Seconds(30));
  list.Test({Silence(), std::nullopt, Millis(20), false, Silence()});
  CHECK(list.condition() == Condition::kBroken);
  CHECK_FALSE(list.health.MayAsk());
  CHECK(list.UntilTest() == Seconds(60));
  list.Test(NoPoints());
  CHECK(list.condition() == Condition::kHealthy);
}

}  // namespace
}  // namespace mxward::dnsbl
