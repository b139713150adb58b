// SPDX-License-Identifier: Apache-2.0
// What makes a client's history bad, over all that rules and limits can do, in force or observing.
#include <memory>
#include <string>
#include <vector>

#include "catch.h"
#include "clients/standing.h"
#include "config/loader.h"
#include "engine/session.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/memory_log.h"
#include "tests/fake/test_config.h"
#include "tests/fake/test_store.h"

namespace mxward {
namespace {

constexpr int kTriesOfOne = 4;

struct PastOfOne {
  bool bad = false;  // its history
  int against = 0;   // decisions that say so
  int refused = 0;   // what the mail server was told
};

// Some recipients of one client, by that configuration.
PastOfOne PastAfterMail(const std::string& toml) {
  INFO(toml);
  LoadResult loaded = ParseConfig(toml, "test");
  REQUIRE(loaded);
  FakeClock clock;
  TestStore store;
  MemoryLog log;
  Engine engine({clock, store.environment(), store.writer(), log}, Shared(*std::move(loaded)));
  SessionFacts facts;
  facts.client = IpAddress::V4(0xc633640a);
  facts.client_name = "mail.example.org";
  facts.name_class = NameClass::kGood;
  facts.helo = "mail.example.org";
  PastOfOne past;
  Session session(engine);
  session.Connect(facts);
  session.Helo(facts.helo);
  session.Mail({"joe@example.org", "", ""});
  for (int i = 0; i < kTriesOfOne; ++i) {
    Decision decision;
    const Answer answer = session.Recipient("closed@here.example", "", &decision);
    past.against += decision.against_client ? 1 : 0;
    past.refused += answer.verdict == Verdict::kReject ? 1 : 0;
  }
  session.TakeMessage();
  engine.Save(/*all=*/true);
  const auto record = engine.history().Get(*facts.client);
  REQUIRE((record && *record));
  past.bad = StandingOf(**record, /*good_name=*/true, clock.Now()).standing == Standing::kBad;
  return past;
}

TEST_CASE("only a rule about the client that is in force and rejects makes its history bad",
          "[engine]") {
  const std::string action = GENERATE("", "accept", "defer", "reject");
  const std::string about = GENERATE("client = [\"198.51.100.0/24\"]", "sender = [\"example.org\"]",
                                     "recipient = [\"closed@\"]");
  const bool observe = GENERATE(false, true);
  const std::string mode = GENERATE("enforce", "observe");
  std::string toml = "mode = \"" + mode + "\"\n[greylist]\napply = \"off\"\n";
  toml += "[[rule]]\nname = \"trial\"\n" + about + "\nobserve = " + (observe ? "true" : "false");
  toml += action.empty() ? "\nadd_score = 1\n" : "\naction = \"" + action + "\"\n";
  toml += "[[rule]]\nname = \"mailbox is closed\"\nrecipient = [\"closed@here.example\"]\n";
  toml += "action = \"reject\"\n";
  CAPTURE(toml);
  const PastOfOne past = PastAfterMail(toml);
  const bool decides = !observe && !action.empty();
  const bool against = decides && action == "reject" && about.starts_with("client");
  const bool heard = mode == "enforce";
  CHECK(past.against == (against && heard ? kTriesOfOne : 0));
  CHECK(past.bad == (past.against > 0));
  CHECK(past.refused == (heard && (!decides || action == "reject") ? kTriesOfOne : 0));
}

TEST_CASE("no limit makes a client's history bad", "[engine]") {
  const std::string action = GENERATE("observe", "defer", "reject");
  const std::string per = GENERATE("client", "network", "sender", "sender-domain", "recipient");
  std::string toml =
      "[greylist]\napply = \"off\"\n[[limit]]\nname = \"l\"\ncount = \"recipients\"\n";
  toml += "per = \"" + per + "\"\nrate = \"1/1h\"\naction = \"" + action + "\"\n";
  const PastOfOne past = PastAfterMail(toml);
  CAPTURE(toml);
  CHECK(past.against == 0);
  CHECK_FALSE(past.bad);
  CHECK(past.refused == (action == "reject" ? kTriesOfOne - 1 : 0));
}

}  // namespace
}  // namespace mxward
