// SPDX-License-Identifier: Apache-2.0
#include "dnsbl/list_health.h"

#include <optional>

#include "tests/unit/catch.h"
#include "tests/unit/dnsbl/some_list.h"
#include "tests/unit/dnsbl/watched.h"

namespace mxward::dnsbl {
namespace {

TEST_CASE("a list counts only after its first test, and is then healthy without a word",
          "[dnsbl]") {
  Watched list;
  CHECK(list.condition() == Condition::kUnproven);
  CHECK(list.health.MayAsk());
  CHECK_FALSE(list.health.Counts());
  CHECK_FALSE(list.health.Awaited());  // nobody makes it
  CHECK(list.health.status().detail == "not tested yet");
  list.Answer(State::kListed);
  CHECK(list.condition() == Condition::kUnproven);
  list.Pass(Seconds(5));
  REQUIRE(list.health.TestDue(list.now.monotonic));
  CHECK(list.health.Awaited());
  list.Test(Clean());
  CHECK_FALSE(list.health.Awaited());
  CHECK(list.health.Counts());
  CHECK(list.health.passed() == list.now.wall);
  CHECK(list.condition() == Condition::kHealthy);
  CHECK(list.health.status().detail.empty());
  CHECK(list.health.status().since == list.now.wall);
  CHECK(list.health.status().last_test == list.now.wall);
  CHECK(list.health.status().latency == Millis(20));
  CHECK(list.notices.empty());
}

TEST_CASE("tests that nobody was asked do not open the breaker", "[dnsbl]") {
  Watched list;
  list.Test(Clean());
  TestResult not_queried = Silent();
  if (not_queried.unlisted) not_queried.unlisted->not_queried = true;
  if (not_queried.listed) not_queried.listed->not_queried = true;
  for (int i = 0; i < 20; ++i) {
    list.Pass(Seconds(60));
    list.Test(not_queried);
  }
  CHECK(list.condition() == Condition::kHealthy);
  CHECK(list.health.MayAsk());
}

TEST_CASE("a first test without an answer proves nothing", "[dnsbl]") {
  Watched list;
  REQUIRE(list.health.TestDue(list.now.monotonic));
  list.Test(Silent());
  CHECK(list.condition() == Condition::kUnproven);
  CHECK_FALSE(list.health.Counts());
  CHECK_FALSE(list.health.Awaited());
  CHECK(list.health.status().detail == "no test was passed yet: no answer in 2s");
}

TEST_CASE("a test that was passed within the hour before a restart will do", "[dnsbl]") {
  const auto [ago, counts] = GENERATE(
      table<int, bool>({{0, true}, {3600, true}, {3601, false}, {-1, false}, {-86400, false}}));
  CAPTURE(ago);
  Watched list;
  list.health.Restore(list.now.wall - Seconds(ago), list.now);
  CHECK(list.health.Counts() == counts);
  CHECK(list.condition() == (counts ? Condition::kHealthy : Condition::kUnproven));
  // It is tested as ever.
  CHECK(list.UntilTest() == Seconds(0));
  list.Test(Result(Says(State::kListed), Says(State::kListed)));
  CHECK(list.condition() == Condition::kFalsePositives);
}

TEST_CASE("a list without points has to have a zone", "[dnsbl]") {
  Watched list(WithoutPoints(ClientList()));
  TestResult gone = NoPoints();
  gone.zone = Says(State::kUnknown, "there is no such zone");
  list.Test(gone);
  CHECK_FALSE(list.health.Counts());
  CHECK(list.health.status().detail == "its zone: there is no such zone");
  list.Test(NoPoints());
  CHECK(list.health.Counts());
  TestResult wild = NoPoints();
  wild.unlisted = Says(State::kListed);
  list.Test(wild);
  CHECK(list.condition() == Condition::kFalsePositives);
}

TEST_CASE("a run of listed clients calls for a test, a minute after the last", "[dnsbl]") {
  Watched list;
  CHECK(list.UntilTest() == Seconds(0));
  list.Test(Clean());
  list.Clients(9, /*listed=*/true, /*witness=*/false);
  list.Clients(1, /*listed=*/false, /*witness=*/false);
  list.Clients(9, /*listed=*/true, /*witness=*/false);
  CHECK_FALSE(list.health.TestDue(list.now.monotonic + ListHealth::kRunTestsApart));
  list.Clients(1, /*listed=*/true, /*witness=*/false);
  CHECK(list.UntilTest() <= ListHealth::kRunTestsApart);
  CHECK(list.condition() == Condition::kHealthy);
}

TEST_CASE("what one test says decides the condition", "[dnsbl]") {
  struct Row {
    State unlisted;
    State listed;
    Condition condition;
    bool counts;
  };
  const std::vector<Row> rows = {
      {State::kNotListed, State::kListed, Condition::kHealthy, true},
      {State::kNotListed, State::kNotListed, Condition::kHealthy, true},
      {State::kNotListed, State::kUnlistedCode, Condition::kHealthy, true},
      {State::kNotListed, State::kUnknown, Condition::kHealthy, true},
      {State::kNotListed, State::kRefused, Condition::kRefusing, false},
      {State::kNotListed, State::kBogus, Condition::kFalsePositives, false},
      {State::kUnlistedCode, State::kListed, Condition::kHealthy, true},
      {State::kUnknown, State::kListed, Condition::kUnproven, false},
      {State::kUnknown, State::kUnknown, Condition::kUnproven, false},
      {State::kUnknown, State::kRefused, Condition::kRefusing, false},
      {State::kListed, State::kListed, Condition::kFalsePositives, false},
      {State::kListed, State::kRefused, Condition::kFalsePositives, false},
      {State::kBogus, State::kBogus, Condition::kFalsePositives, false},
      {State::kRefused, State::kRefused, Condition::kRefusing, false},
      {State::kRefused, State::kListed, Condition::kRefusing, false},
  };
  const DnsblConfig config = GENERATE(ClientList(), NameList());
  for (const Row& row : rows) {
    CAPTURE(WordOf(row.unlisted), WordOf(row.listed));
    Watched list(config);
    list.Test(Result(Says(row.unlisted), Says(row.listed)));
    CHECK(list.condition() == row.condition);
    CHECK(list.health.Counts() == row.counts);
    CHECK(list.health.MayAsk());
  }
}

TEST_CASE("what one lookup says decides the condition", "[dnsbl]") {
  struct Row {
    State state;
    Condition of_clients;
    Condition of_names;
  };
  const std::vector<Row> rows = {
      {State::kListed, Condition::kHealthy, Condition::kHealthy},
      {State::kNotListed, Condition::kHealthy, Condition::kHealthy},
      {State::kUnlistedCode, Condition::kHealthy, Condition::kHealthy},
      {State::kUnknown, Condition::kHealthy, Condition::kHealthy},
      // Of a list of names a stranger chooses what is asked.
      {State::kRefused, Condition::kRefusing, Condition::kHealthy},
      {State::kBogus, Condition::kFalsePositives, Condition::kHealthy},
  };
  for (const Row& row : rows) {
    CAPTURE(WordOf(row.state));
    Healthy clients;
    Healthy names(NameList());
    Healthy no_points(WithoutPoints(NameList()));
    clients.Answer(row.state);
    names.Answer(row.state);
    no_points.Answer(row.state);
    CHECK(clients.condition() == row.of_clients);
    CHECK(names.condition() == row.of_names);
    CHECK(no_points.condition() == row.of_names);
    CHECK(clients.health.Counts() == (row.of_clients == Condition::kHealthy));
    CHECK(clients.health.MayAsk());
  }
}

TEST_CASE("answers are counted by what they mean, and tests are not", "[dnsbl]") {
  Watched list;
  list.Answer(Says(State::kListed), 1);
  list.Answer(NotListed(), 2);
  list.Answer(Says(State::kRefused), 3);
  list.Answer(Says(State::kBogus), 4);
  list.Answer(Silence(), 4);
  list.Answer(Says(State::kUnlistedCode), 1);
  list.Test(Clean());
  list.Test(Silent());
  const ListStatus& status = list.health.status();
  CHECK(status.name == "Example");
  CHECK(status.asked == 15);
  CHECK(status.listed == 1);
  CHECK(status.refused == 3);
  CHECK(status.bogus == 4);
  CHECK(status.failed == 4);
}

TEST_CASE("a list that does not answer is broken until a test is answered", "[dnsbl]") {
  Healthy list;
  list.Answer(Silence(), 4);
  CHECK(list.health.MayAsk());
  list.Answer(Silence());
  CHECK(list.condition() == Condition::kBroken);
  CHECK_FALSE(list.health.MayAsk());
  // What had been asked before may still come, and is as good as ever.
  CHECK(list.health.Counts());
  list.Pass(Seconds(30));
  list.Test(Silent());
  CHECK(list.condition() == Condition::kBroken);
  list.Pass(kMinute);
  list.Test(Clean());
  CHECK(list.condition() == Condition::kHealthy);
  CHECK(list.health.MayAsk());
  REQUIRE(list.notices.size() == 2);
  CHECK(list.notices[0].level == LogLevel::kWarning);
  CHECK(list.notices[0].text ==
        "DNS list Example does not answer: 5 lookups in a row failed, the last with: no answer in "
        "2s; it is not queried until a test succeeds, the next in 30 s");
  CHECK(list.notices[1].level == LogLevel::kInfo);
  CHECK(list.notices[1].text ==
        "DNS list Example is healthy again, after it was broken for 1 min 30 s: it is queried and "
        "counts as before");
}

TEST_CASE("a list that answers its tests with refusals is not broken any more", "[dnsbl]") {
  Healthy list;
  list.Answer(Silence(), 5);
  list.Test(Result(Says(State::kRefused), Says(State::kRefused)));
  CHECK(list.condition() == Condition::kRefusing);
  CHECK(list.health.MayAsk());
  CHECK_FALSE(list.health.Counts());
}

TEST_CASE("five tests in a row without an answer break a list that nobody asks", "[dnsbl]") {
  Watched list;
  for (int i = 0; i < 5; ++i) {
    CHECK(list.condition() == Condition::kUnproven);
    list.Test(Silent());
    list.Pass(kMinute);
  }
  CHECK(list.condition() == Condition::kBroken);
}

TEST_CASE("a refusal lasts five minutes at least, and until a test passes", "[dnsbl]") {
  Healthy list;
  list.Answer(Says(State::kRefused, "127.255.255.254 (public resolver)"));
  REQUIRE(list.condition() == Condition::kRefusing);
  list.Pass(ListHealth::kRefusalLasts - Seconds(1));
  list.Test(Clean());
  CHECK(list.condition() == Condition::kRefusing);
  list.Pass(Seconds(1));
  // Time alone ends nothing, nor does silence or a lookup.
  list.Answer(State::kListed);
  CHECK(list.condition() == Condition::kRefusing);
  list.Test(Silent());
  CHECK(list.condition() == Condition::kRefusing);
  list.Test(Clean());
  CHECK(list.condition() == Condition::kHealthy);
  REQUIRE(list.notices.size() == 2);
  CHECK(list.notices[0].text ==
        "DNS list Example refuses to answer: it answers 127.255.255.254 (public resolver); its "
        "answers add nothing to the score until it has not refused for 5 min and passes a test");
  CHECK_THAT(list.notices[1].text, HasText("after it was refusing for 5 min"));
}

TEST_CASE("each refusal begins the five minutes anew", "[dnsbl]") {
  const bool in_a_test = GENERATE(false, true);
  CAPTURE(in_a_test);
  Healthy list;
  list.Answer(State::kRefused);
  list.Pass(Seconds(200));
  if (in_a_test) {
    list.Test(Result(Says(State::kRefused), Says(State::kRefused)));
  } else {
    list.Answer(State::kRefused);
  }
  list.Pass(Seconds(299));
  list.Test(Clean());
  CHECK(list.condition() == Condition::kRefusing);
  list.Pass(Seconds(1));
  list.Test(Clean());
  CHECK(list.condition() == Condition::kHealthy);
  CHECK(list.notices.size() == 2);
}

TEST_CASE("a refusal by a list without test points ends by its time", "[dnsbl]") {
  Watched list(WithoutPoints(ClientList()));
  list.Answer(State::kRefused);
  list.Pass(Seconds(299));
  list.Test(NoPoints());
  CHECK(list.condition() == Condition::kRefusing);
  list.Pass(Seconds(1));
  list.Test(NoPoints());
  CHECK(list.condition() == Condition::kHealthy);
}

TEST_CASE("a lie ends after two clean tests in a row", "[dnsbl]") {
  struct Row {
    const char* why;
    std::vector<TestResult> tests;
    bool lying;
  };
  const TestResult lie = Result(Says(State::kListed), Says(State::kListed));
  const TestResult refusal = Result(Says(State::kRefused), Says(State::kRefused));
  const TestResult half = Result(Silence(), Says(State::kListed));
  const std::vector<Row> rows = {
      {"one is too few", {Clean()}, true},
      {"two", {Clean(), Clean()}, false},
      {"two with a lie in between", {Clean(), lie, Clean()}, true},
      {"two after that", {Clean(), lie, Clean(), Clean()}, false},
      {"silence counts neither way", {Clean(), Silent(), Clean()}, false},
      {"silence is no test", {Clean(), Silent()}, true},
      {"a refusal is not clean", {Clean(), refusal}, true},
      {"the unlisted point must be answered", {Clean(), half}, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    Healthy list;
    list.Test(lie);
    REQUIRE(list.condition() == Condition::kFalsePositives);
    for (const TestResult& test : row.tests) {
      list.Pass(kMinute);
      list.Test(test);
    }
    CHECK((list.condition() == Condition::kFalsePositives) == row.lying);
    CHECK((list.notices.size() == 1) == row.lying);
  }
}

TEST_CASE("a bogus answer between two clean tests makes them none in a row", "[dnsbl]") {
  Healthy list;
  list.Answer(Says(State::kBogus, "192.0.2.1 (a parked domain)"));
  CHECK(list.condition() == Condition::kFalsePositives);
  list.Test(Clean());
  list.Answer(State::kBogus);
  list.Test(Clean());
  CHECK(list.condition() == Condition::kFalsePositives);
  list.Answer(State::kListed);
  list.Test(Clean());
  CHECK(list.condition() == Condition::kHealthy);
  REQUIRE(list.notices.size() == 2);
  CHECK(list.notices[0].text ==
        "DNS list Example cannot be right: it answers 192.0.2.1 (a parked domain); its answers add "
        "nothing to the score until two tests in a row succeed");
}

TEST_CASE("a list that lists its unlisted point says so", "[dnsbl]") {
  Healthy list;
  list.Test(Result(Says(State::kListed, "127.0.0.2 (spam source)"), Says(State::kListed)));
  CHECK(list.health.status().detail ==
        "it lists the test point that must not be listed: 127.0.0.2 (spam source)");
}

TEST_CASE("a list that has only a listed point is clean when that is answered", "[dnsbl]") {
  Healthy list;
  list.Answer(State::kBogus);
  const TestResult result{std::nullopt, Says(State::kListed), Millis(1), false, std::nullopt};
  list.Test(result);
  list.Test(result);
  CHECK(list.condition() == Condition::kHealthy);
}

TEST_CASE("a missing listed point is told once and changes nothing", "[dnsbl]") {
  const State missing = GENERATE(State::kNotListed, State::kUnlistedCode);
  Healthy list;
  TestResult result = Result(NotListed(), Says(missing, "not listed"));
  result.blind = missing == State::kNotListed;
  list.Test(result);
  list.Test(result);
  CHECK(list.condition() == Condition::kHealthy);
  CHECK(list.health.status().listed_point_missing);
  CHECK(list.health.status().blind == result.blind);
  REQUIRE(list.notices.size() == 1);
  CHECK_THAT(list.notices[0].text, HasText("should always list, returns: not listed"));
  // Silence says nothing of it.
  list.Test(Silent());
  CHECK(list.health.status().listed_point_missing);
  CHECK(list.health.status().blind == result.blind);
  list.Test(Clean());
  CHECK_FALSE(list.health.status().listed_point_missing);
  CHECK_FALSE(list.health.status().blind);
  list.Test(result);
  CHECK(list.notices.size() == 2);
}

TEST_CASE("a list that lists witnesses adds nothing until that is over", "[dnsbl]") {
  Healthy list;
  list.Clients(5, /*listed=*/true, /*witness=*/true);
  CHECK(list.condition() == Condition::kSuspect);
  CHECK(list.health.MayAsk());
  CHECK_FALSE(list.health.Counts());
  REQUIRE(list.notices.size() == 1);
  CHECK(list.notices[0].text ==
        "DNS list Example is suspect: it lists 5 of 5 independent clients of long standing; its "
        "answers add nothing to the score until that is over");
  // An hour until they have left the window, and half an hour of clean tests.
  for (int minute = 0; minute < 90; ++minute) {
    CHECK(list.condition() == Condition::kSuspect);
    list.Pass(kMinute);
    list.Test(Clean());
  }
  CHECK(list.condition() == Condition::kHealthy);
  CHECK(list.notices.size() == 2);
}

TEST_CASE("a suspicion that a test confirms is a false positive and ends with it", "[dnsbl]") {
  Healthy list;
  list.Clients(5, /*listed=*/true, /*witness=*/true);
  REQUIRE(list.condition() == Condition::kSuspect);
  list.Test(Result(Says(State::kListed), Says(State::kListed)));
  CHECK(list.condition() == Condition::kFalsePositives);
  // Whom it lists while it lies is not looked at.
  list.Clients(100, /*listed=*/true, /*witness=*/true);
  list.Test(Clean());
  list.Test(Clean());
  CHECK(list.condition() == Condition::kHealthy);
  CHECK(list.notices.size() == 3);
}

TEST_CASE("of several faults the worst is shown, and the next when it is over", "[dnsbl]") {
  Healthy list;
  list.Clients(5, /*listed=*/true, /*witness=*/true);
  CHECK(list.condition() == Condition::kSuspect);
  list.Answer(State::kRefused);
  CHECK(list.condition() == Condition::kRefusing);
  list.Answer(State::kBogus);
  CHECK(list.condition() == Condition::kFalsePositives);
  list.Answer(Silence(), 5);
  CHECK(list.condition() == Condition::kBroken);
  CHECK_FALSE(list.health.Counts());
  list.Pass(Seconds(100));
  list.Test(Clean());
  CHECK(list.condition() == Condition::kFalsePositives);
  list.Test(Clean());
  CHECK(list.condition() == Condition::kRefusing);
  list.Pass(Seconds(200));
  list.Test(Clean());
  CHECK(list.condition() == Condition::kHealthy);
  CHECK(list.notices.size() == 7);
}

TEST_CASE("no notice shows the zone or its key", "[dnsbl]") {
  Healthy list;
  list.Test(Result(NotListed(), NotListed()));
  list.Answer(State::kRefused);
  list.Answer(State::kBogus);
  list.Answer(Silence(), 5);
  list.Pass(kMinute * 10);
  list.Test(Clean());
  list.Test(Clean());
  list.Clients(5, /*listed=*/true, /*witness=*/true);
  REQUIRE(list.notices.size() >= 6);
  for (const Notice& notice : list.notices) {
    CHECK_THAT(notice.text, !HasText("sekret"));
    CHECK_THAT(notice.text, !HasText("bl.example"));
    CHECK_THAT(notice.text, HasText("DNS list Example"));
  }
}

TEST_CASE("each condition has a name", "[dnsbl]") {
  CHECK(WordOf(Condition::kHealthy) == "healthy");
  CHECK(WordOf(Condition::kUnproven) == "unproven");
  CHECK(WordOf(Condition::kBroken) == "broken");
  CHECK(WordOf(Condition::kRefusing) == "refusing");
  CHECK(WordOf(Condition::kFalsePositives) == "lying");
  CHECK(WordOf(Condition::kSuspect) == "suspect");
}

}  // namespace
}  // namespace mxward::dnsbl
