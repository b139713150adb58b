// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "tests/unit/catch.h"
#include "tests/unit/control/api_fixture.h"

namespace mxward {
namespace {

using Query = ApiFixture::Query;

std::vector<std::string> Recipients(const Json& answer) {
  std::multiset<std::string> sorted;
  for (const Json& item : answer["items"].items()) sorted.insert(item["recipient"].text());
  return {sorted.begin(), sorted.end()};
}

using Names = std::vector<std::string>;

TEST_CASE("a pending tuple is listed with all that is stored", "[control]") {
  ApiFixture fixture;
  fixture.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  fixture.clock.Advance(std::chrono::minutes(1));
  fixture.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  const Json answer = fixture.Get("/v1/tuples");
  CHECK(answer["next"].is_null());
  REQUIRE(answer["items"].items().size() == 1);
  const Json& item = answer["items"].items().front();
  CHECK(item["key"].text().size() == 32);
  CHECK(item["state"].text() == "pending");
  CHECK(item["progress"].text() == "waiting");
  CHECK(item["client"].text() == "192.0.2.1");
  CHECK(item["client_network"].text() == "192.0.2.0/24");
  CHECK(item["sender"].text() == "a@example.org");
  CHECK(item["recipient"].text() == "b@example.net");
  CHECK(item["first_seen"].text() == "2026-01-05T00:00:00Z");
  CHECK(item["last_seen"].text() == "2026-01-05T00:01:00Z");
  CHECK(item["passes_at"].text() == "2026-01-05T00:05:00Z");
  CHECK(item["passes_until"].text() == "2026-01-07T00:00:00Z");
  CHECK(item["tries"].integer() == 2);
}

TEST_CASE("states follow the clock, and so does the filter", "[control]") {
  ApiFixture fixture;
  fixture.DeliverTwice("192.0.2.1", "a@example.org", {"passed@example.net"});
  fixture.Deliver("192.0.2.1", "a@example.org", {"pending@example.net"});
  CHECK(Recipients(fixture.Get("/v1/tuples", {{"state", "pending"}})) ==
        Names{"pending@example.net"});
  CHECK(Recipients(fixture.Get("/v1/tuples", {{"state", "passed"}})) ==
        Names{"passed@example.net"});
  CHECK(Recipients(fixture.Get("/v1/tuples", {{"state", "expired"}})).empty());
  fixture.clock.Advance(std::chrono::hours(49));
  CHECK(Recipients(fixture.Get("/v1/tuples", {{"state", "pending"}})).empty());
  CHECK(Recipients(fixture.Get("/v1/tuples", {{"state", "expired"}})) ==
        Names{"pending@example.net"});
  fixture.clock.Advance(std::chrono::hours(24 * 37));
  CHECK(Recipients(fixture.Get("/v1/tuples", {{"state", "expired"}})) ==
        Names{"passed@example.net", "pending@example.net"});
}

TEST_CASE("a listing is filtered by client, sender, recipient and age", "[control]") {
  ApiFixture fixture;
  fixture.Deliver("192.0.2.1", "a@example.org", {"1@example.net"});
  fixture.Deliver("192.0.2.200", "B@Sub.Example.ORG", {"2@example.net"});
  fixture.clock.Advance(std::chrono::hours(2));
  fixture.Deliver("2001:db8::1", "", {"3@mx.example.net"});
  const auto [query, expected] = GENERATE(table<Query, Names>({
      {{{"client", "192.0.2.1"}}, {"1@example.net"}},
      {{{"client", "192.0.2.0/24"}}, {"1@example.net", "2@example.net"}},
      {{{"client", "2001:db8::/32"}}, {"3@mx.example.net"}},
      {{{"sender", "A@EXAMPLE.org"}}, {"1@example.net"}},
      {{{"sender", "*@example.org"}}, {"1@example.net"}},
      {{{"sender", "example.org"}}, {"1@example.net", "2@example.net"}},
      {{{"sender", "<>"}}, {"3@mx.example.net"}},
      {{{"recipient", "*@example.net"}}, {"1@example.net", "2@example.net"}},
      {{{"recipient", "ample.net"}}, {}},
      {{{"older_than", "1h"}}, {"1@example.net", "2@example.net"}},
      {{{"younger_than", "1h"}}, {"3@mx.example.net"}},
      {{{"older_than", "1h"}, {"client", "192.0.2.200"}}, {"2@example.net"}},
  }));
  CAPTURE(query.begin()->first, query.begin()->second);
  CHECK(Recipients(fixture.Get("/v1/tuples", query)) == expected);
}

TEST_CASE("a wrong filter is an error that helps, never an unfiltered list", "[control]") {
  ApiFixture fixture;
  const auto [query, message] = GENERATE(table<Query, std::string>({
      {{{"stat", "pending"}}, "did you mean \\\"state\\\"?"},
      {{{"state", "pasing"}}, "state: \\\"pasing\\\" is unknown"},
      {{{"client", "192.0.2.7/24"}}, "did you mean \\\"192.0.2.0/24\\\"?"},
      {{{"client", ""}}, "client: "},
      {{{"older_than", "5"}}, "needs a unit"},
      {{{"limit", "0"}}, "not a number from 1 to 5000"},
      {{{"limit", "many"}}, "not a number from 1 to 5000"},
      {{{"after", "abc"}}, "not a cursor"},
      {{{"sender", "@"}}, "sender: "},
  }));
  CAPTURE(query.begin()->first, query.begin()->second);
  const auto response = fixture.Handle("GET", "/v1/tuples", query);
  CHECK(response.status == 400);
  CHECK_THAT(response.json, HasText(message));
}

TEST_CASE("a listing goes in slices that miss nothing and repeat nothing", "[control]") {
  ApiFixture fixture;
  std::set<std::string> expected;
  for (int i = 0; i < 25; ++i) {
    const std::string recipient = std::to_string(i) + "@example.net";
    fixture.Deliver("192.0.2.1", "a@example.org", {recipient});
    expected.insert(recipient);
  }
  std::multiset<std::string> seen;
  Query query = {{"limit", "4"}};
  int slices = 0;
  for (std::string next = "x"; !next.empty(); ++slices) {
    const Json answer = fixture.Get("/v1/tuples", query);
    REQUIRE(answer["items"].items().size() <= 4);
    for (const Json& item : answer["items"].items()) seen.insert(item["recipient"].text());
    next = answer["next"].text();
    query["after"] = next;
  }
  CHECK(slices == 7);
  CHECK(seen == std::multiset<std::string>(expected.begin(), expected.end()));
}

TEST_CASE("one request reads a bounded number of records, found or not", "[control]") {
  ApiFixture fixture;
  fixture.store.Do([](store::WriteTransaction& transaction) -> Result<void> {
    greylist::TupleRecord record;
    record.first_seen = record.last_seen = FakeClock::kStart;
    record.client = IpAddress::Parse("192.0.2.1");
    for (std::uint64_t i = 1; i <= 12000; ++i) {
      record.recipient = i == 11000 ? "wanted@example.net" : "other@example.net";
      auto put = transaction.Put(store::Table::kTuples, greylist::TupleKey{i, 1}.Encode(),
                                 record.Encode());
      if (!put) return put;
    }
    return {};
  });
  Query query = {{"recipient", "wanted@example.net"}};
  std::vector<std::size_t> found;
  for (std::string next = "x"; !next.empty();) {
    const Json answer = fixture.Get("/v1/tuples", query);
    found.push_back(answer["items"].items().size());
    next = answer["next"].text();
    query["after"] = next;
  }
  CHECK(found == std::vector<std::size_t>{0, 0, 1});
  // An answer is bounded in bytes as well.
  const auto all = fixture.Handle("GET", "/v1/tuples", {{"limit", "5000"}});
  CHECK(all.json.size() < 700 * 1024);
}

TEST_CASE("pending shows who waits, who is overdue, and who never came back", "[control]") {
  ApiFixture fixture;
  fixture.Deliver("192.0.2.1", "a@example.org", {"lost@example.net"});
  fixture.clock.Advance(std::chrono::hours(48));
  fixture.Deliver("192.0.2.1", "a@example.org", {"overdue@example.net"});
  fixture.clock.Advance(std::chrono::minutes(6));
  fixture.Deliver("192.0.2.1", "a@example.org", {"waiting@example.net"});
  fixture.DeliverTwice("198.51.100.1", "a@example.org", {"known@example.net"});
  fixture.Deliver("192.0.2.1", "a@example.org", {"fresh@example.net"});
  CHECK(Recipients(fixture.Get("/v1/pending")) ==
        Names{"fresh@example.net", "overdue@example.net", "waiting@example.net"});
  CHECK(Recipients(fixture.Get("/v1/pending", {{"progress", "waiting"}})) ==
        Names{"fresh@example.net"});
  CHECK(Recipients(fixture.Get("/v1/pending", {{"progress", "overdue"}})) ==
        Names{"overdue@example.net", "waiting@example.net"});
  CHECK(Recipients(fixture.Get("/v1/pending", {{"progress", "never"}})) ==
        Names{"lost@example.net"});
}

TEST_CASE("what was only observed is marked and does not count as waiting", "[control]") {
  Config config = TestConfig();
  config.mode = Mode::kObserve;
  ApiFixture fixture(config);
  fixture.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  const Json answer = fixture.Get("/v1/tuples");
  REQUIRE(answer["items"].items().size() == 1);
  CHECK(answer["items"].items()[0]["observed"].boolean());
  CHECK(answer["items"].items()[0]["progress"].is_null());
  CHECK(fixture.Get("/v1/pending")["items"].items().empty());
}

TEST_CASE("with privacy only what is stored is shown", "[control]") {
  Config config = TestConfig();
  config.greylist.privacy = true;
  ApiFixture fixture(config);
  fixture.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  const Json answer = fixture.Get("/v1/tuples");
  REQUIRE(answer["items"].items().size() == 1);
  const Json& item = answer["items"].items()[0];
  CHECK(item["client"].is_null());
  CHECK(item["sender"].is_null());
  CHECK(item["recipient"].is_null());
  CHECK(item["client_tag"].text().size() == 8);
  // Nobody knows whom it belongs to, so no filter on that finds it, not even the null sender's.
  CHECK(Recipients(fixture.Get("/v1/tuples", {{"sender", "<>"}})).empty());
}

TEST_CASE("whatever bytes an address has, the listing is valid JSON", "[control]") {
  ApiFixture fixture;
  const std::string nasty("\x00\x1b[31m\"\\\xff\xc3\x28\n@example.org", 21);
  fixture.Deliver("192.0.2.1", nasty, {nasty});
  const auto response = fixture.Handle("GET", "/v1/tuples");
  REQUIRE(response.status == 200);
  const auto json = ParseJson(response.json);
  REQUIRE(json);
  CHECK((*json)["items"].items().size() == 1);
  for (const char c : response.json) CHECK(static_cast<unsigned char>(c) >= 0x20);
}

TEST_CASE("show finds everything about a client, an address, a domain and a key", "[control]") {
  ApiFixture fixture;
  for (const char* recipient : {"1@example.net", "2@example.net", "3@example.net"}) {
    fixture.DeliverTwice("192.0.2.1", "a@example.org", {recipient}, "mail.example.org");
    fixture.clock.Advance(std::chrono::hours(2));
  }
  fixture.Deliver("198.51.100.1", "x@example.com", {"a@example.org"});
  fixture.Ask("PUT", "/v1/entries",
              {{"action", "block"}, {"kind", "client"}, {"key", "192.0.2.0/24"}});
  fixture.Ask("PUT", "/v1/entries",
              {{"action", "allow"}, {"kind", "sender-domain"}, {"key", "example.org"}});

  const Json client = fixture.Get("/v1/show", {{"what", "192.0.2.1"}});
  CHECK(client["kind"].text() == "client");
  CHECK(client["tuples"].items().size() == 3);
  CHECK(client["entries"].items().size() == 1);
  REQUIRE(client["earned"].items().size() == 1);
  CHECK(client["earned"].items()[0]["identity"].text() == "client:192.0.2.1");
  CHECK(client["earned"].items()[0]["allowed"].boolean());

  const Json address = fixture.Get("/v1/show", {{"what", "A@Example.Org"}});
  CHECK(address["kind"].text() == "address");
  CHECK(address["what"].text() == "a@example.org");
  CHECK(address["tuples"].items().size() == 4);  // three as sender, one as recipient
  CHECK(address["entries"].items().size() == 1);

  const Json domain = fixture.Get("/v1/show", {{"what", "example.org"}});
  CHECK(domain["kind"].text() == "domain");
  CHECK(domain["tuples"].items().size() == 4);
  CHECK(domain["earned"].items().empty());

  const std::string key = client["tuples"].items()[0]["key"].text();
  const Json tuple = fixture.Get("/v1/show", {{"what", key}});
  CHECK(tuple["kind"].text() == "tuple");
  REQUIRE(tuple["tuples"].items().size() == 1);
  CHECK(tuple["tuples"].items()[0]["key"].text() == key);

  const Json nothing = fixture.Get("/v1/show", {{"what", "nobody@example.edu"}});
  CHECK(nothing["tuples"].items().empty());
  CHECK(nothing["next"].is_null());
}

TEST_CASE("show says what it cannot make sense of", "[control]") {
  ApiFixture fixture;
  for (const char* what : {"", "192.0.2.1/24", "300.1.2.3/8", "a b", "@"}) {
    CAPTURE(what);
    CHECK(fixture.Handle("GET", "/v1/show", {{"what", what}}).status == 400);
  }
  CHECK(fixture.Handle("GET", "/v1/show").status == 400);
}

}  // namespace
}  // namespace mxward
