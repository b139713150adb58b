// SPDX-License-Identifier: Apache-2.0
#include "engine/decision_feed.h"

#include <string>

#include "catch.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/test_config.h"

namespace mxward {
namespace {

struct FeedFixture {
  FakeClock clock;
  Config config = TestConfig();
  DecisionFeed feed{clock};

  void Decide(const std::string& helo) {
    SessionFacts session;
    session.helo = helo;
    MessageFacts message;
    message.sender = "joe@example.org";
    const policy::Facts facts{session, message, "b@example.net", false};
    feed.Note({config, facts, Decision()});
  }
  std::string Names(const DecisionFeed::Part& part) {
    std::string names;
    for (const auto& item : part.items) names += item.shown.helo + " ";
    return names;
  }
};

TEST_CASE("decisions are kept from the first question on", "[engine]") {
  FeedFixture fixture;
  fixture.Decide("early");
  auto part = fixture.feed.From(std::nullopt, 10);
  CHECK(part.items.empty());
  fixture.Decide("a");
  fixture.clock.Advance(Seconds(5));
  fixture.Decide("b");
  part = fixture.feed.From(part.next, 10);
  CHECK(fixture.Names(part) == "a b ");
  CHECK(part.items[1].at - part.items[0].at == Seconds(5));
  CHECK(part.missed == 0);
  CHECK_FALSE(part.more);
  CHECK(fixture.feed.From(part.next, 10).items.empty());
}

TEST_CASE("a part has as many as were asked for, and the next goes on", "[engine]") {
  FeedFixture fixture;
  auto part = fixture.feed.From(std::nullopt, 10);
  for (const char* name : {"a", "b", "c"}) fixture.Decide(name);
  part = fixture.feed.From(part.next, 2);
  CHECK(fixture.Names(part) == "a b ");
  CHECK(part.more);
  part = fixture.feed.From(part.next, 2);
  CHECK(fixture.Names(part) == "c ");
  CHECK_FALSE(part.more);
}

TEST_CASE("who comes too late is told how many were missed", "[engine]") {
  FeedFixture fixture;
  const auto begin = fixture.feed.From(std::nullopt, 10);
  for (std::size_t i = 0; i < DecisionFeed::kKept + 3; ++i) fixture.Decide(std::to_string(i));
  const auto part = fixture.feed.From(begin.next, 1);
  CHECK(part.missed == 3);
  CHECK(fixture.Names(part) == "3 ");
}

TEST_CASE("nothing is kept for who has gone", "[engine]") {
  FeedFixture fixture;
  const auto begin = fixture.feed.From(std::nullopt, 10);
  fixture.Decide("seen");
  fixture.clock.Advance(DecisionFeed::kWantedFor);
  fixture.Decide("late");
  const auto part = fixture.feed.From(begin.next, 10);
  CHECK(part.items.empty());
  CHECK(part.missed == 1);
  // And again for who comes now.
  fixture.Decide("new");
  CHECK(fixture.Names(fixture.feed.From(part.next, 10)) == "new ");
}

TEST_CASE("a number that this daemon never gave stands for all that is kept", "[engine]") {
  FeedFixture fixture;
  fixture.feed.From(std::nullopt, 1);
  fixture.Decide("a");
  const auto part = fixture.feed.From(1000000, 10);
  CHECK(fixture.Names(part) == "a ");
  CHECK(part.missed == 0);
}

TEST_CASE("addresses are hidden from who follows as they are in the log", "[engine]") {
  FeedFixture fixture;
  fixture.config.log.addresses = LogAddresses::kDomain;
  const auto begin = fixture.feed.From(std::nullopt, 10);
  fixture.Decide("a");
  const auto part = fixture.feed.From(begin.next, 10);
  REQUIRE(part.items.size() == 1);
  CHECK(part.items[0].shown.sender == "*@example.org");
  CHECK(part.items[0].shown.recipient == "*@example.net");
}

}  // namespace
}  // namespace mxward
