// SPDX-License-Identifier: Apache-2.0
#include "base/mail_address.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace mxward {
namespace {

// RFC 5321 4.1.2: A-d-l = At-domain *( "," At-domain ), then ":". A colon inside [IPv6:...] does
// not end the route.
std::string_view StripRoute(std::string_view text) {
  if (text.empty() || text.front() != '@') return text;
  bool literal = false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '[') literal = true;
    if (text[i] == ']') literal = false;
    if (text[i] == ':' && !literal) return text.substr(i + 1);
  }
  return text;
}

std::size_t LastUnquotedAt(std::string_view text) {
  std::size_t at = std::string_view::npos;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == '@' && !quoted) {
      at = i;
    }
  }
  return quoted ? text.rfind('@') : at;
}

// Second-level labels under which registries of countries sell names.
bool IsRegistryLabel(std::string_view label) {
  static constexpr std::array<std::string_view, 14> kLabels = {
      "ac", "co", "com", "edu", "go", "gob", "gov", "mil", "ne", "net", "nom", "or", "org", "ltd"};
  return std::find(kLabels.begin(), kLabels.end(), label) != kLabels.end();
}

}  // namespace

std::string_view StripAngles(std::string_view text) {
  for (;;) {
    text = Trim(text);
    const std::size_t before = text.size();
    if (!text.empty() && text.front() == '<') text.remove_prefix(1);
    if (!text.empty() && text.back() == '>') text.remove_suffix(1);
    if (text.size() == before) return text;
  }
}

std::string_view WithoutRoute(std::string_view text) {
  for (;;) {
    const std::size_t before = text.size();
    text = StripRoute(StripAngles(text));
    if (text.size() == before) return text;
  }
}

MailAddress SplitMailAddress(std::string_view text) {
  text = WithoutRoute(text);
  const std::size_t at = LastUnquotedAt(text);
  if (at == std::string_view::npos) return {text, {}};
  std::string_view domain = Trim(text.substr(at + 1));
  while (!domain.empty() && domain.back() == '.') {
    domain.remove_suffix(1);
    domain = Trim(domain);
  }
  return {text.substr(0, at), domain};
}

std::string_view HostPart(std::string_view name) {
  const std::size_t top = name.rfind('.');
  if (top == std::string_view::npos || top == 0) return {};
  std::size_t dot = name.rfind('.', top - 1);
  if (dot == std::string_view::npos) return {};
  const bool country = name.size() - top - 1 == 2;
  if (country && dot > 0 && IsRegistryLabel(name.substr(dot + 1, top - dot - 1))) {
    dot = name.rfind('.', dot - 1);
    if (dot == std::string_view::npos) return {};
  }
  return name.substr(0, dot + 1);
}

}  // namespace mxward
