// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.h"
#include "tests/unit/control/list_fixture.h"

namespace mxward {
namespace {

using Catch::Matchers::StartsWith;
using Query = ApiFixture::Query;

// A mail that nothing speaks against.
Query GoodMail() {
  return {{"client", "192.0.2.66"},
          {"name", "mail.example.org"},
          {"helo", "mail.example.org"},
          {"from", "a@example.org"},
          {"to", "<b@example.net>"}};
}
Query With(Query query, const Query& changes) {
  for (const auto& [name, value] : changes) {
    if (value.empty()) {
      query.erase(name);
    } else {
      query.insert_or_assign(name, value);
    }
  }
  return query;
}

std::string Notes(const Json& answer) {
  std::string all;
  for (const Json& note : answer["notes"].items()) all += note.text() + "\n";
  return all;
}

TEST_CASE("explain says what is decided about a good mail, and what was asked", "[control]") {
  ListFixture fixture;
  const Json answer = fixture.Get("/v1/explain", GoodMail());
  CHECK(answer["client"].text() == "192.0.2.66");
  CHECK(answer["name"].text() == "mail.example.org");
  CHECK(answer["name_class"].text() == "good");
  CHECK(answer["sender"].text() == "a@example.org");
  CHECK(answer["recipient"].text() == "b@example.net");
  CHECK(answer["action"].text() == "accept");
  CHECK(answer["reason"].text() == "not-suspicious");
  CHECK(answer["score"].integer() == 0);
  CHECK(answer["thresholds"]["greylist"].integer() == 2);
  CHECK(answer["thresholds"]["reject"].integer() == 10);
  CHECK(answer["findings"].items().empty());
  CHECK(answer["reply"].is_null());
  CHECK(answer["retry_passes"].is_null());
  CHECK(Notes(answer).empty());
  const Json house = ItemNamed(answer["lists"], "list", "house");
  CHECK(house["state"].text() == "not-listed");
  CHECK(house["origin"].text() == "dns");
  CHECK(ItemNamed(answer["lists"], "list", "domains")["about"].is_text());
}

TEST_CASE("explain shows each finding, the sum, and the very reply", "[control]") {
  ListFixture fixture;
  ListClient(fixture.resolver, "127.0.0.4", "Bad machine, see https://bl.test/?k=S3CR3TK3Y");
  const Json answer = fixture.Get("/v1/explain", With(GoodMail(), {{"helo", "192.0.2.66"}}));
  CHECK(answer["action"].text() == "reject");
  CHECK(answer["reason"].text() == "score");
  CHECK(answer["score"].integer() == 14);
  const Json listed = ItemNamed(answer["findings"], "name", "dnsbl:house");
  CHECK(listed["score"].integer() == 12);
  CHECK_THAT(listed["detail"].text(), HasText("127.0.0.4 (exploited machines)"));
  CHECK(listed["origin"].text() == "dns");
  CHECK(listed["age_seconds"].is_null());
  const Json helo = ItemNamed(answer["findings"], "name", "helo-ip");
  CHECK(helo["score"].integer() == 2);
  CHECK(helo["origin"].text() == "mta");
  CHECK_THAT(answer["reply"].text(), StartsWith("554 5.7.1 Service unavailable; Client host "
                                                "[192.0.2.66] blocked using house"));
}

TEST_CASE("explain assumes TLS unless it is told that there is none", "[control]") {
  ListFixture fixture;
  fixture.engine.tls_monitor().NoteTls("");
  CHECK(fixture.Get("/v1/explain", GoodMail())["findings"].items().empty());
  CHECK(fixture.Get("/v1/explain", With(GoodMail(), {{"tls", "yes"}}))["tls"].boolean());
  const Json answer = fixture.Get("/v1/explain", With(GoodMail(), {{"tls", "no"}}));
  CHECK_FALSE(answer["tls"].boolean());
  CHECK(answer["score"].integer() == 5);
  CHECK(ItemNamed(answer["findings"], "name", "unauthenticated")["score"].integer() == 5);
  CHECK(answer["spf"]["result"].text() == "none");
  CHECK(answer["spf"]["domain"].text() == "example.org");
  CHECK(answer["spf"]["questions"].integer() == 1);
  CHECK(fixture.Get("/v1/explain", GoodMail())["spf"].is_null());
  CHECK(fixture.Handle("GET", "/v1/explain", With(GoodMail(), {{"tls", "perhaps"}})).status == 400);
}

TEST_CASE("explain tells what came from the cache, and how old it is", "[control]") {
  ListFixture fixture;
  ListClient(fixture.resolver, "127.0.0.2");
  fixture.Get("/v1/explain", GoodMail());
  fixture.clock.Advance(Seconds(90));
  const Json answer = fixture.Get("/v1/explain", GoodMail());
  const Json listed = ItemNamed(answer["findings"], "name", "dnsbl:house");
  CHECK(listed["origin"].text() == "cache");
  CHECK(listed["age_seconds"].integer() == 90);
  CHECK(ItemNamed(answer["lists"], "list", "friends")["age_seconds"].integer() == 90);
}

TEST_CASE("explain tells how old the oldest answer about a sender's domain is", "[control]") {
  ListFixture fixture;
  fixture.resolver.Set("nowhere.example", dns::RecordType::kMx,
                       dns::answers::Exchanges({{10, "mx.nowhere.example"}}, Seconds(600)));
  fixture.resolver.Set("mx.nowhere.example", dns::RecordType::kA,
                       dns::answers::Addresses({"10.0.0.1"}, Seconds(600)));
  fixture.resolver.Set("mx.nowhere.example", dns::RecordType::kAaaa,
                       dns::answers::NoData(Seconds(100)));
  const Query mail = With(GoodMail(), {{"from", "a@nowhere.example"}});
  const auto finding = [&] {
    return ItemNamed(fixture.Get("/v1/explain", mail)["findings"], "name", "sender-mx-nowhere");
  };
  CHECK(finding()["origin"].text() == "dns");
  CHECK(finding()["origin"].text() == "cache");
  fixture.clock.Advance(Seconds(90));
  CHECK(finding()["age_seconds"].integer() == 90);
  // One answer is asked for again.
  fixture.clock.Advance(Seconds(60));
  const Json again = finding();
  CHECK(again["origin"].text() == "dns");
  CHECK(again["age_seconds"].is_null());
  fixture.clock.Advance(Seconds(30));
  CHECK(finding()["origin"].text() == "cache");
  CHECK(finding()["age_seconds"].integer() == 180);
}

TEST_CASE("explain uses up no limit", "[control]") {
  Config config = ListConfig();
  LimitConfig limit;
  limit.name = "connections";
  limit.count = LimitCount::kConnections;
  limit.per = LimitPer::kClient;
  limit.amount = limit.burst = 2;
  limit.period = Seconds(3600);
  config.limit.push_back(limit);
  limit.name = "messages";
  limit.count = LimitCount::kMessages;
  config.limit.push_back(limit);
  limit.name = "open";
  limit.count = LimitCount::kConcurrent;
  config.limit.push_back(limit);
  ListFixture fixture(config);
  for (int i = 0; i < 5; ++i) {
    CAPTURE(i);
    CHECK(fixture.Get("/v1/explain", GoodMail())["reason"].text() == "not-suspicious");
  }
  CHECK(fixture.engine.limits().stats().counters == 0);
  CHECK(fixture.Get("/v1/limits")["items"].items().empty());
}

TEST_CASE("explain says when a retry would pass, and changes nothing", "[control]") {
  ListFixture fixture;
  const Query mail = With(GoodMail(), {{"name", ""}, {"name_class", "none"}});
  const Json fresh = fixture.Get("/v1/explain", mail);
  CHECK(fresh["action"].text() == "defer");
  CHECK(fresh["reason"].text() == "greylist-new");
  CHECK(fresh["reply"].text() == "451 4.7.1 Greylisted, please try again in 300 seconds");
  CHECK(fresh["retry_passes"].text() == "2026-01-05T00:05:00Z");
  // It was no try: nothing is stored, counted or logged.
  fixture.clock.Advance(std::chrono::minutes(10));
  CHECK(fixture.Get("/v1/explain", mail)["reason"].text() == "greylist-new");
  CHECK(fixture.Get("/v1/tuples")["items"].items().empty());
  CHECK(fixture.engine.counters().recipients.value() == 0);
  CHECK(fixture.engine.counters().sessions.value() == 0);
  CHECK_FALSE(fixture.log.Contains("192.0.2.66"));

  fixture.Deliver("192.0.2.66", "a@example.org", {"b@example.net"}, "", "mail.example.org");
  fixture.clock.Advance(std::chrono::minutes(1));
  const Json early = fixture.Get("/v1/explain", mail);
  CHECK(early["reason"].text() == "greylist-early");
  CHECK(early["retry_passes"].text() == "2026-01-05T00:15:00Z");
  fixture.clock.Advance(std::chrono::minutes(5));
  CHECK(fixture.Get("/v1/explain", mail)["reason"].text() == "greylist-passed");
}

TEST_CASE("explain takes the reverse name as the mail server would have said it", "[control]") {
  const auto [name, name_class, shown, finding] =
      GENERATE(table<std::string, std::string, std::string, std::string>({
          {"", "none", "none", "rdns-none"},
          {"", "forged", "forged", "rdns-forged"},
          {"Claimed.Example.", "forged", "forged", "rdns-forged"},
          {"", "tempfail", "tempfail", "rdns-tempfail"},
          {"66-2-0-192.dsl.example.net", "", "dynamic", "rdns-dynamic"},
          {"66-2-0-192.dsl.example.net", "good", "dynamic", "rdns-dynamic"},
          {"Mail.Example.Org.", "good", "good", ""},
          {"unknown", "", "none", "rdns-none"},
          {"Unknown.", "tempfail", "tempfail", "rdns-tempfail"},
          {"", "", "unknown", ""},
      }));
  CAPTURE(name, name_class);
  ListFixture fixture;
  const Json answer =
      fixture.Get("/v1/explain", With(GoodMail(), {{"name", name}, {"name_class", name_class}}));
  CHECK(answer["name_class"].text() == shown);
  if (!finding.empty()) {
    CHECK_FALSE(ItemNamed(answer["findings"], "name", finding).is_null());
  } else {
    CHECK(answer["findings"].items().empty());
  }
  CHECK((Notes(answer).find("the reverse name is looked up by the mail server") !=
         std::string::npos) == (shown == "unknown"));
}

TEST_CASE("explain refuses what makes no sense", "[control]") {
  ListFixture fixture;
  const auto [changes, message] = GENERATE(table<Query, std::string>({
      {{{"client", ""}}, "\\\"client\\\" is missing"},
      {{{"client", "mail.example.org"}}, "is not a valid IP address"},
      {{{"name", ""}, {"name_class", "good"}}, "requires the verified reverse name"},
      {{{"name_class", "none"}}, "there is no name, but one was given"},
      {{{"name_class", "unknown"}}, "there is no name, but one was given"},
      {{{"name_class", "forgd"}}, "did you mean \\\"forged\\\""},
      {{{"sender", "a@b"}}, "unknown parameter"},
  }));
  const auto response = fixture.Handle("GET", "/v1/explain", With(GoodMail(), changes));
  CHECK(response.status == 400);
  CHECK_THAT(response.json, HasText(message));
}

TEST_CASE("explain says what it took for granted", "[control]") {
  ListFixture fixture;
  const Json bare = fixture.Get("/v1/explain", {{"client", "192.0.2.66"}});
  CHECK_THAT(Notes(bare), HasText("no HELO was given") && HasText("the null sender <>") &&
                              HasText("no recipient was given"));
  const Json bounce = fixture.Get(
      "/v1/explain", With(GoodMail(), {{"name", ""}, {"name_class", "none"}, {"from", "<>"}}));
  CHECK(bounce["sender"].text().empty());
  CHECK_THAT(Notes(bounce), HasText("at the end of the message"));
}

TEST_CASE("explain says when nothing had to be found out", "[control]") {
  ListFixture fixture;
  ListClient(fixture.resolver, "127.0.0.4");
  const auto [changes, reason] = GENERATE(table<Query, std::string>({
      {{{"user", "jane"}}, "authenticated"},
      {{{"client", "127.0.0.1"}}, "trusted-network"},
      {{{"to", "postmaster@here.example"}}, "exempt-recipient"},
  }));
  const Json answer = fixture.Get("/v1/explain", With(GoodMail(), changes));
  CHECK(answer["action"].text() == "accept");
  CHECK(answer["reason"].text() == reason);
  CHECK(answer["lists"].is_null());
  CHECK(answer["score"].is_null());
  CHECK_THAT(Notes(answer), HasText("nothing was looked up"));
}

TEST_CASE("explain says that nobody would be told while observing", "[control]") {
  ListFixture fixture;
  fixture.Ask("PUT", "/v1/pause", {{"for", "1h"}});
  ListClient(fixture.resolver, "127.0.0.4");
  const Json answer = fixture.Get("/v1/explain", GoodMail());
  CHECK(answer["action"].text() == "reject");
  CHECK(answer["observing"].boolean());
  CHECK_THAT(Notes(answer), HasText("the verdict is not enforced"));
}

TEST_CASE("explain waits for a silent DNS no longer than a session would", "[control]") {
  ListFixture fixture;
  fixture.resolver.SetZoneSilent("");
  for (const char* zone : {"s3cr3tk3y.bl.test", "wl.test", "dbl.test"}) {
    fixture.resolver.SetZoneSilent(zone);
  }
  const MonoTime before = fixture.clock.Monotonic();
  const Json answer = fixture.Get("/v1/explain", GoodMail());
  CHECK(fixture.clock.Monotonic() - before <= Millis(2000));
  CHECK(answer["action"].text() == "accept");
  CHECK(ItemNamed(answer["lists"], "list", "house")["state"].text() == "unknown");
}

TEST_CASE("explain asks only what a running daemon can answer", "[control]") {
  FakeClock clock;
  TestStore store;
  MemoryLog log;
  Engine engine(Engine::Services{clock, store.environment(), store.writer(), log},
                Shared(TestConfig()));
  control::Api api(engine.parts(), {});
  for (const char* path : {"/v1/explain", "/v1/dnsbl", "/v1/dnsbl/test", "/v1/dnsbl/check"}) {
    CAPTURE(path);
    const auto response = api.Handle({"GET", path, {}, "", ""});
    CHECK(response.status == 503);
    CHECK_THAT(response.json, HasText("the daemon is not running"));
  }
}

TEST_CASE("what waits for the DNS is known beforehand", "[control]") {
  const auto takes_long = [](const std::string& method, const std::string& path) {
    return control::Api::IsSlow({method, path, {}, "", ""});
  };
  CHECK(takes_long("GET", "/v1/explain"));
  CHECK(takes_long("GET", "/v1/dnsbl/test"));
  CHECK(takes_long("GET", "/v1/dnsbl/check"));
  CHECK_FALSE(takes_long("GET", "/v1/dnsbl"));
  CHECK_FALSE(takes_long("GET", "/v1/status"));
  CHECK_FALSE(takes_long("POST", "/v1/reload"));
  CHECK_FALSE(takes_long("GET", "/v1/explain/"));
}

}  // namespace
}  // namespace mxward
