// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.h"
#include "tests/unit/control/api_fixture.h"

namespace mxward {
namespace {

using Query = ApiFixture::Query;

TEST_CASE("an entry is made, listed, replaced and removed", "[control]") {
  ApiFixture fixture;
  const Json made = fixture.Ask("PUT", "/v1/entries",
                                {{"action", "allow"},
                                 {"kind", "recipient"},
                                 {"key", "<Desk@Example.ORG>"},
                                 {"for", "15m"},
                                 {"all", "1"},
                                 {"note", "a login code"}});
  CHECK(made["entry"]["key"].text() == "desk@example.org");
  CHECK(made["entry"]["expires"].text() == "2026-01-05T00:15:00Z");
  CHECK(made["replaced"].is_null());
  const Json listed = fixture.Get("/v1/entries");
  REQUIRE(listed["items"].items().size() == 1);
  CHECK(listed["items"].items()[0]["note"].text() == "a login code");
  CHECK(listed["items"].items()[0]["all"].boolean());

  fixture.clock.Advance(std::chrono::minutes(1));
  const Json replaced =
      fixture.Ask("PUT", "/v1/entries",
                  {{"action", "block"}, {"kind", "recipient"}, {"key", "desk@example.org"}});
  CHECK(replaced["replaced"]["action"].text() == "allow");
  CHECK(replaced["entry"]["created"].text() == "2026-01-05T00:00:00Z");
  CHECK(replaced["entry"]["updated"].text() == "2026-01-05T00:01:00Z");
  CHECK(fixture.Get("/v1/entries")["items"].items()[0]["action"].text() == "block");

  const Query about = {{"kind", "recipient"}, {"key", "desk@example.org"}};
  CHECK(fixture.Handle("DELETE", "/v1/entries", about).status == 200);
  CHECK(fixture.Handle("DELETE", "/v1/entries", about).status == 404);
  CHECK(fixture.Get("/v1/entries")["items"].items().empty());
}

TEST_CASE("parameters may come in a JSON body", "[control]") {
  ApiFixture fixture;
  const auto response = fixture.Handle(
      "PUT", "/v1/entries", {},
      R"({"action":"allow","kind":"sender","key":"<>","all":true,"for":null,"note":""})");
  CHECK(response.status == 200);
  CHECK(fixture.Get("/v1/entries")["items"].items()[0]["key"].text() == "<>");
  for (const char* body : {"[]", "{", "\"x\"", R"({"action":["allow"]})", R"({"acton":"allow"})",
                           R"({"action":"allow","action":"block"})"}) {
    CAPTURE(body);
    CHECK(fixture.Handle("PUT", "/v1/entries", {}, body).status == 400);
  }
  CHECK(fixture.Handle("PUT", "/v1/entries", {{"kind", "sender"}}, R"({"kind":"sender"})").status ==
        400);
}

TEST_CASE("an entry that could never match is not made, and one of before can be removed",
          "[control]") {
  ApiFixture fixture;
  for (const char* action : {"allow", "block"}) {
    const auto response =
        fixture.Handle("PUT", "/v1/entries",
                       {{"action", action}, {"kind", "sender"}, {"key", "*@mail.spam.example"}});
    CHECK(response.status == 400);
    CHECK_THAT(response.json, HasText("write sender-domain mail.spam.example"));
  }
  CHECK(fixture.Get("/v1/entries")["items"].items().empty());
  entries::Entry old;
  old.kind = entries::Kind::kSender;
  old.key = "*@mail.spam.example";
  REQUIRE(fixture.engine.parts().entries.Put(old));
  const Query about = {{"kind", "sender"}, {"key", "*@mail.spam.example"}};
  CHECK(fixture.Handle("DELETE", "/v1/entries", about).status == 200);
}

TEST_CASE("of domains whose SPF record is evaluated for everybody there are sixteen", "[control]") {
  ApiFixture fixture;
  const auto put = [&](const std::string& domain, const std::string& lasts = "1h") {
    return fixture.Handle(
        "PUT", "/v1/entries",
        {{"action", "allow"}, {"kind", "spf-of"}, {"key", domain}, {"for", lasts}});
  };
  for (int i = 0; i < 16; ++i) CHECK(put("_spf" + std::to_string(i) + ".example").status == 200);
  CHECK(put("_spf3.example").status == 200);  // one of them
  const auto refused = put("_spf16.example");
  CHECK(refused.status == 400);
  CHECK_THAT(refused.json, HasText("a rule with spf_of"));
  fixture.clock.Advance(std::chrono::hours(2));
  CHECK(put("_spf16.example").status == 200);
}

TEST_CASE("an entry whose time is over is not listed", "[control]") {
  ApiFixture fixture;
  fixture.Ask("PUT", "/v1/entries",
              {{"action", "allow"}, {"kind", "sender"}, {"key", "a@b.example"}, {"for", "1h"}});
  fixture.clock.Advance(std::chrono::hours(2));
  CHECK(fixture.Get("/v1/entries")["items"].items().empty());
  const Json again = fixture.Ask("PUT", "/v1/entries",
                                 {{"action", "block"}, {"kind", "sender"}, {"key", "a@b.example"}});
  CHECK(again["replaced"].is_null());
}

TEST_CASE("entries are filtered by kind and action", "[control]") {
  ApiFixture fixture;
  fixture.Ask("PUT", "/v1/entries", {{"action", "allow"}, {"kind", "client"}, {"key", "10.1.1.1"}});
  fixture.Ask("PUT", "/v1/entries",
              {{"action", "block"}, {"kind", "client-name"}, {"key", "spam.example"}});
  CHECK(fixture.Get("/v1/entries", {{"kind", "client"}})["items"].items().size() == 1);
  CHECK(fixture.Get("/v1/entries", {{"action", "block"}})["items"].items().size() == 1);
  CHECK(fixture.Get("/v1/entries", {{"action", "block"}, {"kind", "client"}})["items"]
            .items()
            .empty());
  CHECK(fixture.Handle("GET", "/v1/entries", {{"kind", "clint"}}).status == 400);
}

TEST_CASE("a wrong entry is refused with a reason", "[control]") {
  ApiFixture fixture;
  const auto [query, message] = GENERATE(table<Query, std::string>({
      {{{"kind", "sender"}, {"key", "a@b"}}, "action: must be allow or block"},
      {{{"action", "alow"}, {"kind", "sender"}, {"key", "a@b"}}, "did you mean \\\"allow\\\"?"},
      {{{"action", "allow"}, {"key", "a@b"}}, "\\\"kind\\\" is missing"},
      {{{"action", "allow"}, {"kind", "clent"}, {"key", "a@b"}}, "did you mean \\\"client\\\"?"},
      {{{"action", "allow"}, {"kind", "sender"}}, "\\\"key\\\" is missing"},
      {{{"action", "allow"}, {"kind", "client"}, {"key", "10.0.0.1/8"}}, "10.0.0.0/8"},
      {{{"action", "allow"}, {"kind", "sender"}, {"key", "a@b"}, {"for", "30"}}, "needs a unit"},
      {{{"action", "allow"}, {"kind", "sender"}, {"key", "a@b"}, {"for", "0"}}, "longer than 0"},
      {{{"action", "allow"}, {"kind", "sender"}, {"key", "a@b"}, {"for", ""}}, "for: "},
      {{{"action", "allow"}, {"kind", "client"}, {"key", "10.0.0.1"}, {"all", "1"}}, "all: "},
      {{{"action", "block"}, {"kind", "sender"}, {"key", "a@b"}, {"all", "1"}}, "all: "},
      {{{"action", "allow"}, {"kind", "sender"}, {"key", "a@b"}, {"note", std::string(513, 'x')}},
       "note: "},
  }));
  const auto response = fixture.Handle("PUT", "/v1/entries", query);
  CHECK(response.status == 400);
  CHECK_THAT(response.json, HasText(message));
  CHECK(fixture.Get("/v1/entries")["items"].items().empty());
}

TEST_CASE("an entry that cannot work is made, and that is said", "[control]") {
  ApiFixture fixture;
  const Json made = fixture.Ask("PUT", "/v1/entries",
                                {{"action", "block"}, {"kind", "client"}, {"key", "127.0.0.1"}});
  REQUIRE(made["notices"].items().size() == 1);
  CHECK_THAT(made["notices"].items()[0].text(), HasText("trust.networks"));
}

TEST_CASE("changes are logged with who made them", "[control]") {
  ApiFixture fixture;
  fixture.Ask("PUT", "/v1/entries",
              {{"action", "allow"}, {"kind", "sender"}, {"key", "a@b.example"}, {"for", "1h"}});
  CHECK(fixture.log.Contains(
      "control: allow sender a@b.example until 2026-01-05T01:00:00Z (by uid 1000)"));
}

TEST_CASE("where logs hide addresses, a change does as well", "[control]") {
  Config config = TestConfig();
  config.log.addresses = LogAddresses::kHash;
  ApiFixture fixture(config);
  fixture.Ask("PUT", "/v1/entries",
              {{"action", "allow"}, {"kind", "sender"}, {"key", "a@b.example"}});
  CHECK(fixture.log.Contains("control: allow sender (by uid 1000)"));
  CHECK_FALSE(fixture.log.Contains("b.example"));
}

}  // namespace
}  // namespace mxward
