// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.h"
#include "tests/unit/control/api_fixture.h"

namespace mxward {
namespace {

using Query = ApiFixture::Query;

struct Forgotten {
  bool entry = false;
  std::int64_t tuples = 0;
  std::int64_t earned = 0;
  std::int64_t unknown = 0;
  int slices = 0;
  std::size_t notices = 0;
};

Forgotten Forget(ApiFixture& fixture, const std::string& kind, const std::string& key) {
  Forgotten all;
  Query query = {{"kind", kind}, {"key", key}};
  do {
    const Json answer = fixture.Ask("POST", "/v1/forget", query);
    REQUIRE(answer.is_object());
    all.entry = all.entry || answer["entry"].boolean();
    all.tuples += answer["tuples"].integer();
    all.earned += answer["earned"].integer();
    all.unknown += answer["unknown"].integer();
    all.notices = answer["notices"].items().size();
    ++all.slices;
    query["after"] = answer["next"].text();
  } while (!query["after"].empty());
  return all;
}

std::size_t Listed(ApiFixture& fixture) {
  return fixture.Get("/v1/tuples", {{"limit", "5000"}})["items"].items().size();
}

TEST_CASE("a sender is forgotten under every form of the address", "[control]") {
  ApiFixture fixture;
  const std::vector<std::string> forms = {
      "Bob@Example.org",
      "bob+list@example.org",
      "\"bob\"@example.org.",
      "prvs=1234abcdef=bob@example.org",
      "SRS0=HHHH=TT=example.org=bob@forwarder.example",
  };
  for (const std::string& form : forms) fixture.Deliver("192.0.2.1", form, {"x@example.net"});
  fixture.Deliver("192.0.2.1", "bobby@example.org", {"x@example.net"});
  fixture.Deliver("192.0.2.1", "notbob@example.org", {"x@example.net"});
  fixture.Deliver("192.0.2.1", "x@example.com", {"bob@example.org"});
  const std::size_t before = Listed(fixture);
  fixture.Ask("PUT", "/v1/entries",
              {{"action", "allow"}, {"kind", "sender"}, {"key", "bob@example.org"}});
  const Forgotten gone = Forget(fixture, "sender", "bob@example.org");
  CHECK(gone.entry);
  CHECK(gone.tuples == static_cast<std::int64_t>(before) - 3);
  CHECK(Listed(fixture) == 3);
  CHECK(fixture.Get("/v1/entries")["items"].items().empty());
}

TEST_CASE("numbers in an address are not folded when it is forgotten", "[control]") {
  ApiFixture fixture;
  fixture.Deliver("192.0.2.1", "user1234@example.org", {"x@example.net"});
  fixture.Deliver("198.51.100.1", "user5678@example.org", {"x@example.net"});
  CHECK(Forget(fixture, "sender", "user1234@example.org").tuples == 1);
  CHECK(Listed(fixture) == 1);
}

TEST_CASE("a recipient is forgotten with the tagged addresses", "[control]") {
  ApiFixture fixture;
  fixture.Deliver("192.0.2.1", "a@example.org",
                  {"Bob@example.net", "bob+shop@example.net", "\"bob\"@example.net"});
  fixture.Deliver("192.0.2.1", "a@example.org", {"alice@example.net"});
  fixture.Deliver("192.0.2.1", "bob@example.net", {"alice@example.net"});
  CHECK(Forget(fixture, "recipient", "bob@example.net").tuples == 2);
  CHECK(Listed(fixture) == 2);
}

TEST_CASE("domains are forgotten with those below them", "[control]") {
  ApiFixture fixture;
  fixture.Deliver("192.0.2.1", "a@example.org", {"x@example.net"});
  fixture.Deliver("192.0.2.1", "b@mail.example.org", {"x@example.net"});
  fixture.Deliver("192.0.2.1", "c@notexample.org", {"x@sub.example.net"});
  CHECK(Forget(fixture, "sender-domain", "example.org").tuples == 2);
  CHECK(Forget(fixture, "recipient-domain", "example.net").tuples == 1);
}

TEST_CASE("a client is forgotten with what it earned, and begins anew", "[control]") {
  ApiFixture fixture;
  for (const char* recipient : {"1@example.net", "2@example.net", "3@example.net"}) {
    fixture.DeliverTwice("192.0.2.1", "a@example.org", {recipient});
    fixture.clock.Advance(std::chrono::hours(2));
  }
  fixture.Deliver("192.0.2.99", "a@example.com", {"4@example.net"});
  const Forgotten gone = Forget(fixture, "client", "192.0.2.1");
  CHECK_FALSE(gone.entry);
  CHECK(gone.tuples == 3);
  CHECK(gone.earned == 1);
  CHECK(Listed(fixture) == 1);
  CHECK(fixture.Get("/v1/show", {{"what", "192.0.2.1"}})["earned"].items().empty());
  fixture.Deliver("192.0.2.1", "a@example.org", {"1@example.net"});
  CHECK(fixture.Get("/v1/pending")["items"].items().size() == 2);
}

TEST_CASE("a network is forgotten with all its clients", "[control]") {
  ApiFixture fixture;
  fixture.DeliverTwice("192.0.2.1", "a@example.org", {"1@example.net"});
  fixture.DeliverTwice("192.0.2.2", "b@example.org", {"2@example.net"});
  fixture.Deliver("198.51.100.1", "c@example.org", {"3@example.net"});
  const Forgotten gone = Forget(fixture, "client", "192.0.2.0/24");
  CHECK(gone.tuples == 2);
  CHECK(gone.earned == 2);
  CHECK(Listed(fixture) == 1);
}

TEST_CASE("a client name is forgotten by its organisational domain", "[control]") {
  ApiFixture fixture;
  fixture.DeliverTwice("192.0.2.1", "a@example.com", {"1@example.net"}, "mail1.example.org");
  fixture.DeliverTwice("198.51.100.1", "a@example.com", {"2@example.net"}, "mail2.example.org");
  const Forgotten below = Forget(fixture, "client-name", "mail1.example.org");
  CHECK(below.tuples == 0);
  CHECK(below.notices == 1);
  const Forgotten gone = Forget(fixture, "client-name", "example.org");
  CHECK(gone.tuples == 2);
  CHECK(gone.earned == 0);  // that is their addresses'
  CHECK(gone.notices == 0);
}

TEST_CASE("with privacy a client can be forgotten, and addresses cannot", "[control]") {
  Config config = TestConfig();
  config.greylist.privacy = true;
  ApiFixture fixture(config);
  fixture.DeliverTwice("192.0.2.1", "a@example.org", {"1@example.net"});
  fixture.Deliver("2001:db8::1", "b@example.org", {"1@example.net"});
  fixture.Deliver("192.0.2.77", "c@example.org", {"1@example.net"});
  CHECK(Forget(fixture, "sender", "a@example.org").unknown == 3);
  CHECK(Forget(fixture, "client", "192.0.2.0/24").unknown ==
        7);  // and what one has earned, and three histories
  CHECK(Listed(fixture) == 3);
  const Forgotten gone = Forget(fixture, "client", "192.0.2.1");
  CHECK(gone.tuples == 1);
  CHECK(gone.earned == 1);
  CHECK(gone.unknown == 0);
  CHECK(Forget(fixture, "client", "2001:db8::/64").tuples == 1);
  CHECK(Listed(fixture) == 1);
}

TEST_CASE("much is forgotten in slices of a hundred", "[control]") {
  Config config = TestConfig();
  config.greylist.max_pending = 10000;
  ApiFixture fixture(config);
  for (int i = 0; i < 350; ++i) {
    fixture.Deliver("192.0.2.1", "a@example.org", {std::to_string(i) + "@example.net"});
  }
  const Forgotten gone = Forget(fixture, "sender", "a@example.org");
  CHECK(gone.tuples == 350);
  CHECK(gone.slices == 4);
  CHECK(Listed(fixture) == 0);
  // The tombstones say nothing about whom they are for.
  const auto read = fixture.store.environment().Read();
  REQUIRE(read->Scan(store::Table::kTuples, "", [](std::string_view, std::string_view value) {
    CHECK(value.find("example") == std::string_view::npos);
    return true;
  }));
}

TEST_CASE("whom somebody wants forgotten is not written into the log", "[control]") {
  ApiFixture fixture;
  Forget(fixture, "sender", "bob@example.org");
  CHECK(fixture.log.Contains("control: forget a sender (by uid 1000)"));
  CHECK_FALSE(fixture.log.Contains("bob@"));
}

}  // namespace
}  // namespace mxward
