// SPDX-License-Identifier: Apache-2.0
#include "catch.h"
#include "control/import_batch.h"
#include "tests/unit/control/api_fixture.h"

namespace mxward {
namespace {

// All of GET /v1/export, in slices of `limit`, one item a line.
std::string Export(ApiFixture& fixture, const std::string& limit = "5000") {
  std::string lines;
  std::string after;
  do {
    ApiFixture::Query query = {{"limit", limit}};
    if (!after.empty()) query["after"] = after;
    const Json answer = fixture.Get("/v1/export", query);
    if (after.empty()) lines = answer["header"].Dump() + "\n";
    for (const Json& item : answer["items"].items()) lines += item.Dump() + "\n";
    after = answer["next"].text();
  } while (!after.empty());
  return lines;
}

Json Import(ApiFixture& fixture, const std::string& body, ApiFixture::Query query = {}) {
  const auto response = fixture.Handle("POST", "/v1/import", std::move(query), body);
  CHECK(response.status == 200);
  return ParseJson(response.json).value_or(Json());
}

std::string WithoutHeader(const std::string& text) { return text.substr(text.find('\n')); }

void Fill(ApiFixture& fixture) {
  fixture.DeliverTwice("192.0.2.1", "a@example.org", {"b@example.net"}, "mail.example.org");
  fixture.Deliver("2001:db8::1", "", {"c@example.net"});
  fixture.Ask("PUT", "/v1/entries",
              {{"action", "allow"}, {"kind", "sender"}, {"key", "x@example.org"}, {"note", "hi"}});
  fixture.Ask("PUT", "/v1/entries",
              {{"action", "block"}, {"kind", "client"}, {"key", "203.0.113.0/24"}});
  fixture.Ask("POST", "/v1/forget", {{"kind", "client"}, {"key", "203.0.113.0/24"}});
  fixture.engine.history().Flush(false, /*all=*/true);
}

TEST_CASE("an export goes in slices, its first line says what it is", "[control]") {
  ApiFixture fixture;
  Fill(fixture);
  const std::string whole = Export(fixture);
  CHECK(whole == Export(fixture, "1"));
  CHECK_THAT(whole, Catch::Matchers::StartsWith(R"({"mxward":"export","format":1,)"));
  for (const char* type : {"tuple", "earned", "entry", "client"}) {
    CHECK_THAT(whole, HasText(R"("type":")" + std::string(type)));
  }
  CHECK_THAT(whole, HasText(R"("forgotten":true)"));
}

TEST_CASE("an import of the own export changes nothing", "[control]") {
  ApiFixture fixture;
  Fill(fixture);
  const std::string before = Export(fixture);
  const Json answer = Import(fixture, before);
  CHECK(answer["added"].integer() == 0);
  CHECK(answer["changed"].integer() == 0);
  CHECK(answer["kept"].integer() == answer["lines"].integer());
  CHECK(Export(fixture) == before);
}

TEST_CASE("records taken away come back with an import, entries in force at once", "[control]") {
  ApiFixture fixture;
  Fill(fixture);
  const std::string before = Export(fixture);
  fixture.store.Do([](store::WriteTransaction& transaction) -> Result<void> {
    for (const auto table : control::kTransferTables) {
      std::vector<std::string> keys;
      auto scanned = transaction.Scan(table, "", [&](std::string_view key, std::string_view) {
        keys.emplace_back(key);
        return true;
      });
      if (!scanned) return scanned;
      for (const std::string& key : keys) {
        if (auto gone = transaction.Delete(table, key); !gone) return Fail(gone.error());
      }
    }
    return {};
  });
  const Json trial = Import(fixture, before, {{"dry_run", "1"}});
  CHECK(trial["added"].integer() == trial["lines"].integer());
  CHECK(WithoutHeader(Export(fixture)) == "\n");
  const Json answer = Import(fixture, before, {{"from", "mxward"}});
  CHECK(answer["added"].integer() == trial["added"].integer());
  CHECK(Export(fixture) == before);
  CHECK(fixture.log.Contains("an import from mxward begins"));
  // Known again: passes without a deferral.
  CHECK(fixture
            .Get("/v1/explain", {{"client", "192.0.2.1"},
                                 {"from", "a@example.org"},
                                 {"to", "b@example.net"}})["reason"]
            .text() == "greylist-known");
}

TEST_CASE("lines that cannot be read do not keep the others out", "[control]") {
  ApiFixture fixture;
  const Json answer =
      Import(fixture,
             "rubbish\n"
             R"({"type":"tuple","state":"passed","client":"192.0.2.0/24","sender":"a@example.org",)"
             R"("recipient":"b@example.net","first_seen":"2026-01-01T00:00:00Z",)"
             R"("last_seen":"2026-01-02T00:00:00Z"})");
  CHECK(answer["added"].integer() == 1);
  CHECK(answer["invalid"].integer() == 1);
  CHECK(answer["problems"].items().at(0)["line"].integer() == 1);
  // Any address of that network.
  CHECK(fixture
            .Get("/v1/explain", {{"client", "192.0.2.77"},
                                 {"from", "a@example.org"},
                                 {"to", "b@example.net"}})["reason"]
            .text() == "greylist-known");
}

TEST_CASE("the hash key can be read, its id is in every export", "[control]") {
  ApiFixture fixture;
  const Json answer = fixture.Get("/v1/hash-key");
  CHECK(answer["hash_key"].text().size() == 32);
  CHECK_THAT(Export(fixture), HasText(answer["hash_key_id"].text()));
  CHECK_THAT(Export(fixture), !HasText(answer["hash_key"].text()));
}

TEST_CASE("an import waits for its commits on a worker", "[control]") {
  CHECK(control::Api::IsSlow({"POST", "/v1/import", {}, "", ""}));
  CHECK_FALSE(control::Api::IsSlow({"GET", "/v1/export", {}, "", ""}));
}

}  // namespace
}  // namespace mxward
