// SPDX-License-Identifier: Apache-2.0
#include "control/http_message.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "control/json.h"

namespace mxward::control {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

bool IsAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// RFC 9110 5.6.2
bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return IsAlnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

std::string_view StatusText(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return status < 500 ? "Error" : "Internal Server Error";
  }
}

}  // namespace

Response ErrorResponse(int status, std::string_view code, std::string_view message) {
  Json error;
  error.Set("code", code).Set("message", message);
  Json answer;
  answer.Set("error", std::move(error));
  return {status, answer.Dump()};
}

HttpParser::Progress HttpParser::Feed(std::string_view bytes) {
  if (progress_ != Progress::kMore) return progress_;
  if (!in_body_) {
    const std::size_t searched = buffer_.size() < 3 ? 0 : buffer_.size() - 3;
    buffer_ += bytes.substr(0, kMaxHead + kHeadEnd.size() + kMaxBody);
    const std::size_t end = buffer_.find(kHeadEnd, searched);
    if (std::min(end, buffer_.size()) > kMaxHead) {
      return FailWith(431, "too-large", "the header fields of the request are too long");
    }
    if (end == std::string::npos) return Progress::kMore;
    if (ParseHead(std::string_view(buffer_).substr(0, end)) == Progress::kFailed) return progress_;
    buffer_.erase(0, end + kHeadEnd.size());
    in_body_ = true;
  } else {
    buffer_ += bytes.substr(0, kMaxBody);
  }
  if (buffer_.size() < length_) return Progress::kMore;
  buffer_.resize(length_);
  request_.body = std::move(buffer_);
  return progress_ = Progress::kDone;
}

bool HttpParser::TakeExpectsContinue() {
  const bool waits = expects_continue_ && in_body_ && buffer_.empty();
  if (in_body_) expects_continue_ = false;
  return waits && progress_ == Progress::kMore;
}

HttpParser::Progress HttpParser::FailWith(int status, std::string_view code,
                                          std::string_view message) {
  failure_ = ErrorResponse(status, code, message);
  buffer_.clear();
  return progress_ = Progress::kFailed;
}

HttpParser::Progress HttpParser::ParseHead(std::string_view head) {
  bool first = true;
  while (!head.empty() || first) {
    const std::size_t end = std::min(head.find(kLineEnd), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(head.size(), end + kLineEnd.size()));
    const Progress progress = first ? ParseRequestLine(line) : ParseField(line);
    if (progress == Progress::kFailed) return progress;
    first = false;
  }
  return Progress::kMore;
}

HttpParser::Progress HttpParser::ParseRequestLine(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last || !IsToken(line.substr(0, first))) {
    return FailWith(400, "bad-request", "no HTTP request");
  }
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return FailWith(505, "bad-request", "only HTTP/1.1 is supported");
  }
  request_.method = line.substr(0, first);
  if (!ParseTarget(line.substr(first + 1, last - first - 1))) {
    return FailWith(400, "bad-request", "the request's path is malformed");
  }
  return Progress::kMore;
}

bool HttpParser::ParseTarget(std::string_view target) {
  if (target.find_first_of(" \t") != std::string_view::npos) return false;
  if (target.starts_with("http://")) {
    const std::size_t path = target.find('/', std::string_view("http://").size());
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  if (!target.starts_with('/')) return false;
  const std::size_t mark = std::min(target.find('?'), target.size());
  auto path = PercentDecode(target.substr(0, mark));
  if (!path) return false;
  request_.path = *std::move(path);
  std::string_view query = target.substr(std::min(mark + 1, target.size()));
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = PercentDecode(pair.substr(0, equals));
    auto value = PercentDecode(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return false;
    // Twice the same parameter is a slip; which one is meant nobody knows.
    if (!request_.query.emplace(*std::move(name), *std::move(value)).second) return false;
  }
  return true;
}

HttpParser::Progress HttpParser::ParseField(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) {
    return FailWith(400, "bad-request", "a header field is malformed");
  }
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = Trim(line.substr(colon + 1));
  if (EqualsNoCase(name, "Transfer-Encoding")) {
    return FailWith(501, "bad-request", "send the body with a Content-Length");
  }
  if (EqualsNoCase(name, "Host")) {
    // Twice is an attempt to be read in two ways (RFC 9112 3.2).
    if (std::exchange(has_host_, true)) {
      return FailWith(400, "bad-request", "a request must have one Host field");
    }
    request_.host = value;
  }
  if (EqualsNoCase(name, "Expect")) expects_continue_ = EqualsNoCase(value, "100-continue");
  if (!EqualsNoCase(name, "Content-Length")) return Progress::kMore;
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
  const bool too_large = error == std::errc::result_out_of_range;
  if ((error != std::errc() && !too_large) || end != value.data() + value.size() ||
      (has_length_ && length != length_)) {
    return FailWith(400, "bad-request", "the Content-Length is invalid");
  }
  if (too_large || length > kMaxBody) {
    return FailWith(413, "too-large", "a body must not exceed 65536 bytes");
  }
  has_length_ = true;
  length_ = length;
  return Progress::kMore;
}

std::string FormatHttp(const Response& response, bool to_head) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + " ";
  out += StatusText(response.status);
  out.append("\r\nContent-Type: ").append(response.content_type);
  out += "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Length: ";
  // A newline after a JSON value, for terminals.
  const bool needs_end = !response.json.ends_with('\n');
  out += std::to_string(response.json.size() + (needs_end ? 1 : 0));
  for (const auto& [name, value] : response.fields) {
    out.append("\r\n").append(name).append(": ").append(value);
  }
  out += "\r\nConnection: close\r\n\r\n";
  if (to_head) return out;
  out += response.json;
  if (needs_end) out += '\n';
  return out;
}

std::string PercentEncode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (IsAlnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += HexEncode({&c, 1});
    }
  }
  return out;
}

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.front() != '%') {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    const auto byte = text.size() < 3 ? std::nullopt : HexDecode(text.substr(1, 2));
    if (!byte) return std::nullopt;
    out += *byte;
    text.remove_prefix(3);
  }
  return out;
}

}  // namespace mxward::control
