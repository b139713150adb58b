// SPDX-License-Identifier: Apache-2.0
#include "control/public_site.h"

#include "tests/unit/catch.h"
#include "tests/unit/control/api_fixture.h"

namespace mxward {
namespace {

using Catch::Matchers::StartsWith;

control::Response Public(ApiFixture& fixture, const std::string& method, const std::string& path,
                         const std::string& host = "127.0.0.1:9118") {
  return control::PublicSite(fixture.api, fixture.engine.parts().config)
      .Handle({method, path, {}, "", "", host});
}

std::string Field(const control::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.fields) {
    if (key == name) return std::string(value);
  }
  return "";
}

TEST_CASE("the page is HTML that may load nothing from elsewhere", "[control]") {
  ApiFixture fixture;
  const control::Response page = Public(fixture, "GET", "/");
  CHECK(page.status == 200);
  CHECK(page.content_type == "text/html; charset=utf-8");
  CHECK_THAT(page.json, HasText("<title>mxward</title>"));
  const std::string policy = Field(page, "Content-Security-Policy");
  CHECK_THAT(policy, StartsWith("default-src 'none'; script-src 'sha256-"));
  CHECK_THAT(policy, HasText("frame-ancestors 'none'"));
  CHECK_THAT(policy, !HasText("unsafe"));
}

TEST_CASE("the page's numbers are the API's overview", "[control]") {
  ApiFixture fixture;
  const control::Response numbers = Public(fixture, "GET", "/overview.json");
  CHECK(numbers.status == 200);
  CHECK(numbers.content_type == "application/json");
  CHECK(numbers.json == fixture.Handle("GET", "/v1/overview").json);
  CHECK(Public(fixture, "HEAD", "/overview.json").status == 200);
}

TEST_CASE("page and numbers are only read", "[control]") {
  ApiFixture fixture;
  for (const char* path : {"/", "/overview.json"}) {
    const control::Response response = Public(fixture, "POST", path);
    CHECK(response.status == 405);
    CHECK(Field(response, "Allow") == "GET, HEAD");
  }
}

TEST_CASE("page and numbers are for addresses and localhost alone", "[control]") {
  ApiFixture fixture;
  const std::string path = GENERATE("/", "/overview.json");
  for (const char* host : {"127.0.0.1", "127.0.0.1:9118", "192.0.2.1:80", "[::1]:9118",
                           "[2001:db8::1]", "localhost", "LocalHost:9118"}) {
    CHECK(Public(fixture, "GET", path, host).status == 200);
  }
  for (const char* host :
       {"", "evil.example", "evil.example:9118", "127.0.0.1.evil.example", "localhost.evil.example",
        "[::1", "[::1].evil.example", "[evil.example]:9118", "[127.0.0.1]", ":9118", "::1"}) {
    const control::Response response = Public(fixture, "GET", path, host);
    CHECK(response.status == 403);
    CHECK_THAT(response.json, HasText("IP address or localhost"));
  }
  CHECK(Public(fixture, "GET", "/metrics", "mx.example.org").status == 200);
}

TEST_CASE("without metrics.page there is no page", "[control]") {
  Config config = TestConfig();
  config.metrics.page = false;
  ApiFixture fixture(config);
  for (const char* path : {"/", "/overview.json"}) {
    CHECK(Public(fixture, "GET", path).status == 404);
    CHECK_THAT(Public(fixture, "GET", path).json, HasText("there are /metrics and /healthz"));
  }
  CHECK(Public(fixture, "GET", "/metrics").status == 200);
}

}  // namespace
}  // namespace mxward
