// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "control/message.h"

namespace mxward::control {

// As much of HTTP/1.1 (RFC 9112) as a local API needs, strictly: one request a connection, bodies
// with a Content-Length only. Pure: bytes in, values out.

// Takes a request apart as its bytes arrive. Not thread-safe.
class HttpParser {
 public:
  static constexpr std::size_t kMaxHead = 16 << 10;  // request line and header fields
  static constexpr std::size_t kMaxBody = 64 << 10;

  enum class Progress { kMore, kDone, kFailed };
  // What follows the end of the request, or a failure, is ignored.
  Progress Feed(std::string_view bytes);

  // After kDone.
  Request& request() { return request_; }
  // After kFailed: what to answer.
  const Response& failure() const { return failure_; }
  // True once when the client waits for "100 Continue" before it sends the body.
  bool TakeExpectsContinue();

 private:
  Progress FailWith(int status, std::string_view code, std::string_view message);
  Progress ParseHead(std::string_view head);
  Progress ParseRequestLine(std::string_view line);
  Progress ParseField(std::string_view line);
  bool ParseTarget(std::string_view target);

  Progress progress_ = Progress::kMore;
  std::string buffer_;
  bool in_body_ = false;
  bool has_length_ = false;
  bool has_host_ = false;
  std::size_t length_ = 0;
  bool expects_continue_ = false;
  Request request_;
  Response failure_;
};

// A whole response, after which the connection is closed. to_head: without its body, but with the
// body's length (RFC 9110 9.3.2).
std::string FormatHttp(const Response& response, bool to_head = false);

// %XX of everything but letters, digits and "-._~"; and back, nothing when a % is not followed by
// two hexadecimal digits. "+" means itself: it is common in mail addresses.
std::string PercentEncode(std::string_view text);
std::optional<std::string> PercentDecode(std::string_view text);

}  // namespace mxward::control
