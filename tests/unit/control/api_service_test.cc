// SPDX-License-Identifier: Apache-2.0
#include "tests/fake/failing_writer.h"
#include "tests/unit/catch.h"
#include "tests/unit/control/api_fixture.h"

namespace mxward {
namespace {

TEST_CASE("status says what runs and how the store is doing", "[control]") {
  ApiFixture fixture;
  fixture.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  fixture.Ask("PUT", "/v1/entries",
              {{"action", "allow"}, {"kind", "sender"}, {"key", "a@b.example"}});
  fixture.clock.Advance(std::chrono::hours(1));
  const Json status = fixture.Get("/v1/status");
  CHECK(status["running"].boolean());
  CHECK(status["version"].text() == "1.2.3");
  CHECK(status["started"].text() == "2026-01-05T00:00:00Z");
  CHECK(status["uptime_seconds"].integer() == 3600);
  CHECK(status["listening"].text() == "unix:/run/mxward/milter.sock");
  CHECK(status["mode"].text() == "enforce");
  CHECK(status["paused_until"].is_null());
  CHECK(status["sessions"].integer() == 7);
  CHECK(status["log_lines_dropped"].is_null());
  CHECK(status["store"]["tuples"].integer() == 1);
  CHECK(status["store"]["entries"].integer() == 1);
  CHECK(status["store"]["used_bytes"].integer() > 0);
  CHECK(status["warnings"].items().empty());
}

TEST_CASE("status and explain say when a missing name does not count, until it does", "[control]") {
  ApiFixture fixture;
  CHECK(fixture.Get("/v1/status")["names"].items().empty());
  fixture.clock.Advance(std::chrono::minutes(1));
  for (std::uint32_t i = 1; i <= 6; ++i) {
    fixture.engine.name_monitor().NoteWitness("mx.example", {i, i}, NameClass::kNone);
  }
  const Json status = fixture.Get("/v1/status");
  REQUIRE(status["names"].items().size() == 1);
  const Json& names = status["names"].items()[0];
  CHECK(names["mail_server"].text() == "mx.example");
  CHECK(names["suspended"].boolean());
  CHECK(names["since"].text() == "2026-01-05T00:01:00Z");
  CHECK(names["votes"].integer() == 6);
  CHECK(names["nameless"].integer() == 6);
  REQUIRE(status["warnings"].items().size() == 1);
  CHECK_THAT(status["warnings"].items()[0].text(),
             HasText("missing reverse names do not count since 2026-01-05T00:01:00Z, "
                     "the mail server's resolver seems to be broken (mx.example): 5 of 5"));
  const Json explained = fixture.Get("/v1/explain", {{"client", "192.0.2.99"},
                                                     {"name_class", "none"},
                                                     {"helo", "mail.example.org"},
                                                     {"from", "a@example.org"},
                                                     {"to", "b@example.net"}});
  REQUIRE(explained["notes"].items().size() == 1);
  CHECK(explained["notes"].items()[0].text() ==
        "missing reverse names do not count at the moment: the mail server's resolver "
        "seems to be broken");
  fixture.clock.Advance(std::chrono::minutes(61));
  CHECK_FALSE(fixture.Get("/v1/status")["names"].items()[0]["suspended"].boolean());
}

TEST_CASE("status says what TLS is offered, and where it seems to be broken", "[control]") {
  ApiFixture fixture;
  CHECK(fixture.Get("/v1/status")["tls"].items().empty());
  TlsMonitor& tls = fixture.engine.tls_monitor();
  tls.NoteTls("smtp port 25");
  fixture.clock.Advance(std::chrono::minutes(1));
  TlsUse past;
  past.on.days = 5;
  for (std::uint32_t i = 1; i <= 5; ++i) tls.NoteClear("smtp port 25", {i, i}, past);
  const Json status = fixture.Get("/v1/status");
  REQUIRE(status["tls"].items().size() == 1);
  const Json& listener = status["tls"].items()[0];
  CHECK(listener["listener"].text() == "smtp port 25");
  CHECK(listener["state"].text() == "broken");
  CHECK(listener["last_tls"].text() == "2026-01-05T00:00:00Z");
  CHECK(listener["broken_since"].text() == "2026-01-05T00:01:00Z");
  REQUIRE(status["warnings"].items().size() == 1);
  CHECK_THAT(status["warnings"].items()[0].text(),
             HasText("TLS seems to be broken since 2026-01-05T00:01:00Z at smtp port 25: "));
  tls.NoteTls("smtp port 25");
  CHECK(fixture.Get("/v1/status")["tls"].items()[0]["state"].text() == "offered");
  CHECK(fixture.Get("/v1/status")["warnings"].items().empty());
}

TEST_CASE("status says until when new findings wait, and enable ends it", "[control]") {
  ApiFixture fixture;
  CHECK(fixture.Get("/v1/status")["new_findings_from"].is_null());
  CHECK_FALSE(fixture.Ask("POST", "/v1/evidence/enable")["waited"].boolean());
  // As a database of 0.1.0: it has clients, and does not say what its version found.
  ApiFixture upgraded;
  upgraded.store.Put(store::Table::kClients, "12345678", ClientRecord().Encode());
  REQUIRE(upgraded.engine.Load());
  CHECK(upgraded.Get("/v1/status")["new_findings_from"].text() == "2026-01-12T00:00:00Z");
  CHECK(upgraded.Ask("POST", "/v1/evidence/enable")["waited"].boolean());
  CHECK(upgraded.log.Contains("findings that an older version did not have count from now on"));
  CHECK(upgraded.Get("/v1/status")["new_findings_from"].is_null());
}

TEST_CASE("status names the private address that hides who connects", "[control]") {
  ApiFixture fixture;
  CHECK(fixture.Get("/v1/status")["nat"].is_null());
  SessionFacts facts;
  facts.client = IpAddress::Parse("10.0.0.1");
  for (int i = 0; i < 200; ++i) Session(fixture.engine).Connect(facts);
  const Json status = fixture.Get("/v1/status");
  CHECK(status["nat"]["client"].text() == "10.0.0.1");
  CHECK(status["nat"]["sessions"].integer() == 200);
  CHECK(status["nat"]["of"].integer() == 200);
  REQUIRE(status["warnings"].items().size() == 1);
  CHECK_THAT(status["warnings"].items()[0].text(),
             HasText("the private address 10.0.0.1 makes most of the sessions"));
}

TEST_CASE("stats count decisions by what was decided and why", "[control]") {
  ApiFixture fixture;
  fixture.DeliverTwice("192.0.2.1", "a@example.org", {"b@example.net"});
  fixture.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  const Json stats = fixture.Get("/v1/stats");
  CHECK(stats["sessions"].integer() == 3);
  CHECK(stats["recipients"].integer() == 3);
  const auto& decisions = stats["decisions"].items();
  REQUIRE(decisions.size() == 3);
  CHECK(decisions[0]["action"].text() == "accept");
  CHECK(decisions[0]["reason"].text() == "greylist-passed");
  CHECK(decisions[0]["count"].integer() == 1);
  CHECK(decisions[2]["action"].text() == "defer");
  CHECK(decisions[2]["reason"].text() == "greylist-new");
}

TEST_CASE("a pause begins, is seen, and ends by itself or at once", "[control]") {
  ApiFixture fixture;
  CHECK_FALSE(fixture.Get("/v1/pause")["paused"].boolean());
  const Json paused = fixture.Ask("PUT", "/v1/pause", {{"for", "1h"}});
  CHECK(paused["until"].text() == "2026-01-05T01:00:00Z");
  CHECK(fixture.Get("/v1/status")["warnings"].items().size() == 1);
  CHECK(fixture.log.Contains("paused until 2026-01-05T01:00:00Z"));
  fixture.clock.Advance(std::chrono::hours(1));
  CHECK_FALSE(fixture.Get("/v1/pause")["paused"].boolean());

  fixture.Ask("PUT", "/v1/pause", {{"for", "1h"}});
  CHECK(fixture.Ask("DELETE", "/v1/pause")["was_paused"].boolean());
  CHECK_FALSE(fixture.Get("/v1/pause")["paused"].boolean());
  CHECK_FALSE(fixture.Ask("DELETE", "/v1/pause")["was_paused"].boolean());
}

TEST_CASE("a pause needs a time that ends", "[control]") {
  ApiFixture fixture;
  CHECK(fixture.Handle("PUT", "/v1/pause").status == 400);
  for (const char* time : {"", "0", "31d", "1", "soon"}) {
    CAPTURE(time);
    CHECK(fixture.Handle("PUT", "/v1/pause", {{"for", time}}).status == 400);
  }
}

TEST_CASE("a reload tells what changed, or what is wrong", "[control]") {
  ApiFixture fixture;
  fixture.reload.changed = {{"greylist.delay", "\"4m\"", "\"5m\"", false},
                            {"store.path", "\"/a\"", "\"/b\"", true}};
  const Json done = fixture.Ask("POST", "/v1/reload");
  REQUIRE(done["changed"].items().size() == 2);
  CHECK(done["changed"].items()[0]["name"].text() == "greylist.delay");
  CHECK(done["changed"].items()[1]["needs_restart"].boolean());

  fixture.reload = {false, {"mxward.toml:1:1: unknown option \"x\""}, {}};
  const auto refused = fixture.Handle("POST", "/v1/reload");
  CHECK(refused.status == 422);
  const auto json = ParseJson(refused.json);
  CHECK((*json)["error"]["code"].text() == "bad-config");
  CHECK((*json)["problems"].items().size() == 1);
}

TEST_CASE("the configuration is shown as options and as a file", "[control]") {
  ApiFixture fixture;
  const Json all = fixture.Get("/v1/config");
  const Json changed = fixture.Get("/v1/config", {{"changed", "1"}});
  CHECK(all["options"].items().size() > changed["options"].items().size());
  bool seen = false;
  for (const Json& option : changed["options"].items()) {
    if (option["name"].text() != "greylist.delay") continue;
    seen = true;
    CHECK(option["value"].text() == "\"5m\"");
  }
  CHECK(seen);
  CHECK_THAT(changed["toml"].text(), HasText("delay = \"5m\""));
}

TEST_CASE("unknown paths and methods are answered helpfully", "[control]") {
  ApiFixture fixture;
  const auto missing = fixture.Handle("GET", "/v1/statu");
  CHECK(missing.status == 404);
  CHECK_THAT(missing.json, HasText("did you mean /v1/status?"));
  const auto wrong = fixture.Handle("POST", "/v1/entries");
  CHECK(wrong.status == 405);
  CHECK_THAT(wrong.json, HasText("GET, PUT, DELETE"));
  CHECK(fixture.Handle("", "").status == 404);
  CHECK(fixture.Handle("GET", std::string("/\x1b\0\xff", 4)).status == 404);
}

TEST_CASE("a store that does not commit is reported, not waited for", "[control]") {
  FakeClock clock;
  TestStore store;
  MemoryLog log;
  FailingWriter writer(store.writer(), clock);
  Engine engine(Engine::Services{clock, store.environment(), writer, log}, Shared(TestConfig()));
  control::ServiceHooks hooks;
  hooks.started = clock.Now();
  control::Api api(engine.parts(), hooks);
  writer.Set(GENERATE(FailingWriter::Mode::kFails, FailingWriter::Mode::kHangs));
  const auto put = api.Handle(
      {"PUT", "/v1/entries", {{"action", "allow"}, {"kind", "sender"}, {"key", "a@b"}}, "", ""});
  CHECK(put.status == 503);
  CHECK_THAT(put.json, HasText("fake trouble"));
  // A pause holds all the same: who pauses has trouble enough.
  const auto pause = api.Handle({"PUT", "/v1/pause", {{"for", "1h"}}, "", ""});
  CHECK(pause.status == 200);
  CHECK_THAT(pause.json, HasText("the pause will not survive a restart"));
  CHECK(engine.parts().pause.until());
}

TEST_CASE("without a daemon nothing can be changed", "[control]") {
  FakeClock clock;
  TestStore store;
  MemoryLog log;
  Engine engine(Engine::Services{clock, store.environment(), store.writer(), log},
                Shared(TestConfig()));
  control::Api api(engine.parts(), {});
  CHECK(api.Handle({"GET", "/v1/tuples", {}, "", ""}).status == 200);
  CHECK(api.Handle({"GET", "/v1/status", {}, "", ""}).status == 200);
  for (const auto& [method, path] : {std::pair("PUT", "/v1/entries"),
                                     {"DELETE", "/v1/entries"},
                                     {"POST", "/v1/forget"},
                                     {"PUT", "/v1/pause"},
                                     {"DELETE", "/v1/pause"},
                                     {"POST", "/v1/reload"}}) {
    CAPTURE(method, path);
    const auto response = api.Handle({method, path, {}, "", ""});
    CHECK(response.status == 503);
    CHECK_THAT(response.json, HasText("read-only"));
  }
}

}  // namespace
}  // namespace mxward
