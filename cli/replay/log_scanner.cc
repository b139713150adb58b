// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/log_scanner.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace mxward::cli::maillog {
namespace {

constexpr std::size_t kLongestQueueId = 24;
constexpr std::size_t kShortestQueueId = 5;

bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

}  // namespace

bool Skip(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

bool TakeUntil(std::string_view& text, std::string_view end, std::string_view& taken) {
  const std::size_t found = text.find(end);
  if (found == std::string_view::npos) return false;
  taken = text.substr(0, found);
  text.remove_prefix(found + end.size());
  return true;
}

bool TakeQueueId(std::string_view& text, std::string_view& queue_id) {
  std::size_t length = 0;
  while (length < text.size() && length <= kLongestQueueId && IsAlphanumeric(text[length])) {
    ++length;
  }
  if (length < kShortestQueueId || length > kLongestQueueId) return false;
  if (text.substr(length, 2) != ": ") return false;
  queue_id = text.substr(0, length);
  // What Postfix puts in front of its own troubles.
  if (queue_id == "warning" || queue_id == "fatal" || queue_id == "error" || queue_id == "panic") {
    queue_id = {};
    return false;
  }
  text.remove_prefix(length + 2);
  return true;
}

bool TakeClient(std::string_view& text, Event& event) {
  const std::size_t open = text.find('[');
  if (open == std::string_view::npos) return false;
  const std::size_t close = text.find(']', open);
  if (close == std::string_view::npos) return false;
  event.client = IpAddress::Parse(text.substr(open + 1, close - open - 1));
  if (!event.client) return false;
  event.client_name = text.substr(0, open);
  if (event.client_name == "unknown") {
    event.client_name = {};
    event.name_class = NameClass::kNone;
  } else {
    event.name_class = event.client_name.empty() ? NameClass::kUnknown : NameClass::kGood;
  }
  text.remove_prefix(close + 1);
  if (text.size() > 1 && text[0] == ':' && IsDigit(text[1])) {
    std::size_t port = 1;
    while (port < text.size() && IsDigit(text[port])) ++port;
    text.remove_prefix(port);
  }
  return true;
}

void TakeCodes(std::string_view& text, Event& event) {
  if (text.size() >= 4 && text[0] >= '2' && text[0] <= '5' && IsDigit(text[1]) &&
      IsDigit(text[2]) && text[3] == ' ') {
    event.code = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
    text.remove_prefix(4);
  }
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  const bool enhanced =
      word.size() >= 5 && (word[0] == '4' || word[0] == '5') && word[1] == '.' &&
      std::all_of(word.begin(), word.end(), [](char c) { return IsDigit(c) || c == '.'; });
  if (!enhanced) return;
  event.enhanced = word;
  text.remove_prefix(std::min(end + 1, text.size()));
}

std::uint32_t TakeNumber(std::string_view& text) {
  std::uint32_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return read.ec == std::errc() ? number : 0;
}

bool IsGreylisting(std::string_view reply) {
  // "Greylisted", "Greylisting in action", "greylist", "Graylisted": one search for what they have
  // in common.
  for (std::size_t at = 0; (at = reply.find("list", at)) != std::string_view::npos; ++at) {
    if (at < 4) continue;
    const std::string_view color = reply.substr(at - 4, 4);
    if (EqualsNoCase(color, "grey") || EqualsNoCase(color, "gray")) return true;
  }
  return false;
}

}  // namespace mxward::cli::maillog
