// SPDX-License-Identifier: Apache-2.0
#include "dnsbl/self_test.h"

#include <optional>

#include "tests/fake/fake_clock.h"
#include "tests/fake/fake_resolver.h"
#include "tests/unit/catch.h"
#include "tests/unit/dnsbl/some_list.h"

namespace mxward::dnsbl {
namespace {

using dns::RecordType;
namespace answers = dns::answers;

const std::string kZone = ".sekret.bl.example.net";

struct SelfTestWorld {
  void Say(const std::string& point, const dns::Answer& answer, Millis latency = Millis(5)) {
    resolver.Set(point + kZone, RecordType::kA, answer, latency);
  }
  // Asks and lets time pass until the report has come. At most a minute.
  std::vector<TestPoint> Run(const DnsblConfig& list) {
    int reports = 0;
    std::vector<TestPoint> points;
    Test(list, resolver, clock, [&](std::vector<TestPoint> result) {
      ++reports;
      points = std::move(result);
    });
    for (int i = 0; i < 6000 && reports == 0; ++i) {
      clock.Advance(Millis(10));
      resolver.Settle();
    }
    clock.Advance(Seconds(60));
    resolver.Settle();
    CHECK(reports == 1);
    return points;
  }
  FakeClock clock;
  dns::FakeResolver resolver{clock};
};

std::vector<std::string> Told(const std::vector<TestPoint>& points) {
  std::vector<std::string> told;
  for (const TestPoint& point : points) {
    told.push_back(point.what + " " + point.asked + ": " +
                   std::string(WordOf(point.meaning.state)));
  }
  return told;
}

TEST_CASE("a list of clients is asked about both points of both families", "[dnsbl]") {
  SelfTestWorld world;
  const DnsblConfig list = ClientList();
  world.Say(list.listed_v4, answers::Addresses({"127.0.0.2"}));
  world.Say(list.listed_v6, answers::Addresses({"127.0.0.4"}));
  const auto points = world.Run(list);
  CHECK(Told(points) == std::vector<std::string>{"listed IPv4 127.0.0.2: listed",
                                                 "unlisted IPv4 127.0.0.1: not-listed",
                                                 "listed IPv6 ::ffff:127.0.0.2: listed",
                                                 "unlisted IPv6 ::ffff:127.0.0.1: not-listed"});
  CHECK(points[0].should_be_listed);
  CHECK_FALSE(points[1].should_be_listed);
  CHECK(points[0].meaning.score == 6);
  CHECK(world.resolver.asked() == 4);
  CHECK(world.resolver.asked("2.0.0.127" + kZone, RecordType::kA) == 1);
}

TEST_CASE("only the families that a list knows are tested", "[dnsbl]") {
  const auto [ipv4, ipv6, count] =
      GENERATE(table<bool, bool, std::size_t>({{true, false, 2}, {false, true, 2}}));
  DnsblConfig list = ClientList();
  list.ipv4 = ipv4;
  list.ipv6 = ipv6;
  SelfTestWorld world;
  const auto points = world.Run(list);
  REQUIRE(points.size() == count);
  CHECK_THAT(points[0].what, HasText(ipv4 ? "IPv4" : "IPv6"));
}

TEST_CASE("a list of names is asked about names", "[dnsbl]") {
  SelfTestWorld world;
  world.Say("test", answers::Addresses({"127.0.1.2"}));
  CHECK(Told(world.Run(NameList())) == std::vector<std::string>{"listed name test: listed",
                                                                "unlisted name invalid: "
                                                                "not-listed"});
}

TEST_CASE("a list without points is asked about its zone and a name that it must not list",
          "[dnsbl]") {
  struct Row {
    dns::Answer zone;
    std::string told;
  };
  const std::vector<Row> rows = {
      {{.outcome = dns::Outcome::kFound}, "zone SOA: not-listed"},
      {answers::NoData(), "zone SOA: not-listed"},  // a server without an SOA record
      {answers::NoName(), "zone SOA: unknown"},
      {answers::Failed(), "zone SOA: unknown"},
  };
  for (const Row& row : rows) {
    SelfTestWorld world;
    DnsblConfig list = NameList();
    list.listed_name = list.unlisted_name = "";
    world.resolver.Set(list.zone, RecordType::kSoa, row.zone);
    const auto points = world.Run(list);
    CHECK(Told(points) == std::vector<std::string>{row.told, "unlisted name invalid: not-listed"});
    const TestResult result = Summarise(points);
    REQUIRE(result.zone);
    CHECK(result.zone->state == points[0].meaning.state);
    CHECK(result.unlisted);
    CHECK_FALSE(result.listed);
  }
}

TEST_CASE("a list that has only a listed point is asked about a name that it must not list",
          "[dnsbl]") {
  SelfTestWorld world;
  DnsblConfig list = ClientList();
  list.ipv6 = false;
  list.unlisted_v4 = "";
  world.Say("invalid", answers::Addresses({"127.0.0.2"}));
  CHECK(Told(world.Run(list)) == std::vector<std::string>{"listed IPv4 127.0.0.2: not-listed",
                                                          "unlisted name invalid: listed"});
}

TEST_CASE("a point that becomes too long with the zone is left out", "[dnsbl]") {
  DnsblConfig list = ClientList();
  list.zone.insert(
      0, std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(50, 'c') + ".");
  SelfTestWorld world;
  CHECK(world.Run(list).size() == 2);
}

TEST_CASE("tests go past the cache", "[dnsbl]") {
  SelfTestWorld world;
  world.Say("test", answers::Addresses({"127.0.1.2"}));
  world.Run(NameList());
  world.Say("test", answers::NoName());
  CHECK(world.Run(NameList())[0].meaning.state == State::kNotListed);
}

TEST_CASE("points are asked at once and each has its latency", "[dnsbl]") {
  SelfTestWorld world;
  world.Say("test", answers::Addresses({"127.0.1.2"}), Millis(700));
  world.Say("invalid", answers::NoName(), Millis(300));
  const MonoTime before = world.clock.Monotonic();
  std::vector<TestPoint> points;
  std::optional<MonoTime> reported;
  Test(NameList(), world.resolver, world.clock, [&](std::vector<TestPoint> result) {
    points = std::move(result);
    reported = world.clock.Monotonic();
  });
  CHECK(world.resolver.asked() == 2);
  for (int i = 0; i < 200; ++i) {
    world.clock.Advance(Millis(10));
    world.resolver.Settle();
  }
  REQUIRE(reported);
  CHECK(*reported - before == Millis(700));
  CHECK(points[0].latency == Millis(700));
  CHECK(points[1].latency == Millis(300));
  CHECK(Summarise(points).latency == Millis(700));
}

TEST_CASE("a silent list is reported when the resolver gives up", "[dnsbl]") {
  SelfTestWorld world;
  world.resolver.SetZoneSilent("");
  const auto points = world.Run(ClientList());
  REQUIRE(points.size() == 4);
  for (const TestPoint& point : points) {
    CHECK(point.meaning.state == State::kUnknown);
    CHECK(point.latency == Seconds(2));
  }
  CHECK(Summarise(points).unlisted->state == State::kUnknown);
  CHECK(Summarise(points).listed->state == State::kUnknown);
}

TEST_CASE("no point shows the zone or its key", "[dnsbl]") {
  SelfTestWorld world;
  const dns::Answer answer =
      GENERATE(answers::Addresses({"127.255.255.254"}), answers::Addresses({"192.0.2.1"}),
               answers::Failed(), answers::NoName(), answers::Addresses({"127.0.0.2"}));
  world.resolver.SetZone("", answer);
  const DnsblConfig list = GENERATE(ClientList(), NameList());
  for (const TestPoint& point : world.Run(list)) {
    const std::string all = point.what + point.asked + point.meaning.detail;
    CHECK_THAT(all, !HasText("sekret"));
    CHECK_THAT(all, !HasText("bl.example"));
  }
}

// One of each family, in both orders.
std::vector<TestPoint> Points(State first, State second, bool should_be_listed) {
  const auto point = [&](State state) {
    return TestPoint{"", "", should_be_listed, false, {state, 0, {}, ""}, {}};
  };
  return {point(first), point(second)};
}

TEST_CASE("of several points the worst that was answered tells", "[dnsbl]") {
  // From worst to best.
  const std::vector<State> unlisted = {State::kListed,       State::kBogus,     State::kRefused,
                                       State::kUnlistedCode, State::kNotListed, State::kUnknown};
  const std::vector<State> listed = {State::kBogus,        State::kRefused, State::kNotListed,
                                     State::kUnlistedCode, State::kListed,  State::kUnknown};
  for (std::size_t i = 0; i < unlisted.size(); ++i) {
    for (std::size_t j = i; j < unlisted.size(); ++j) {
      CAPTURE(i, j);
      CHECK(Summarise(Points(unlisted[i], unlisted[j], false)).unlisted->state == unlisted[i]);
      CHECK(Summarise(Points(unlisted[j], unlisted[i], false)).unlisted->state == unlisted[i]);
      CHECK(Summarise(Points(listed[i], listed[j], true)).listed->state == listed[i]);
      CHECK(Summarise(Points(listed[j], listed[i], true)).listed->state == listed[i]);
      CHECK_FALSE(Summarise(Points(listed[j], listed[i], true)).unlisted);
      const bool blind = listed[i] == State::kNotListed && listed[j] == State::kNotListed;
      CHECK(Summarise(Points(listed[j], listed[i], true)).blind == blind);
      CHECK_FALSE(Summarise(Points(unlisted[j], unlisted[i], false)).blind);
    }
  }
}

}  // namespace
}  // namespace mxward::dnsbl
