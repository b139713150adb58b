// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.h"
#include "tests/unit/control/api_fixture.h"

namespace mxward {
namespace {

LimitConfig Limit(const std::string& name, LimitPer per, std::int64_t amount) {
  LimitConfig limit;
  limit.name = name;
  limit.count = LimitCount::kConnections;
  limit.per = per;
  limit.amount = limit.burst = amount;
  limit.period = Seconds(60);
  limit.prefix_v4 = 24;
  limit.prefix_v6 = 48;
  return limit;
}

Config TwoLimits() {
  Config config = TestConfig();
  config.limit = {Limit("each", LimitPer::kClient, 5), Limit("all", LimitPer::kNetwork, 20)};
  return config;
}

void Connect(ApiFixture& fixture, const std::string& client, int times) {
  for (int i = 0; i < times; ++i) fixture.Deliver(client, "a@example.org", {"b@example.net"});
}

TEST_CASE("limits shows who is near or over, and until when", "[control]") {
  ApiFixture fixture(TwoLimits());
  Connect(fixture, "192.0.2.1", 3);
  CHECK(fixture.Get("/v1/limits")["items"].items().empty());
  Connect(fixture, "192.0.2.1", 1);
  Connect(fixture, "192.0.2.2", 7);
  const Json answer = fixture.Get("/v1/limits");
  CHECK(answer["configured"].integer() == 2);
  CHECK(answer["over"].integer() == 1);
  CHECK(answer["near"].integer() == 1);
  CHECK(answer["next"].is_null());
  REQUIRE(answer["items"].items().size() == 2);
  const Json& over = answer["items"].items()[0];
  CHECK(over["limit"].text() == "each");
  CHECK(over["key"].text() == "192.0.2.2");
  CHECK(over["state"].text() == "over");
  CHECK(over["used"].integer() == 5);
  CHECK(over["of"].integer() == 5);
  CHECK(over["action"].text() == "defer");
  CHECK(over["since"].text() == "2026-01-05T00:00:00Z");
  CHECK(over["until"].text() == "2026-01-05T00:00:12Z");
  CHECK(over["denied"].integer() == 2);
  const Json& near = answer["items"].items()[1];
  CHECK(near["key"].text() == "192.0.2.1");
  CHECK(near["state"].text() == "near");
  CHECK(near["until"].is_null());
  fixture.clock.Advance(Seconds(61));
  CHECK(fixture.Get("/v1/limits")["items"].items().empty());
}

// One client's recipients under one limit of each kind.
TEST_CASE("what a limit has turned away is what mail servers were told", "[control]") {
  struct Kind {
    LimitCount count;
    LimitPer per;
  };
  using enum LimitPer;
  const Kind kind =
      GENERATE(Kind{LimitCount::kRecipients, kClient}, Kind{LimitCount::kRecipients, kNetwork},
               Kind{LimitCount::kRecipients, kRecipient}, Kind{LimitCount::kRecipients, kUser},
               Kind{LimitCount::kRecipients, kSenderDomain}, Kind{LimitCount::kMessages, kClient},
               Kind{LimitCount::kMessages, kSender}, Kind{LimitCount::kMessages, kUser},
               Kind{LimitCount::kConnections, kClient}, Kind{LimitCount::kBadRecipients, kClient});
  const LimitAction action = GENERATE(LimitAction::kDefer, LimitAction::kReject,
                                      LimitAction::kObserve, LimitAction::kScore);
  const bool stricter = GENERATE(false, true);
  CAPTURE(static_cast<int>(kind.count), static_cast<int>(kind.per), static_cast<int>(action),
          stricter);
  Config config = TestConfig();
  config.greylist.apply = GreylistApply::kOff;
  LimitConfig limit = Limit("some", kind.per, 2);
  limit.count = kind.count;
  limit.action = action;
  limit.share = 1;
  config.limit = {limit};
  // Another one that turns all away before this one does.
  if (stricter) {
    LimitConfig other = Limit("other", LimitPer::kClient, 1);
    other.action = LimitAction::kReject;
    config.limit.insert(config.limit.begin(), other);
  }
  ApiFixture fixture(config);
  std::map<std::string, int> denied;
  int would = 0;
  for (int i = 0; i < 7; ++i) {
    Session session(fixture.engine);
    SessionFacts facts;
    facts.client = IpAddress::Parse("192.0.2.7");
    facts.name_class = NameClass::kNone;
    session.Connect(facts);
    session.Mail({"a@example.org", kind.per == kUser ? "joe" : "", ""});
    session.RefusedRecipient("nobody" + std::to_string(i) + "@example.net", "5.1.1");
    for (int recipient = 0; recipient < 2; ++recipient) {
      Decision decision;
      session.Recipient("b@example.net", "", &decision);
      if (decision.by == By::kLimit) ++denied[decision.source];
      for (const Finding& finding : decision.findings) would += finding.source == "some" ? 1 : 0;
    }
    session.TakeMessage();
  }
  const Json items = fixture.Get("/v1/limits")["items"];
  const auto shown = [&](std::string_view name) {
    for (const Json& item : items.items()) {
      if (item["limit"].text() == name) return static_cast<int>(item["denied"].integer());
    }
    return 0;
  };
  CHECK(would > 0);
  CHECK(shown("other") == denied["other"]);
  CHECK(shown("some") == (action == LimitAction::kObserve ? would : denied["some"]));
  const bool denies = action == LimitAction::kDefer || action == LimitAction::kReject;
  // A user's address is held against nobody.
  const bool before = stricter && kind.per != kUser;
  CHECK((denied["some"] > 0) == (denies && !before));
}

TEST_CASE("limits go in slices", "[control]") {
  ApiFixture fixture(TwoLimits());
  for (int i = 1; i <= 3; ++i) Connect(fixture, "192.0." + std::to_string(i) + ".1", 5 + i);
  std::vector<std::string> keys;
  ApiFixture::Query query = {{"limit", "2"}};
  for (std::string next = "x"; !next.empty(); query["after"] = next) {
    const Json answer = fixture.Get("/v1/limits", query);
    for (const Json& item : answer["items"].items()) keys.push_back(item["key"].text());
    next = answer["next"].text();
  }
  CHECK(keys == std::vector<std::string>{"192.0.3.1", "192.0.2.1", "192.0.1.1"});
}

TEST_CASE("a reset begins anew for a key, of all limits or of one", "[control]") {
  ApiFixture fixture(TwoLimits());
  Connect(fixture, "192.0.2.1", 6);
  Connect(fixture, "198.51.100.1", 6);
  CHECK(fixture.Ask("POST", "/v1/limits/reset", {{"key", "192.0.2.1"}, {"limit", "all"}})["reset"]
            .integer() == 1);  // an address stands for its network
  CHECK(fixture.Get("/v1/limits")["over"].integer() == 2);
  const Json answer = fixture.Ask("POST", "/v1/limits/reset", {{"key", "192.0.2.1"}});
  CHECK(answer["reset"].integer() == 1);
  CHECK(answer["limit"].is_null());
  CHECK(fixture.log.Contains("limit counters reset for 192.0.2.1"));
  const Json left = fixture.Get("/v1/limits");
  REQUIRE(left["items"].items().size() == 1);
  CHECK(left["items"].items()[0]["key"].text() == "198.51.100.1");
  CHECK(fixture.Ask("POST", "/v1/limits/reset", {{"key", "192.0.2.1"}})["reset"].integer() == 0);
}

TEST_CASE("a reset says what it cannot make sense of", "[control]") {
  ApiFixture fixture(TwoLimits());
  CHECK(fixture.Handle("POST", "/v1/limits/reset").status == 400);
  const auto response =
      fixture.Handle("POST", "/v1/limits/reset", {{"key", "192.0.2.1"}, {"limit", "eech"}});
  CHECK(response.status == 400);
  CHECK_THAT(response.json, HasText("did you mean \\\"each\\\"?"));
}

TEST_CASE("whose limits were reset is not logged when addresses are not", "[control]") {
  Config config = TwoLimits();
  config.log.addresses = LogAddresses::kHash;
  ApiFixture fixture(config);
  Connect(fixture, "192.0.2.1", 6);
  fixture.Ask("POST", "/v1/limits/reset", {{"key", "192.0.2.1"}});
  CHECK(fixture.log.Contains("limit counters reset"));
  CHECK_FALSE(fixture.log.Contains("anew for"));
}

TEST_CASE("stats and status count the counters of limits", "[control]") {
  ApiFixture fixture(TwoLimits());
  Connect(fixture, "192.0.2.1", 1);
  const Json stats = fixture.Get("/v1/stats");
  CHECK(stats["limits"]["counters"].integer() == 2);
  CHECK(stats["limits"]["capacity"].integer() > 2);
  CHECK(stats["limits"]["bytes"].integer() > 0);
  CHECK(stats["limits"]["evicted"].integer() == 0);
  CHECK(stats["history"]["dropped"].integer() == 0);
  CHECK(fixture.Get("/v1/status")["limits"]["counters"].integer() == 2);
}

}  // namespace
}  // namespace mxward
