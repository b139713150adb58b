// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.h"
#include "tests/unit/control/api_fixture.h"

namespace mxward {
namespace {

using Query = ApiFixture::Query;
using Names = std::vector<std::string>;

Names Clients(const Json& answer) {
  Names clients;
  for (const Json& item : answer["items"].items()) clients.push_back(item["client"].text());
  return clients;
}

Names Sorted(Names names) {
  std::sort(names.begin(), names.end());
  return names;
}

void Write(ApiFixture& fixture) { fixture.engine.Save(/*all=*/true); }

// Many records as they are in the store.
void PutClients(ApiFixture& fixture, std::uint32_t count) {
  fixture.store.Do([&](store::WriteTransaction& transaction) -> Result<void> {
    for (std::uint32_t i = 1; i <= count; ++i) {
      ClientRecord record;
      record.client = IpAddress::V4(0x0A000000 + i);
      record.first_seen = record.last_seen = FakeClock::kStart;
      record.connections = (i * 7919) % count;  // each number once, in no order
      auto put = transaction.Put(store::Table::kClients,
                                 ClientKey(fixture.store.environment().hash_key(), *record.client),
                                 record.Encode());
      if (!put) return put;
    }
    return {};
  });
}

TEST_CASE("a client's history is told at once, written or not", "[control]") {
  ApiFixture fixture;
  fixture.Deliver("192.0.2.1", "a@example.org", {"b@example.net", "c@example.net"});
  fixture.clock.Advance(std::chrono::minutes(6));
  const bool written = GENERATE(false, true);
  if (written) Write(fixture);
  fixture.Deliver("192.0.2.1", "a@example.org", {"b@example.net"}, "mail.example.org");
  const Json answer = fixture.Get("/v1/clients", {{"client", "192.0.2.1"}});
  REQUIRE(answer["items"].items().size() == 1);
  const Json& item = answer["items"].items()[0];
  CHECK(item["client"].text() == "192.0.2.1");
  CHECK(item["first_seen"].text() == "2026-01-05T00:00:00Z");
  CHECK(item["last_seen"].text() == "2026-01-05T00:06:00Z");
  CHECK(item["connections"].integer() == 2);
  CHECK(item["passed"].integer() == 1);
  CHECK(item["deferred"].integer() == 2);
  CHECK(item["rejected"].integer() == 0);
  CHECK(item["bad"].integer() == 0);
  CHECK(item["name_class"].text() == "good");
  CHECK(item["standing"].text() == "none");
  CHECK(item["last_list"].is_null());
  CHECK(item["last_listed"].is_null());
  CHECK(fixture.Get("/v1/clients", {{"client", "192.0.2.2"}})["items"].items().empty());
}

TEST_CASE("the history of an IPv6 client is its /64's", "[control]") {
  ApiFixture fixture;
  fixture.Deliver("2001:db8:1:2::3", "a@example.org", {"b@example.net"});
  for (const char* client : {"2001:db8:1:2::9", "2001:db8:1:2::/64", "2001:db8:1:2::/80"}) {
    CAPTURE(client);
    CHECK(Clients(fixture.Get("/v1/clients", {{"client", client}})) == Names{"2001:db8:1:2::/64"});
  }
}

TEST_CASE("clients are listed all, or those of a prefix", "[control]") {
  ApiFixture fixture;
  for (const char* client : {"192.0.2.1", "192.0.2.77", "198.51.100.1", "2001:db8::1"}) {
    fixture.Deliver(client, "a@example.org", {"b@example.net"});
  }
  const bool written = GENERATE(false, true);
  if (written) Write(fixture);
  CHECK(Clients(fixture.Get("/v1/clients")).size() == 4);
  CHECK(Sorted(Clients(fixture.Get("/v1/clients", {{"client", "192.0.2.0/24"}}))) ==
        Names{"192.0.2.1", "192.0.2.77"});
  CHECK(Clients(fixture.Get("/v1/clients", {{"client", "2001:db8::/32"}})).size() == 1);
  fixture.clock.Advance(std::chrono::hours(24 * 61));
  CHECK(Clients(fixture.Get("/v1/clients")).empty());
}

TEST_CASE("a sorted slice has the best of what it reads, the highest first", "[control]") {
  ApiFixture fixture;
  fixture.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  fixture.Deliver("192.0.2.2", "a@example.org", {"c@example.net"});
  fixture.clock.Advance(std::chrono::minutes(6));
  fixture.Deliver("192.0.2.2", "a@example.org", {"d@example.net"});
  fixture.Deliver("192.0.2.3", "a@example.org", {"e@example.net", "f@example.net"});
  fixture.clock.Advance(std::chrono::minutes(6));
  fixture.Deliver("192.0.2.3", "a@example.org", {"e@example.net"});
  fixture.Deliver("192.0.2.3", "a@example.org", {});
  fixture.clock.Advance(std::chrono::minutes(6));
  fixture.Deliver("192.0.2.1", "a@example.org", {});
  const bool written = GENERATE(false, true);
  if (written) Write(fixture);
  const auto [sort, expected] = GENERATE(table<std::string, Names>({
      {"last-seen", {"192.0.2.1", "192.0.2.3", "192.0.2.2"}},
      {"first-seen", {"192.0.2.3", "192.0.2.1", "192.0.2.2"}},
      {"connections", {"192.0.2.3", "192.0.2.1", "192.0.2.2"}},
      {"passed", {"192.0.2.3", "192.0.2.1", "192.0.2.2"}},
      {"deferred", {"192.0.2.3", "192.0.2.2", "192.0.2.1"}},
  }));
  CAPTURE(sort);
  CHECK(Clients(fixture.Get("/v1/clients", {{"sort", sort}})) == expected);
  CHECK(Clients(fixture.Get("/v1/clients", {{"sort", sort}, {"limit", "1"}})) ==
        Names{expected[0]});
}

TEST_CASE("clients go in slices that miss nothing, sorted ones bring their best", "[control]") {
  ApiFixture fixture;
  PutClients(fixture, 12000);
  std::size_t seen = 0;
  Query query = {{"limit", "5000"}};
  for (std::string next = "x"; !next.empty(); query["after"] = next) {
    const Json answer = fixture.Get("/v1/clients", query);
    seen += answer["items"].items().size();
    next = answer["next"].text();
  }
  CHECK(seen == 12000);

  std::vector<std::int64_t> best;
  int slices = 0;
  query = {{"sort", "connections"}, {"limit", "3"}};
  for (std::string next = "x"; !next.empty(); query["after"] = next, ++slices) {
    const Json answer = fixture.Get("/v1/clients", query);
    CHECK(answer["items"].items().size() == 3);
    for (const Json& item : answer["items"].items()) best.push_back(item["connections"].integer());
    next = answer["next"].text();
  }
  CHECK(slices == 3);
  std::sort(best.rbegin(), best.rend());
  best.resize(3);
  CHECK(best == std::vector<std::int64_t>{11999, 11998, 11997});
}

TEST_CASE("slices go through what is written and what is not as one", "[control]") {
  ApiFixture fixture;
  PutClients(fixture, 40);
  Names expected;
  // The first twenty are in both.
  for (int i = 1; i <= 60; ++i) {
    expected.push_back("10.0.0." + std::to_string(i));
    if (i <= 20 || i > 40) fixture.Deliver(expected.back(), "a@example.org", {"b@example.net"});
  }
  const std::string limit = GENERATE("1", "3", "7", "59", "60", "100");
  CAPTURE(limit);
  Names seen;
  Query query = {{"limit", limit}};
  for (std::string next = "x"; !next.empty(); query["after"] = next) {
    const Json answer = fixture.Get("/v1/clients", query);
    const Names some = Clients(answer);
    CHECK(some.size() <= std::stoul(limit));
    seen.insert(seen.end(), some.begin(), some.end());
    next = answer["next"].text();
  }
  CHECK(Sorted(seen) == Sorted(expected));
  const Json both = fixture.Get("/v1/clients", {{"client", "10.0.0.0/29"}});
  REQUIRE(Clients(both).size() == 7);
  for (const Json& item : both["items"].items()) CHECK(item["deferred"].integer() == 1);
}

TEST_CASE("a wrong question about clients is an error that helps", "[control]") {
  ApiFixture fixture;
  const auto [query, message] = GENERATE(table<Query, std::string>({
      {{{"sort", "conections"}}, "did you mean \\\"connections\\\"?"},
      {{{"client", "192.0.2.7/24"}}, "did you mean \\\"192.0.2.0/24\\\"?"},
      {{{"client", "example.org"}}, "client: "},
      {{{"sort", "bad"}, {"limit", "1001"}}, "not a number from 1 to 1000"},
      {{{"after", "abc"}}, "not a cursor"},
  }));
  const auto response = fixture.Handle("GET", "/v1/clients", query);
  CHECK(response.status == 400);
  CHECK_THAT(response.json, HasText(message));
}

TEST_CASE("with privacy a client is found by its address, and its network's are not", "[control]") {
  Config config = TestConfig();
  config.greylist.privacy = true;
  ApiFixture fixture(config);
  fixture.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  const bool written = GENERATE(false, true);
  if (written) Write(fixture);
  const Json all = fixture.Get("/v1/clients");
  REQUIRE(all["items"].items().size() == 1);
  CHECK(all["items"].items()[0]["client"].is_null());
  CHECK(all["items"].items()[0]["client_hash"].text().size() == 16);
  CHECK(fixture.Get("/v1/clients", {{"client", "192.0.2.1"}})["items"].items().size() == 1);
  const Json network = fixture.Get("/v1/clients", {{"client", "192.0.2.0/24"}});
  CHECK(network["items"].items().empty());
  CHECK(network["unknown"].integer() == 1);
}

TEST_CASE("show tells a client's history, too", "[control]") {
  ApiFixture fixture;
  fixture.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  fixture.Deliver("192.0.2.2", "a@example.org", {"b@example.net"});
  CHECK(fixture.Get("/v1/show", {{"what", "192.0.2.1"}})["clients"].items().size() == 1);
  Write(fixture);
  const Json network = fixture.Get("/v1/show", {{"what", "192.0.2.0/24"}});
  CHECK(network["clients"].items().size() == 2);
  CHECK(network["tuples"].items().size() == 1);
  CHECK(fixture.Get("/v1/show", {{"what", "a@example.org"}})["clients"].items().empty());
}

TEST_CASE("who is forgotten has no history and begins to count anew", "[control]") {
  Config config = TestConfig();
  LimitConfig limit;
  limit.name = "each";
  limit.amount = limit.burst = 2;
  limit.period = Seconds(60);
  config.limit = {limit};
  ApiFixture fixture(config);
  const bool written = GENERATE(false, true);
  for (const char* client : {"192.0.2.1", "192.0.2.2", "198.51.100.1"}) {
    fixture.Deliver(client, "a@example.org", {"b@example.net"});
  }
  if (written) Write(fixture);
  const Json one = fixture.Ask("POST", "/v1/forget", {{"kind", "client"}, {"key", "198.51.100.1"}});
  CHECK(one["clients"].integer() == 1);
  CHECK(one["limits"].integer() == 1);
  CHECK(fixture.Get("/v1/clients", {{"client", "198.51.100.1"}})["items"].items().empty());
  const Json network =
      fixture.Ask("POST", "/v1/forget", {{"kind", "client"}, {"key", "192.0.2.0/24"}});
  CHECK(network["clients"].integer() == 2);
  Write(fixture);
  CHECK(fixture.Get("/v1/clients")["items"].items().empty());
  CHECK(fixture.Ask("POST", "/v1/forget", {{"kind", "client"}, {"key", "192.0.2.0/24"}})["clients"]
            .integer() == 0);
}

TEST_CASE("who was busy just now is told with what he did, the busiest first", "[control]") {
  ApiFixture fixture;
  fixture.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  for (int i = 0; i < 3; ++i) fixture.Deliver("2001:db8::1", "a@example.org", {"b@example.net"});
  fixture.clock.Advance(Seconds(5));
  const Json answer = fixture.Get("/v1/clients/recent");
  CHECK(answer["span_ms"].integer() == 5001);  // and the wait for SPF
  CHECK(answer["clients"].integer() == 2);
  REQUIRE(answer["items"].items().size() == 2);
  const Json& busiest = answer["items"].items()[0];
  CHECK(busiest["client"].text() == "2001:db8::/64");
  CHECK(busiest["connections"].integer() == 3);
  CHECK(busiest["deferred"].integer() == 3);
  CHECK(busiest["name_class"].text() == "none");
  CHECK(fixture.Get("/v1/clients/recent", {{"limit", "1"}})["items"].items().size() == 1);
  fixture.clock.Advance(Seconds(30));
  CHECK(fixture.Get("/v1/clients/recent")["items"].items().empty());
}

}  // namespace
}  // namespace mxward
