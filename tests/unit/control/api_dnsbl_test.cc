// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "tests/unit/catch.h"
#include "tests/unit/control/list_fixture.h"

namespace mxward {
namespace {

using Query = ApiFixture::Query;

TEST_CASE("a list is shown as configured, and how it is doing", "[control]") {
  ListFixture fixture;
  const Json items = fixture.Get("/v1/dnsbl")["items"];
  REQUIRE(items.items().size() == 3);
  const Json& house = items.items()[0];
  CHECK(house["name"].text() == "house");
  CHECK(house["zone"].text() == "bl.test");
  CHECK(house["of"].items()[0].text() == "client");
  CHECK(house["max_score"].integer() == 12);
  CHECK(house["condition"].text() == "unproven");
  CHECK_FALSE(house["suspended"].boolean());
  CHECK(house["last_test"].is_null());
  REQUIRE(house["codes"].items().size() == 2);
  const Json exploited = ItemNamed(house["codes"], "answer", "127.0.0.4");
  CHECK(exploited["score"].integer() == 12);
  CHECK(exploited["meaning"].text() == "exploited machines");
  CHECK_FALSE(items.items()[1]["ipv6"].boolean());
  CHECK(items.items()[1]["min_score"].integer() == -3);
  CHECK(items.items()[2]["of"].items().size() == 2);

  ListClient(fixture.resolver, "127.0.0.2");
  fixture.Deliver("192.0.2.66", "a@example.org", {"b@example.net"});
  const Json after = fixture.Get("/v1/dnsbl")["items"].items()[0];
  CHECK(after["asked"].integer() == 1);
  CHECK(after["listed"].integer() == 1);
}

TEST_CASE("a test asks every point of every list", "[control]") {
  ListFixture fixture;
  const Json items = fixture.Get("/v1/dnsbl/test")["items"];
  REQUIRE(items.items().size() == 3);
  for (const Json& list : items.items()) {
    CAPTURE(list.Dump());
    CHECK(list["verdict"].text() == "ok");
    CHECK(list["points"].items().size() >= 2);
    for (const Json& point : list["points"].items()) {
      CHECK(point["expected"].text() == point["got"].text());
      CHECK(point["verdict"].text() == "ok");
    }
  }
  CHECK(items.items()[0]["points"].items().size() == 4);
  CHECK(ItemNamed(items.items()[0]["points"], "asked", "127.0.0.2")["codes"].items()[0].text() ==
        "127.0.0.2");
}

TEST_CASE("a test can be about one list, and knows no others", "[control]") {
  ListFixture fixture;
  const Json items = fixture.Get("/v1/dnsbl/test", {{"name", "Friends"}})["items"];
  REQUIRE(items.items().size() == 1);
  CHECK(items.items()[0]["list"].text() == "friends");
  CHECK(fixture.resolver.asked_below("bl.test") == 0);
  const auto unknown = fixture.Handle("GET", "/v1/dnsbl/test", {{"name", "hose"}});
  CHECK(unknown.status == 400);
  CHECK_THAT(unknown.json, HasText("did you mean \\\"house\\\"?"));
}

TEST_CASE("a test tells what is wrong with a list, and the list feels it", "[control]") {
  ListFixture fixture;
  const auto verdict_of = [&](const std::string& list) {
    return ItemNamed(fixture.Get("/v1/dnsbl/test")["items"], "list", list)["verdict"].text();
  };
  SECTION("it lists everybody") {
    fixture.resolver.SetZone("wl.test", dns::answers::Addresses({"127.0.0.2"}));
    CHECK(verdict_of("friends") == "fail");
    const Json friends = ItemNamed(fixture.Get("/v1/dnsbl")["items"], "name", "friends");
    CHECK(friends["condition"].text() == "lying");
    CHECK(friends["suspended"].boolean());
    const Json status = fixture.Get("/v1/status");
    CHECK(ItemNamed(status["lists"], "name", "friends")["condition"].text() == "lying");
    REQUIRE(status["warnings"].items().size() == 1);
    CHECK_THAT(status["warnings"].items()[0].text(), HasText("DNS list friends is lying"));
  }
  SECTION("it refuses") {
    fixture.resolver.SetZone("wl.test", dns::answers::Addresses({"127.255.255.254"}));
    fixture.resolver.Set("2.0.0.127.wl.test", dns::RecordType::kA,
                         dns::answers::Addresses({"127.255.255.254"}));
    CHECK(verdict_of("friends") == "fail");
  }
  SECTION("it does not answer") {
    fixture.resolver.SetZoneSilent("wl.test");
    fixture.resolver.SetSilent("2.0.0.127.wl.test", dns::RecordType::kA);
    const MonoTime before = fixture.clock.Monotonic();
    CHECK(verdict_of("friends") == "fail");
    CHECK(fixture.clock.Monotonic() - before <= Millis(2500));
  }
  SECTION("it lacks its listed point, as many do") {
    fixture.resolver.Set("2.0.0.127.wl.test", dns::RecordType::kA, dns::answers::NoName());
    CHECK(verdict_of("friends") == "warn");
  }
  CHECK(verdict_of("domains") == "ok");
}

TEST_CASE("a check says what every list that knows such a thing says of it", "[control]") {
  ListFixture fixture;
  ListClient(fixture.resolver, "127.0.0.4", "open proxy\x1b[31m");
  const Json answer = fixture.Get("/v1/dnsbl/check", {{"what", "192.0.2.66"}});
  CHECK(answer["what"].text() == "192.0.2.66");
  REQUIRE(answer["items"].items().size() == 2);
  const Json& house = answer["items"].items()[0];
  CHECK(house["list"].text() == "house");
  CHECK(house["state"].text() == "listed");
  CHECK(house["score"].integer() == 12);
  CHECK(house["codes"].items()[0].text() == "127.0.0.4");
  CHECK_THAT(house["detail"].text(), HasText("exploited machines"));
  CHECK(house["text"].text() == "open proxy\x1b[31m");
  CHECK(house["origin"].text() == "dns");
  CHECK(house["latency_ms"].integer() == 1);
  const Json& friends = answer["items"].items()[1];
  CHECK(friends["state"].text() == "not-listed");
  CHECK(friends["text"].is_null());

  fixture.clock.Advance(Seconds(30));
  const Json again = fixture.Get("/v1/dnsbl/check", {{"what", "192.0.2.66"}});
  CHECK(again["items"].items()[0]["origin"].text() == "cache");
  CHECK(again["items"].items()[0]["age_seconds"].integer() == 30);
  const Json fresh = fixture.Get("/v1/dnsbl/check", {{"what", "192.0.2.66"}, {"fresh", "1"}});
  CHECK(fresh["items"].items()[0]["origin"].text() == "dns");
}

TEST_CASE("a profile that does not list its test point is blind, and the likely cause is said",
          "[control]") {
  ApiFixture fixture(ParseConfig("[[dnsbl]]\nprofile = \"spamhaus-zen\"\n"
                                 "[[dnsbl]]\nprofile = \"spamcop\"\n"
                                 "[[dnsbl]]\nname = \"own\"\nzone = \"own.test\"\n"
                                 "codes = { \"127.0.0.2\" = 4 }\n",
                                 "test")
                         .value());
  const auto list = [&](const std::string& zone) {
    for (const char* point :
         {"2.0.0.127.", "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."}) {
      fixture.resolver.Set(point + zone, dns::RecordType::kA,
                           dns::answers::Addresses({"127.0.0.2"}));
    }
  };
  const auto verdicts = [&](const Json& answer) {
    std::string text;
    for (const Json& item : answer["items"].items()) text += item["verdict"].text() + " ";
    return text;
  };
  // Before a test nobody knows.
  CHECK(fixture.Get("/v1/dnsbl")["blind"].is_null());

  const Json all = fixture.Get("/v1/dnsbl/test");
  CHECK(verdicts(all) == "fail fail warn ");
  CHECK(all["blind"]["lists"].items().size() == 2);
  CHECK_THAT(all["blind"]["message"].text(),
             HasText("DNS lists spamhaus-zen, spamcop do not list their own test points") &&
                 HasText("probably the resolver removes answers within 127.0.0.0/8") &&
                 !HasText("closed down") && !HasText("key"));
  const Json status = fixture.Get("/v1/status");
  REQUIRE(status["warnings"].items().size() == 1);
  CHECK(status["warnings"].items()[0].text() == all["blind"]["message"].text());
  CHECK(fixture.Get("/v1/dnsbl")["blind"]["message"].text() == all["blind"]["message"].text());

  // Where one list gets through, it is not the resolver.
  list("own.test");
  CHECK(fixture.Get("/v1/dnsbl/test")["blind"]["cause"].text() == "probably they have closed down");
  list("zen.spamhaus.org");
  const Json one = fixture.Get("/v1/dnsbl/test");
  CHECK(verdicts(one) == "ok fail ok ");
  CHECK(one["blind"]["message"].text() ==
        "DNS list spamcop does not list its own test point, so it lists nothing: probably it has "
        "closed "
        "down");
  list("bl.spamcop.net");
  const Json none = fixture.Get("/v1/dnsbl/test");
  CHECK(verdicts(none) == "ok ok ok ");
  CHECK(none["blind"].is_null());
  CHECK(fixture.Get("/v1/status")["warnings"].items().empty());
}

TEST_CASE("the key of a blind list may be wrong", "[control]") {
  ApiFixture fixture(
      ParseConfig("[[dnsbl]]\nprofile = \"spamhaus-zen\"\nkey = \"typo0typo0\"\n", "test").value());
  CHECK_THAT(
      fixture.Get("/v1/dnsbl/test")["blind"]["cause"].text(),
      HasText("resolver removes") && HasText(", or its key is wrong, or it has closed down"));
}

TEST_CASE("a check asks about names and senders' domains", "[control]") {
  ListFixture fixture;
  fixture.resolver.Set("spammer.example.dbl.test", dns::RecordType::kA,
                       dns::answers::Addresses({"127.0.1.2"}));
  for (const char* what :
       {"spammer.example", "Spammer.Example.", "a@spammer.example", "<a@spammer.example>"}) {
    CAPTURE(what);
    const Json items = fixture.Get("/v1/dnsbl/check", {{"what", what}})["items"];
    REQUIRE(items.items().size() == 1);
    CHECK(items.items()[0]["about"].text() == "spammer.example");
    CHECK(items.items()[0]["state"].text() == "listed");
  }
  for (const char* what : {"m\xc3\xbcller.example", "a@M\xc3\xbcller.example"}) {
    CAPTURE(what);
    const Json items = fixture.Get("/v1/dnsbl/check", {{"what", what}})["items"];
    REQUIRE(items.items().size() == 1);
    CHECK(items.items()[0]["about"].text() == "xn--mller-kva.example");
  }
  const Json both =
      fixture.Get("/v1/dnsbl/check", {{"what", "192.0.2.66"}, {"sender", "a@spammer.example"}});
  CHECK(both["items"].items().size() == 3);
  // An IPv6 address, which only one of them knows.
  CHECK(fixture.Get("/v1/dnsbl/check", {{"what", "2001:db8::1"}})["items"].items().size() == 1);
}

TEST_CASE("a check never asks a malformed question", "[control]") {
  ListFixture fixture;
  for (const std::string& what :
       {std::string("localhost"), std::string("a..b"), std::string("a b.example"),
        std::string("a@"), std::string(300, 'a') + ".example", std::string("\xff.example"),
        std::string("192.0.2.256")}) {
    CAPTURE(what);
    const auto response = fixture.Handle("GET", "/v1/dnsbl/check", {{"what", what}});
    if (response.status == 200) {
      CHECK_THAT(response.json, HasText("\"items\":[]"));
    } else {
      CHECK(response.status == 400);
    }
  }
  CHECK(fixture.resolver.asked() == 0);
  CHECK(fixture.Handle("GET", "/v1/dnsbl/check").status == 400);
}

TEST_CASE("silent lists are waited for once, and unknown then", "[control]") {
  ListFixture fixture;
  fixture.resolver.SetZoneSilent("s3cr3tk3y.bl.test");
  fixture.resolver.SetZoneSilent("wl.test");
  const MonoTime before = fixture.clock.Monotonic();
  const Json items = fixture.Get("/v1/dnsbl/check", {{"what", "192.0.2.66"}})["items"];
  CHECK(fixture.clock.Monotonic() - before <= Millis(2500));
  for (const Json& item : items.items()) CHECK(item["state"].text() == "unknown");
}

TEST_CASE("a list's key appears in no answer and no log line", "[control]") {
  ListFixture fixture;
  // A list may say what it was asked, in whatever case.
  const std::string echo = "see https://bl.test/66.2.0.192.S3cr3tK3y.bl.test";
  ListClient(fixture.resolver, GENERATE("127.0.0.4", "127.0.0.2"), echo);
  const Query mail = {{"client", "192.0.2.66"}, {"name_class", "none"}, {"from", "a@example.org"}};
  std::string said;
  for (const auto& [path, query] : {std::pair<std::string, Query>{"/v1/dnsbl", {}},
                                    {"/v1/dnsbl/test", {}},
                                    {"/v1/dnsbl/check", {{"what", "192.0.2.66"}}},
                                    {"/v1/explain", mail},
                                    {"/v1/status", {}},
                                    {"/v1/stats", {}},
                                    {"/v1/config", {}},
                                    {"/v1/show", {{"what", "192.0.2.66"}}}}) {
    const auto response = fixture.Handle("GET", path, query);
    CAPTURE(path);
    CHECK(response.status == 200);
    CHECK_THAT(ToLower(response.json), !HasText(kSecretKey));
    said += response.json;
  }
  CHECK_THAT(said, HasText("bl.test/66.2.0.192.***.bl.test"));
  CHECK_FALSE(fixture.log.Contains(kSecretKey));
}

TEST_CASE("status says how resolver and lists are doing", "[control]") {
  ListFixture fixture;
  const Json status = fixture.Get("/v1/status");
  const Json& server = status["dns"]["servers"].items().at(0);
  CHECK(server["address"].text() == "192.0.2.53:53");
  CHECK(server["state"].text() == "up");
  CHECK(status["dns"]["cache_entries"].integer() == 12);
  CHECK(status["dns"]["outstanding"].integer() == 3);
  REQUIRE(status["lists"].items().size() == 3);
  CHECK(status["lists"].items()[0]["name"].text() == "house");
  CHECK(status["lists"].items()[0]["condition"].text() == "unproven");
  CHECK(status["lists"].items()[0]["since"].text() == "2026-01-05T00:00:00Z");
  CHECK(status["warnings"].items().empty());

  CHECK(fixture.Get("/v1/stats")["dns"]["asked"].integer() == 40);

  fixture.dns_stats.servers[0].state = dns::ServerState::kDown;
  fixture.dns_stats.servers[0].reason = "no answer, 5 times in a row";
  const Json dead = fixture.Get("/v1/status");
  CHECK(dead["dns"]["servers"].items()[0]["state"].text() == "down");
  REQUIRE(dead["warnings"].items().size() == 1);
  CHECK_THAT(dead["warnings"].items()[0].text(), HasText("no DNS server responds"));
}

}  // namespace
}  // namespace mxward
