// SPDX-License-Identifier: Apache-2.0
#include "config/dnsbl_checks.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ip_address.h"
#include "base/text.h"
#include "config/check_parts.h"
#include "config/checks.h"
#include "config/dnsbl_fields.h"
#include "config/value_text.h"

namespace mxward {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxLabel = 63;
// So that the 64 characters of an IPv6 address fit in front, within the 253 of a name.
constexpr std::size_t kMaxZone = 180;
constexpr std::size_t kNibbles = 32;
constexpr std::string_view kHex = "0123456789abcdef";

// What is wrong with a label, or "".
std::string_view LabelFault(std::string_view label) {
  if (label.empty()) return "is empty";
  if (label.size() > kMaxLabel) return "is longer than 63 characters";
  if (label.front() == '-' || label.back() == '-') return "begins or ends with a hyphen";
  const bool good = std::all_of(label.begin(), label.end(),
                                [](char c) { return IsAlphanumeric(c) || c == '-' || c == '_'; });
  return good ? "" : "has a character other than letters, digits, hyphens and underscores";
}

// Which label of a name is wrong, counted from 1, and how; "" when none is.
std::string NameFault(std::string_view name) {
  for (int number = 1;; ++number) {
    const std::size_t end = name.find('.');
    const std::string_view fault = LabelFault(name.substr(0, end));
    if (!fault.empty()) return fmt::format("part {} {}", number, fault);
    if (end == std::string_view::npos) return {};
    name.remove_prefix(end + 1);
  }
}

}  // namespace

Result<std::string> CheckListName(std::string_view text) {
  return CheckEntryName(text, "list", kMaxName, "house list");
}

Result<std::string> CheckZone(std::string_view text) {
  std::string zone = ToLower(text);
  if (zone.ends_with('.')) zone.pop_back();
  std::string_view rest = zone;
  const bool keyed = rest.starts_with(kKeyMark) && rest.substr(kKeyMark.size()).starts_with('.');
  if (keyed) rest.remove_prefix(kKeyMark.size() + 1);
  if (rest.find(kKeyMark) != std::string_view::npos) {
    return Bad("has {key} where it cannot be; it is the first part: \"{key}.bl.example.net\"");
  }
  const std::string fault = NameFault(rest);
  if (!fault.empty() || rest.find('.') == std::string_view::npos) {
    return Bad(fmt::format("is no name of a zone, such as \"bl.example.net\": {}",
                           fault.empty() ? "it has one part only" : fault));
  }
  if (zone.size() > kMaxZone) {
    return Bad(
        fmt::format("has {} characters; a zone has at most {}, so that an IPv6 address fits "
                    "in front of it",
                    zone.size(), kMaxZone));
  }
  for (const std::string_view keyed_zone : {".dq.spamhaus.net", ".mail.abusix.zone"}) {
    if (keyed || !zone.ends_with(keyed_zone)) continue;
    return Bad(
        fmt::format("holds your key; keys are kept secret only where they stand by "
                    "themselves: key = \"...\" and zone = \"{{key}}.NAME{}\", or a profile",
                    keyed_zone));
  }
  return zone;
}

Result<std::string> CheckKey(std::string_view text) {
  if (text == kHiddenKey) {
    return Bad("is what is shown in place of a key; put your own key here");
  }
  const std::string_view fault = LabelFault(text);
  if (!fault.empty()) {
    return Bad(
        fmt::format("is one part of a DNS name, this one {}; write the key alone, without "
                    "the zone",
                    fault));
  }
  return ToLower(text);
}

bool LooksLikeKey(std::string_view label) {
  constexpr std::size_t kShortestKey = 16;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return label.size() >= kShortestKey && std::all_of(label.begin(), label.end(), IsAlphanumeric) &&
         std::any_of(label.begin(), label.end(), digit) &&
         !std::all_of(label.begin(), label.end(), digit);
}

Result<std::string> CheckProfileName(std::string_view text) { return ToLower(text); }

Result<std::string> CheckPointV4(std::string_view text) {
  if (text.empty()) return std::string();
  const bool plain = text.find_first_not_of("0123456789.") == std::string_view::npos;
  const auto address = plain ? IpAddress::Parse(text) : std::nullopt;
  if (!address || !address->is_v4()) {
    return Bad(Quoted(text) + " is no IPv4 address, such as \"127.0.0.2\"; \"\" is none");
  }
  const auto& bytes = address->bytes();
  return fmt::format("{}.{}.{}.{}", bytes[3], bytes[2], bytes[1], bytes[0]);
}

Result<std::string> CheckPointV6(std::string_view text) {
  if (text.empty()) return std::string();
  // Not IpAddress, for which ::ffff:7f00:2 is 127.0.0.2; here it is an IPv6 address like others.
  std::array<unsigned char, 16> bytes{};
  const std::string terminated(text);
  if (text.find('\0') != std::string_view::npos ||
      inet_pton(AF_INET6, terminated.c_str(), bytes.data()) != 1) {
    return Bad(Quoted(text) + " is no IPv6 address, such as \"::ffff:7f00:2\"; \"\" is none");
  }
  std::string out;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    if (!out.empty()) out += '.';
    out += {kHex[*byte & 15U], '.', kHex[*byte >> 4U]};
  }
  return out;
}

Result<std::string> CheckPointName(std::string_view text) {
  if (text.empty()) return std::string();
  const std::string fault = NameFault(text);
  if (!fault.empty()) {
    return Bad(
        fmt::format("{} is no name below a zone, such as \"test\": {}", Quoted(text), fault));
  }
  return ToLower(text);
}

std::string PointAddress(std::string_view name) {
  if (name.size() != 2 * kNibbles - 1) {
    const auto reversed = IpAddress::Parse(name);
    if (!reversed) return {};
    const auto& bytes = reversed->bytes();
    return fmt::format("{}.{}.{}.{}", bytes[3], bytes[2], bytes[1], bytes[0]);
  }
  std::array<unsigned char, 16> bytes{};
  for (std::size_t i = 0; i < kNibbles; ++i) {
    const auto nibble =
        static_cast<unsigned char>(kHex.find(name[2 * i]) << (i % 2 == 0 ? 0U : 4U));
    bytes[15 - i / 2] = static_cast<unsigned char>(bytes[15 - i / 2] | nibble);
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

}  // namespace mxward
