// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "tests/fake/bad_disk.h"
#include "tests/unit/catch.h"
#include "tests/unit/control/list_fixture.h"

namespace mxward {
namespace {

Json Reason(const Json& overview, const std::string& reason) {
  for (const Json& item : overview["reasons"].items()) {
    if (item["reason"].text() == reason) return item;
  }
  return {};
}

TEST_CASE("the overview of a daemon that has seen nothing is whole", "[control]") {
  ApiFixture fixture;
  const Json overview = fixture.Get("/v1/overview");
  CHECK(overview["version"].text() == "1.2.3");
  CHECK(overview["mode"].text() == "enforce");
  CHECK(overview["paused_until"].is_null());
  CHECK(overview["window"].text() == "1h");
  CHECK(overview["verdicts"]["from"].text() == "2026-01-04T23:00:00Z");
  CHECK(overview["verdicts"]["buckets"].items().size() == 61);
  CHECK(overview["reasons"].items().empty());
  CHECK(overview["greylist"]["waiting"].is_null());
  CHECK(overview["delay"]["p50"].is_null());
  CHECK(overview["lists"].items().empty());
  CHECK(overview["clients"]["items"].items().empty());
  CHECK(overview["limits"]["configured"].integer() == 0);
  CHECK(overview["troubles"].items().empty());
  CHECK(overview["dns"]["servers"].integer() == 1);
}

TEST_CASE("mail is in the overview at once", "[control]") {
  ApiFixture fixture;
  fixture.DeliverTwice("192.0.2.1", "a@example.org", {"b@example.net", "c@example.net"});
  const Json overview = fixture.Get("/v1/overview");
  const auto& buckets = overview["verdicts"]["buckets"].items();
  REQUIRE(buckets.size() == 67);
  // The tries of the first minute were noted in it at the first look, six minutes later.
  CHECK(buckets[60].items()[1].integer() == 2);
  CHECK(Reason(overview, "greylist-new")["count"].integer() == 2);
  CHECK(Reason(overview, "greylist-new")["action"].text() == "defer");
  CHECK(Reason(overview, "greylist-passed")["action"].text() == "accept");
  CHECK(overview["greylist"]["new"].integer() == 2);
  CHECK(overview["greylist"]["passed"].integer() == 2);
  CHECK(overview["delay"]["count"].integer() == 2);
  REQUIRE(overview["clients"]["items"].items().size() == 1);
  CHECK(overview["clients"]["items"].items()[0]["client"].text() == "192.0.2.1");
}

TEST_CASE("the overview has windows, and no others", "[control]") {
  ApiFixture fixture;
  CHECK(fixture.Get("/v1/overview", {{"window", "6h"}})["verdicts"]["step_seconds"].integer() ==
        300);
  CHECK(fixture.Get("/v1/overview", {{"window", "24h"}})["verdicts"]["step_seconds"].integer() ==
        900);
  CHECK(fixture.Handle("GET", "/v1/overview", {{"window", "2h"}}).status == 400);
  CHECK(fixture.Handle("GET", "/v1/overview", {{"windows", "1h"}}).status == 400);
}

TEST_CASE("the overview shows how DNS lists do, and neither zone nor key", "[control]") {
  ListFixture fixture;
  const control::Response response = fixture.Handle("GET", "/v1/overview");
  const Json lists = ParseJson(response.json).value()["lists"];
  REQUIRE(lists.items().size() == 3);
  CHECK(lists.items()[0]["name"].text() == "house");
  CHECK(lists.items()[0]["condition"].text() == "unproven");
  CHECK(lists.items()[0]["latency_ms"].is_null());
  CHECK_THAT(ToLower(response.json), !HasText(kSecretKey));
  CHECK_THAT(response.json, !HasText("bl.test"));
}

TEST_CASE("the overview tells mail addresses over a limit as the log does", "[control]") {
  Config config = TestConfig();
  LimitConfig limit;
  limit.name = "senders";
  limit.count = LimitCount::kMessages;
  limit.per = LimitPer::kSender;
  limit.amount = limit.burst = 1;
  limit.period = Seconds(60);
  config.limit = {limit};
  limit.name = "clients";
  limit.per = LimitPer::kClient;
  config.limit.push_back(limit);
  const auto shown = GENERATE(LogAddresses::kFull, LogAddresses::kDomain, LogAddresses::kHash);
  config.log.addresses = shown;
  ApiFixture fixture(config);
  fixture.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  const control::Response response = fixture.Handle("GET", "/v1/overview");
  const Json limits = ParseJson(response.json).value()["limits"];
  CHECK(limits["items"].items().size() == 2);
  CHECK(limits["over"].integer() == 2);
  CHECK_THAT(response.json, HasText("\"key\":\"192.0.2.1\""));
  const bool tells = response.json.find("a@example.org") != std::string::npos;
  CHECK(tells == (shown == LogAddresses::kFull));
}

TEST_CASE("the overview needs no database", "[control]") {
  ApiFixture fixture;
  fixture.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  fixture.writer_stats.failing = true;
  const BadDisk disk(Disk::kNoMeta);
  const Json overview = fixture.Get("/v1/overview");
  REQUIRE(overview["troubles"].items().size() == 1);
  CHECK(overview["troubles"].items()[0].text() == "store: the last commit failed");
}

TEST_CASE("the overview says that nobody hears a verdict", "[control]") {
  Config config = TestConfig();
  config.mode = Mode::kObserve;
  ApiFixture fixture(config);
  const Json overview = fixture.Get("/v1/overview");
  CHECK(overview["mode"].text() == "observe");
  CHECK(overview["warnings"].items().size() == 1);
}

}  // namespace
}  // namespace mxward
