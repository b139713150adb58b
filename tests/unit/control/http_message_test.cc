// SPDX-License-Identifier: Apache-2.0
#include "control/http_message.h"

#include "control/json.h"
#include "tests/unit/catch.h"

namespace mxward::control {
namespace {

using Progress = HttpParser::Progress;

// The status that a request fails with; 200 when it is complete, 0 when more is needed.
int StatusOf(const std::string& bytes) {
  HttpParser parser;
  const Progress progress = parser.Feed(bytes);
  if (progress == Progress::kFailed) return parser.failure().status;
  return progress == Progress::kDone ? 200 : 0;
}

TEST_CASE("a request is taken apart, whatever pieces it comes in", "[control]") {
  const std::string bytes =
      "PUT /v1/entries?kind=sender&key=a%2Bb%40example.org&flag HTTP/1.1\r\n"
      "Host: x\r\ncontent-length: 4\r\n\r\nbody";
  const std::size_t step = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{1000});
  HttpParser parser;
  Progress progress = Progress::kMore;
  for (std::size_t i = 0; i < bytes.size(); i += step) {
    REQUIRE(progress == Progress::kMore);
    progress = parser.Feed(std::string_view(bytes).substr(i, step));
  }
  REQUIRE(progress == Progress::kDone);
  const Request& request = parser.request();
  CHECK(request.method == "PUT");
  CHECK(request.path == "/v1/entries");
  CHECK(request.query.at("kind") == "sender");
  CHECK(request.query.at("key") == "a+b@example.org");
  CHECK(request.query.at("flag").empty());
  CHECK(request.body == "body");
}

TEST_CASE("a plus in a query is a plus", "[control]") {
  HttpParser parser;
  REQUIRE(parser.Feed("GET /x?key=a+b@example.org HTTP/1.1\r\n\r\n") == Progress::kDone);
  CHECK(parser.request().query.at("key") == "a+b@example.org");
}

TEST_CASE("what comes behind the request is ignored", "[control]") {
  HttpParser parser;
  CHECK(parser.Feed("GET / HTTP/1.1\r\n\r\nGET /other HTTP/1.1\r\n\r\n") == Progress::kDone);
  CHECK(parser.request().path == "/");
  CHECK(parser.request().body.empty());
}

TEST_CASE("broken requests get a fitting status", "[control]") {
  const auto [status, bytes] = GENERATE(table<int, std::string>({
      {400, "hello\r\n\r\n"},
      {400, "GET /\r\n\r\n"},
      {400, "G\x01T / HTTP/1.1\r\n\r\n"},
      {400, "GET x HTTP/1.1\r\n\r\n"},
      {400, "GET /%zz HTTP/1.1\r\n\r\n"},
      {400, "GET /%4 HTTP/1.1\r\n\r\n"},
      {400, "GET /a b HTTP/1.1\r\n\r\n"},
      {400, "GET /?a=1&a=2 HTTP/1.1\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nno colon\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nBad Name: b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nContent-Length: 1x\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n"},
      {413, "GET / HTTP/1.1\r\nContent-Length: 65537\r\n\r\n"},
      {413, "GET / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n"},
      {501, "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {505, "GET / HTTP/2.0\r\n\r\n"},
      {0, "GET / HTTP/1.1\r\nA: b\r\n"},
      {0, "GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n1234"},
      {200, "GET / HTTP/1.0\r\n\r\n"},
      {200, "GET http://host/path HTTP/1.1\r\n\r\n"},
  }));
  CAPTURE(bytes);
  CHECK(StatusOf(bytes) == status);
}

TEST_CASE("a head without end is refused as soon as it is too long", "[control]") {
  HttpParser parser;
  parser.Feed("GET / HTTP/1.1\r\nA: ");
  Progress progress = Progress::kMore;
  for (int i = 0; i < 1000 && progress == Progress::kMore; ++i) {
    progress = parser.Feed(std::string(100, 'a'));
    CHECK(i < 170);
  }
  CHECK(progress == Progress::kFailed);
  CHECK(parser.failure().status == 431);
}

TEST_CASE("the longest body is taken in one piece with its head", "[control]") {
  const std::string body(HttpParser::kMaxBody, 'b');
  HttpParser parser;
  CHECK(parser.Feed("PUT / HTTP/1.1\r\nContent-Length: 65536\r\n\r\n" + body) == Progress::kDone);
  CHECK(parser.request().body == body);
}

TEST_CASE("a client that waits for 100 Continue is told once", "[control]") {
  HttpParser parser;
  CHECK_FALSE(parser.TakeExpectsContinue());
  parser.Feed("PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(parser.TakeExpectsContinue());
  CHECK_FALSE(parser.TakeExpectsContinue());
  CHECK(parser.Feed("ab") == Progress::kDone);
}

TEST_CASE("a response says how long it is and that it is the last", "[control]") {
  const std::string text = FormatHttp({200, "{}"});
  CHECK(text.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(text.find("\r\nContent-Length: 3\r\n") != std::string::npos);
  CHECK(text.find("\r\nConnection: close\r\n") != std::string::npos);
  CHECK(text.ends_with("\r\n\r\n{}\n"));
}

TEST_CASE("a response to HEAD has the length and no body", "[control]") {
  const std::string text = FormatHttp({200, "ok\n", "text/plain"}, /*to_head=*/true);
  CHECK(text.find("\r\nContent-Type: text/plain\r\n") != std::string::npos);
  CHECK(text.find("\r\nContent-Length: 3\r\n") != std::string::npos);
  CHECK(text.ends_with("\r\n\r\n"));
}

TEST_CASE("a response has the fields it is given", "[control]") {
  Response response = ErrorResponse(405, "method-not-allowed", "");
  response.fields = {{"Allow", "GET, HEAD"}, {"X-Other", "x"}};
  const std::string text = FormatHttp(response);
  CHECK(text.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"));
  CHECK(text.find("\r\nAllow: GET, HEAD\r\nX-Other: x\r\n") != std::string::npos);
  CHECK(text.find("\r\nContent-Type: application/json\r\n") != std::string::npos);
}

TEST_CASE("the name that a client reached us by is known", "[control]") {
  HttpParser parser;
  REQUIRE(parser.Feed("GET / HTTP/1.1\r\nhost:  mx.example.org:9118 \r\n\r\n") == Progress::kDone);
  CHECK(parser.request().host == "mx.example.org:9118");
}

TEST_CASE("percent encoding survives every byte", "[control]") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  CHECK(PercentDecode(PercentEncode(bytes)) == bytes);
  CHECK(PercentEncode("a-b.c_d~e@f") == "a-b.c_d~e%40f");
}

TEST_CASE("an error says its code and message in JSON", "[control]") {
  const Response response = ErrorResponse(404, "not-found", "no \"x\"");
  CHECK(response.status == 404);
  CHECK(response.json == R"({"error":{"code":"not-found","message":"no \"x\""}})");
}

}  // namespace
}  // namespace mxward::control
