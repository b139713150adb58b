// SPDX-License-Identifier: Apache-2.0
#include "config/code_filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.h"
#include "config/checks.h"

namespace mxward {
namespace {

using Octet = std::bitset<256>;

constexpr std::size_t kMaxText = 100;

std::vector<std::string_view> Split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t end = text.find(separator);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + separator.size());
  }
}

// The four octets; the dots inside brackets do not divide.
std::vector<std::string_view> Octets(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[') inside = true;
    if (text[i] == ']') inside = false;
    if (text[i] != '.' || inside) continue;
    out.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  out.push_back(text.substr(begin));
  return out;
}

std::optional<int> Number(std::string_view text) {
  if (text.empty() || text.size() > 3) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  if (value > 255) return std::nullopt;
  return value;
}

std::string ShownPart(std::string_view text) {
  return fmt::format("\"{}\"", EscapeForLog(text, 40));
}

// "2..11", "7"
Result<Octet> ParseRange(std::string_view text) {
  const auto ends = Split(text, "..");
  const auto first = Number(ends.front());
  const auto last = Number(ends.back());
  if (ends.size() > 2 || !first || !last) {
    return Bad(fmt::format("{} is neither a number from 0 to 255 nor a range of two, such as 2..11",
                           ShownPart(text)));
  }
  if (*first > *last) {
    return Bad(fmt::format("[{0}..{1}] matches nothing; did you mean [{1}..{0}]?", *first, *last));
  }
  Octet out;
  for (int i = *first; i <= *last; ++i) out.set(static_cast<std::size_t>(i));
  return out;
}

// What stands between the brackets.
Result<Octet> ParseSet(std::string_view text) {
  if (text.starts_with('&')) {
    const auto mask = Number(text.substr(1));
    if (!mask) return Bad(ShownPart(text) + " is not a valid bit mask, such as &8 or &12");
    if (*mask == 0) return Bad("[&0] matches nothing; name the bits, such as [&8]");
    Octet out;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if ((i & static_cast<std::size_t>(*mask)) != 0) out.set(i);
    }
    return out;
  }
  Octet out;
  for (const std::string_view part : Split(text, ";")) {
    MXWARD_TRY(const auto range, ParseRange(part));
    out |= range;
  }
  return out;
}

Result<Octet> ParseOctet(std::string_view text) {
  if (text == "*") return Octet().set();
  if (text.starts_with('[')) {
    if (!text.ends_with(']') || text.find('[', 1) != std::string_view::npos ||
        text.find(']') + 1 != text.size()) {
      return Bad(ShownPart(text) + " needs one bracket at each end, such as [2..11]");
    }
    return ParseSet(text.substr(1, text.size() - 2));
  }
  const auto value = Number(text);
  if (!value) {
    const bool bare = text.find("..") != std::string_view::npos ||
                      text.find_first_of(";&") != std::string_view::npos;
    return Bad(ShownPart(text) + (bare ? " needs brackets around it, such as [2..11]"
                                       : " is neither a number from 0 to 255, nor *, nor a set "
                                         "such as [2..11], [2;4;9] or [&8]"));
  }
  return Octet().set(static_cast<std::size_t>(*value));
}

}  // namespace

Result<CodeFilter> CodeFilter::Parse(std::string_view text) {
  if (text.size() > kMaxText) {
    return Bad(fmt::format("{} is longer than {} characters", ShownPart(text), kMaxText));
  }
  const auto octets = Octets(text);
  if (octets.size() != 4) {
    const bool bare = text.find("..") != std::string_view::npos;
    return Bad(
        fmt::format("{} is not an answer of four octets, such as 127.0.0.2 or 127.0.0.[2..11]{}",
                    ShownPart(text), bare ? "; a range needs brackets" : ""));
  }
  CodeFilter out;
  out.text_ = text;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const auto octet = ParseOctet(octets[i]);
    if (!octet) return Fail(ShownPart(text), octet.error());
    out.octets_[i] = *octet;
  }
  if (!out.octets_[0].test(127) || out.octets_[0].count() != 1) {
    return Bad(ShownPart(text) +
               " must begin with 127: no other answer of a DNS list means anything");
  }
  return out;
}

bool CodeFilter::Matches(const IpAddress& answer) const {
  if (!answer.is_v4()) return false;
  for (std::size_t i = 0; i < octets_.size(); ++i) {
    if (!octets_[i].test(answer.bytes()[i])) return false;
  }
  return true;
}

}  // namespace mxward
