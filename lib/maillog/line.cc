// SPDX-License-Identifier: Apache-2.0
#include "maillog/line.h"

#include <charconv>

namespace mxward::maillog {

std::optional<Line> ParseLine(std::string_view line, TimeReader& times) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  const auto time = times.Take(line);
  if (!time) return std::nullopt;
  Line parsed;
  parsed.time = *time;
  const std::size_t host = line.find(' ');
  if (host == std::string_view::npos || host == 0) return std::nullopt;
  parsed.host = line.substr(0, host);
  line.remove_prefix(host + 1);
  // Who repeats what: "last message repeated 2 times" and the like have no tag.
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view tag = line.substr(0, colon);
  parsed.text = line.substr(colon + 2);
  if (tag.ends_with(']')) {
    const std::size_t open = tag.rfind('[');
    if (open == std::string_view::npos) return std::nullopt;
    const std::string_view digits = tag.substr(open + 1, tag.size() - open - 2);
    std::from_chars(digits.data(), digits.data() + digits.size(), parsed.pid);
    tag = tag.substr(0, open);
  }
  if (tag.empty() || tag.find(' ') != std::string_view::npos) return std::nullopt;
  parsed.program = tag;
  // Solaris: "[ID 197553 mail.info] text"
  if (parsed.text.starts_with("[ID ")) {
    const std::size_t end = parsed.text.find("] ");
    if (end != std::string_view::npos) parsed.text.remove_prefix(end + 2);
  }
  return parsed;
}

}  // namespace mxward::maillog
