// SPDX-License-Identifier: Apache-2.0
#include "control/public_site.h"
#include "tests/fake/bad_disk.h"
#include "tests/unit/catch.h"
#include "tests/unit/control/api_fixture.h"

namespace mxward {
namespace {

control::Response FromOutside(ApiFixture& fixture, const std::string& method,
                              const std::string& path) {
  return control::PublicSite(fixture.api, fixture.engine.parts().config)
      .Handle({method, path, {}, "", ""});
}

TEST_CASE("metrics come in Prometheus' format", "[control]") {
  ApiFixture fixture;
  fixture.DeliverTwice("192.0.2.1", "a@example.org", {"b@example.net"});
  const control::Response response = fixture.Handle("GET", "/metrics");
  CHECK(response.status == 200);
  CHECK(response.content_type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK_THAT(response.json, HasText("\nmxward_sessions_total 2\n"));
  CHECK_THAT(response.json, HasText("\nmxward_sessions_open 7\n"));
  CHECK_THAT(response.json,
             HasText("\nmxward_decisions_total{verdict=\"defer\",reason=\"greylist-new\"} 1\n"));
  CHECK_THAT(
      response.json,
      HasText("\nmxward_decisions_total{verdict=\"accept\",reason=\"greylist-passed\"} 1\n"));
  CHECK_THAT(response.json, HasText("\nmxward_dns_questions_total 40\n"));
  CHECK_THAT(response.json, HasText("\nmxward_store_records{table=\"tuples\"} 1\n"));
  CHECK_THAT(response.json, HasText("\nmxward_paused 0\n"));
}

TEST_CASE("the delay of what passed greylisting is spread by length", "[control]") {
  ApiFixture fixture;
  fixture.DeliverTwice("192.0.2.1", "a@example.org", {"b@example.net"});  // after six minutes
  const std::string text = fixture.Handle("GET", "/metrics").json;
  CHECK_THAT(text, HasText("\nmxward_greylist_delay_seconds_bucket{le=\"300\"} 0\n"));
  CHECK_THAT(text, HasText("\nmxward_greylist_delay_seconds_bucket{le=\"480\"} 1\n"));
  CHECK_THAT(text, HasText("\nmxward_greylist_delay_seconds_sum 360\n"));
  CHECK_THAT(text, HasText("\nmxward_greylist_delay_seconds_count 1\n"));
  // Both tries were judged, by a clock that stood still but for the first one's wait for SPF.
  CHECK_THAT(text, HasText("\nmxward_recipient_duration_seconds_bucket{le=\"0.0001\"} 1\n"));
  CHECK_THAT(text, HasText("\nmxward_recipient_duration_seconds_count 2\n"));
}

TEST_CASE("while observing nobody was delayed", "[control]") {
  Config config = TestConfig();
  config.mode = Mode::kObserve;
  ApiFixture fixture(config);
  fixture.DeliverTwice("192.0.2.1", "a@example.org", {"b@example.net"});
  const std::string text = fixture.Handle("GET", "/metrics").json;
  CHECK_THAT(text, HasText("\nmxward_greylist_delay_seconds_count 0\n"));
  CHECK_THAT(text, HasText("\nmxward_observing 1\n"));
  CHECK_THAT(text, HasText("\nmxward_paused 0\n"));
}

TEST_CASE("a failed reload shows until one succeeds", "[control]") {
  ApiFixture fixture;
  CHECK_THAT(fixture.Handle("GET", "/metrics").json,
             HasText("\nmxward_config_last_reload_successful 1\n"
                     "# HELP mxward_config_last_reload_success_timestamp_seconds "));
  fixture.reload_status.successful = false;
  CHECK_THAT(fixture.Handle("GET", "/metrics").json,
             HasText("\nmxward_config_last_reload_successful 0\n"));
}

TEST_CASE("who is well says ok", "[control]") {
  ApiFixture fixture;
  const control::Response response = fixture.Handle("GET", "/healthz");
  CHECK(response.status == 200);
  CHECK(response.json == "ok\n");
  CHECK(response.content_type == "text/plain; charset=utf-8");
}

TEST_CASE("who is not well says what is wrong", "[control]") {
  ApiFixture fixture;
  fixture.writer_stats.failing = true;
  fixture.writer_stats.busy = Millis(9999);
  control::Response response = fixture.Handle("GET", "/healthz");
  CHECK(response.status == 503);
  CHECK(response.json == "store: the last commit failed\n");
  fixture.writer_stats.failing = false;
  fixture.writer_stats.busy = Millis(12345);
  response = fixture.Handle("GET", "/healthz");
  CHECK(response.status == 503);
  CHECK(response.json == "store: the current commit has been running for 12 s\n");
}

TEST_CASE("a pool of libmilter's that serves nobody is said", "[control]") {
  ApiFixture fixture;
  CHECK_THAT(fixture.Handle("GET", "/metrics").json, HasText("\nmxward_milter_stalled 0\n"));
  fixture.pool_stalled = true;
  const control::Response response = fixture.Handle("GET", "/healthz");
  CHECK(response.status == 503);
  CHECK(response.json == "milter: libmilter does not respond, and the mail server waits for it\n");
  CHECK_THAT(fixture.Handle("GET", "/metrics").json, HasText("\nmxward_milter_stalled 1\n"));
}

TEST_CASE("a socket that the mail server cannot reach is said", "[control]") {
  ApiFixture fixture;
  CHECK(fixture.Handle("GET", "/healthz").status == 200);
  fixture.socket_lost = true;
  const control::Response response = fixture.Handle("GET", "/healthz");
  CHECK(response.status == 503);
  CHECK(response.json ==
        "milter: the mail server does not reach unix:/run/mxward/milter.sock: the socket was "
        "removed or replaced\n");
  CHECK_THAT(fixture.Handle("GET", "/v1/status").json,
             HasText("does not reach unix:/run/mxward/milter.sock"));
}

TEST_CASE("decisions without the database make it unwell for a minute", "[control]") {
  ApiFixture fixture;
  {
    const BadDisk disk(Disk::kNoMeta);
    fixture.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  }
  CHECK(fixture.Handle("GET", "/healthz").status == 503);
  CHECK(fixture.Handle("GET", "/healthz").json ==
        "store: decisions were made without the database within the last minute\n");
  fixture.clock.Advance(std::chrono::seconds(61));
  CHECK(fixture.Handle("GET", "/healthz").status == 200);
}

TEST_CASE("metrics are only read", "[control]") {
  ApiFixture fixture;
  const std::string path = GENERATE("/metrics", "/healthz");
  CHECK(fixture.Handle("HEAD", path).status == 200);
  const control::Response response = fixture.Handle("POST", path);
  CHECK(response.status == 405);
  REQUIRE(response.fields.size() == 1);
  CHECK(response.fields[0].first == "Allow");
  CHECK(response.fields[0].second == "GET, HEAD");
}

TEST_CASE("without a daemon there are no metrics", "[control]") {
  ApiFixture fixture;
  control::Api api(fixture.engine.parts(), control::ServiceHooks());
  CHECK(api.Handle({"GET", "/metrics", {}, "", ""}).status == 503);
  CHECK(api.Handle({"GET", "/healthz", {}, "", ""}).status == 503);
}

TEST_CASE("to everybody nothing of the API is served", "[control]") {
  ApiFixture fixture;
  CHECK(FromOutside(fixture, "GET", "/metrics").status == 200);
  CHECK(FromOutside(fixture, "HEAD", "/healthz").status == 200);
  CHECK(FromOutside(fixture, "PUT", "/metrics").status == 405);
  for (const char* path : {"/v1/status", "/v1/config", "/v1/tuples", "/v1/entries", "/v1/explain",
                           "/metrics/", "/%2e", "/../metrics", "//metrics"}) {
    CHECK(FromOutside(fixture, "GET", path).status == 404);
  }
  for (const char* method : {"PUT", "POST", "DELETE", "OPTIONS", "get"}) {
    CHECK(FromOutside(fixture, method, "/v1/entries").status == 405);
    CHECK(FromOutside(fixture, method, "/v1/reload").status == 405);
  }
}

}  // namespace
}  // namespace mxward
