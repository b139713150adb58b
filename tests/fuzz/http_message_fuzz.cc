// SPDX-License-Identifier: Apache-2.0
// Whatever arrives at the control socket or at metrics.listen: the first byte says into how large
// pieces the rest is cut. A request reads the same however it is cut, within its bounds; what is
// refused gets one well-formed answer; a body that is JSON survives being written and read again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "control/http_message.h"
#include "control/json.h"

namespace mxward::control {
namespace {

using Progress = HttpParser::Progress;

void Require(bool holds) {
  if (!holds) std::abort();
}

Progress FeedInPieces(HttpParser& parser, std::string_view bytes, std::size_t piece) {
  Progress progress = Progress::kMore;
  while (!bytes.empty() && progress == Progress::kMore) {
    const std::string_view next = bytes.substr(0, piece);
    progress = parser.Feed(next);
    bytes.remove_prefix(next.size());
  }
  return progress;
}

void CheckSame(const Request& a, const Request& b) {
  Require(a.method == b.method && a.path == b.path && a.query == b.query && a.body == b.body &&
          a.host == b.host);
}

void CheckRequest(const Request& request) {
  Require(!request.method.empty());
  Require(request.path.starts_with('/'));
  Require(request.body.size() <= HttpParser::kMaxBody);
  for (const auto& [name, value] : request.query) {
    Require(PercentDecode(PercentEncode(name)) == name);
    Require(PercentDecode(PercentEncode(value)) == value);
  }
  if (const auto json = ParseJson(request.body)) {
    const std::string text = json->Dump();
    const auto again = ParseJson(text);
    Require(again.has_value() && again->Dump() == text);
  }
}

// A status line and fields, none of which the request could have brought in.
void CheckAnswer(const Response& failure) {
  Require(failure.status >= 400 && failure.status <= 599);
  const std::string answer = FormatHttp(failure);
  Require(answer.starts_with("HTTP/1.1 "));
  const std::size_t end = answer.find("\r\n\r\n");
  Require(end != std::string::npos);
  const std::string head = answer.substr(0, end);
  const std::string body = answer.substr(end + 4);
  Require(body == failure.json + "\n");
  Require(head.find("\r\nContent-Length: " + std::to_string(body.size()) + "\r\n") !=
          std::string::npos);
  Require(std::count(head.begin(), head.end(), '\n') < 12);
  Require(ParseJson(failure.json).has_value());
  Require(FormatHttp(failure, /*to_head=*/true) == answer.substr(0, end + 4));
}

}  // namespace
}  // namespace mxward::control

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mxward::control;
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  HttpParser whole;
  HttpParser cut;
  const Progress progress = FeedInPieces(whole, bytes, bytes.size());
  Require(progress == FeedInPieces(cut, bytes, std::size_t{data[0]} + 1));
  if (progress == Progress::kDone) {
    CheckSame(whole.request(), cut.request());
    CheckRequest(whole.request());
  } else if (progress == Progress::kFailed) {
    Require(whole.failure().status == cut.failure().status);
    CheckAnswer(whole.failure());
  } else {
    Require(bytes.size() <= HttpParser::kMaxHead + HttpParser::kMaxBody);
  }
  return 0;
}
