// SPDX-License-Identifier: Apache-2.0
#include "policy/limit_check.h"

#include "catch.h"
#include "tests/fake/test_config.h"

namespace mxward::policy {
namespace {

LimitConfig Limit(const std::string& name, LimitAction action,
                  LimitCount count = LimitCount::kConnections, LimitPer per = LimitPer::kClient) {
  LimitConfig limit;
  limit.name = name;
  limit.count = count;
  limit.per = per;
  limit.amount = limit.burst = 10;
  limit.period = Seconds(60);
  limit.action = action;
  limit.score = action == LimitAction::kScore ? 3 : 0;
  return limit;
}

limits::State Over(const std::string& name) {
  limits::State state;
  state.limit = name;
  state.key = "192.0.2.1";
  state.over = true;
  state.used = 10;
  state.wait = Millis(5400);
  return state;
}

Config With(std::vector<LimitConfig> limits) {
  Config config = TestConfig();
  config.limit = std::move(limits);
  return config;
}

SessionFacts FromPort(const char* port) {
  SessionFacts session;
  session.client = IpAddress::Parse("192.0.2.1");
  session.daemon_port = port;
  return session;
}

}  // namespace

TEST_CASE("a limit that is not over says nothing", "[policy]") {
  const Config config = With({Limit("crowd", LimitAction::kReject)});
  limits::State state = Over("crowd");
  state.over = false;
  const LimitCheck check = CheckLimits({state}, config, Trust::kNone, {});
  CHECK(check.denied == nullptr);
  CHECK(check.findings.empty());
  CHECK_FALSE(NeedsExemptionCheck({state}, config, Trust::kNone));
}

TEST_CASE("what a limit does that is over", "[policy]") {
  struct Row {
    LimitAction action;
    bool denies;
    int score;
  };
  for (const Row& row :
       {Row{LimitAction::kDefer, true, 0}, Row{LimitAction::kReject, true, 0},
        Row{LimitAction::kScore, false, 3}, Row{LimitAction::kObserve, false, 0}}) {
    const Config config = With({Limit("crowd", row.action)});
    const std::vector<limits::State> states = {Over("crowd")};
    const LimitCheck check = CheckLimits(states, config, Trust::kNone, {});
    CHECK((check.denied != nullptr) == row.denies);
    CHECK(check.score == row.score);
    REQUIRE(check.findings.size() == 1);
    CHECK(check.findings[0].Name() == "limit:crowd");
    CHECK(check.findings[0].score == row.score);
  }
}

TEST_CASE("the first limit that rejects decides, or else the first that defers", "[policy]") {
  const std::vector<limits::State> states = {Over("a"), Over("b"), Over("c"), Over("d")};
  const auto denied = [&](std::vector<LimitConfig> limits) {
    const Config config = With(std::move(limits));
    return CheckLimits(states, config, Trust::kNone, {}).denied->name;
  };
  using enum LimitAction;
  CHECK(denied({Limit("a", kDefer), Limit("b", kDefer)}) == "a");
  CHECK(denied({Limit("a", kDefer), Limit("b", kReject), Limit("c", kReject)}) == "b");
  CHECK(denied({Limit("d", kScore), Limit("c", kObserve), Limit("b", kDefer)}) == "b");
}

TEST_CASE("a limit that the configuration does not have any more decides nothing", "[policy]") {
  const Config config = With({Limit("crowd", LimitAction::kDefer)});
  const LimitCheck check = CheckLimits({Over("gone")}, config, Trust::kNone, {});
  CHECK(check.denied == nullptr);
  CHECK(check.findings.empty());
}

TEST_CASE("which limits hold for whom", "[policy]") {
  const auto holds = [](LimitPer per, Trust trust) {
    return AppliesTo(Limit("x", LimitAction::kDefer, LimitCount::kRecipients, per), trust);
  };
  CHECK_FALSE(holds(LimitPer::kUser, Trust::kNetwork));
  for (const LimitPer per : {LimitPer::kClient, LimitPer::kNetwork}) {
    CHECK_FALSE(holds(per, Trust::kRelay));
    CHECK_FALSE(holds(per, Trust::kAuthenticated));
    CHECK_FALSE(holds(per, Trust::kCertificate));
    CHECK(holds(per, Trust::kNone));
  }
  for (const LimitPer per :
       {LimitPer::kSender, LimitPer::kSenderDomain, LimitPer::kUser, LimitPer::kAccount}) {
    CHECK(holds(per, Trust::kRelay));
    CHECK(holds(per, Trust::kAuthenticated));
    CHECK(holds(per, Trust::kNone));
  }
  CHECK(holds(LimitPer::kRecipient, Trust::kRelay));
  CHECK_FALSE(holds(LimitPer::kRecipient, Trust::kAuthenticated));
}

TEST_CASE("exemption: a retry for rates, good standing for harvests, nobody for what is open",
          "[policy]") {
  using enum LimitCount;
  const auto denies = [](LimitCount count, LimitExemption exemption) {
    const Config config = With({Limit("x", LimitAction::kDefer, count)});
    return CheckLimits({Over("x")}, config, Trust::kNone, exemption).denied != nullptr;
  };
  for (const LimitCount rate : {kConnections, kMessages, kRecipients}) {
    CHECK_FALSE(denies(rate, {.free_retry = true, .trusted_history = false}));
    CHECK(denies(rate, {.free_retry = false, .trusted_history = true}));
  }
  CHECK(denies(kBadRecipients, {.free_retry = true, .trusted_history = false}));
  CHECK_FALSE(denies(kBadRecipients, {.free_retry = false, .trusted_history = true}));
  CHECK(denies(kConcurrent, {.free_retry = true, .trusted_history = true}));
  const Config config = With({Limit("x", LimitAction::kDefer, kConcurrent)});
  CHECK_FALSE(NeedsExemptionCheck({Over("x")}, config, Trust::kNone));
}

TEST_CASE("what a spared limit would have added is not added", "[policy]") {
  const Config config = With({Limit("x", LimitAction::kScore)});
  const LimitCheck check = CheckLimits({Over("x")}, config, Trust::kNone, {.free_retry = true});
  CHECK(check.score == 0);
  REQUIRE(check.findings.size() == 1);
  CHECK(check.findings[0].score == 0);
}

TEST_CASE("the reply says what there is too much of, and by which limit", "[policy]") {
  Config config = TestConfig();
  config.reply_contact = "postmaster@here.example";
  const limits::State state = Over("crowd");
  const SmtpReply deferred = LimitReply(Limit("crowd", LimitAction::kDefer), state, config);
  CHECK(deferred.code == 451);
  CHECK(deferred.enhanced == "4.7.1");
  CHECK(deferred.text ==
        "Too many connections from 192.0.2.1, please try again in 6 seconds (limit crowd)");
  const SmtpReply rejected = LimitReply(Limit("crowd", LimitAction::kReject), state, config);
  CHECK(rejected.code == 550);
  CHECK(rejected.enhanced == "5.7.1");
  CHECK(rejected.text ==
        "Too many connections from 192.0.2.1 (limit crowd); contact postmaster@here.example");
  limits::State open = state;
  open.wait = Millis(0);
  CHECK(LimitReply(Limit("x", LimitAction::kDefer, LimitCount::kConcurrent), open, config).text ==
        "Too many connections at once from 192.0.2.1, please try again later (limit x)");
  open.wait = Millis(900);
  LimitConfig mailbox = Limit("x", LimitAction::kDefer, LimitCount::kRecipients);
  mailbox.per = LimitPer::kRecipient;
  CHECK(LimitReply(mailbox, open, config).text ==
        "Too many messages to this recipient, please try again in 1 second (limit x)");
}

TEST_CASE("no reply of a limit repeats what others sent, or what fail2ban bans for", "[policy]") {
  using enum LimitPer;
  for (const LimitCount count :
       {LimitCount::kConnections, LimitCount::kConcurrent, LimitCount::kMessages,
        LimitCount::kRecipients, LimitCount::kBadRecipients}) {
    for (const LimitPer per :
         {kClient, kNetwork, kSender, kSenderDomain, kRecipient, kUser, kAccount}) {
      for (const LimitAction action : {LimitAction::kDefer, LimitAction::kReject}) {
        limits::State state = Over("x");
        if (per != kClient && per != kNetwork) state.key = "joe@example.org";
        const std::string text = LimitReply(Limit("x", action, count, per), state, {}).text;
        CHECK(text.find("joe@example.org") == std::string::npos);
        CHECK(text.find("Service unavailable") == std::string::npos);
        CHECK(text.find("Client host rejected") == std::string::npos);
        CHECK(text.find("Too many") == 0);
      }
    }
  }
}

TEST_CASE("only a limit with at = connect answers a connection, and not on submission ports",
          "[policy]") {
  LimitConfig limit = Limit("flood", LimitAction::kDefer);
  const std::vector<limits::State> states = {Over("flood")};
  CHECK_FALSE(CheckConnection(FromPort("25"), states, With({limit})));
  limit.at = LimitAt::kConnect;
  const auto denied = CheckConnection(FromPort("25"), states, With({limit}));
  REQUIRE(denied);
  CHECK(denied->decision.verdict == Verdict::kDefer);
  CHECK(denied->decision.reason == Reason::kLimit);
  CHECK(denied->decision.delay == Seconds(6));
  REQUIRE(denied->denials.size() == 1);
  CHECK(denied->denials[0].limit == "flood");
  CHECK(CheckConnection(FromPort(""), states, With({limit})));
  CHECK_FALSE(CheckConnection(FromPort("465"), states, With({limit})));
  CHECK_FALSE(CheckConnection(FromPort("587"), states, With({limit})));
  Config trusting = With({limit});
  trusting.trust.relays = {*Prefix::Parse("192.0.2.1")};
  CHECK_FALSE(CheckConnection(FromPort("25"), states, trusting));
}

}  // namespace mxward::policy
