// SPDX-License-Identifier: Apache-2.0
#include "dnsbl/query_name.h"

#include <algorithm>
#include <cstddef>

#include "dns/question.h"

namespace mxward::dnsbl {
namespace {

constexpr std::size_t kMaxName = 253;  // RFC 1035 2.3.4, as text

// room: for what will follow.
std::string ReversedOctets(const IpAddress& client, std::size_t room) {
  const auto& bytes = client.bytes();
  // Written by hand: it is done for every list and client.
  std::string name;
  name.reserve(15 + room);
  for (std::size_t i = 4; i-- > 0;) {
    const unsigned octet = bytes[i];
    if (octet >= 100) name += static_cast<char>('0' + octet / 100);
    if (octet >= 10) name += static_cast<char>('0' + octet / 10 % 10);
    name += static_cast<char>('0' + octet % 10);
    if (i > 0) name += '.';
  }
  return name;
}

// RFC 5782 2.4.
std::string ReversedNibbles(const IpAddress& client, std::size_t room) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string name;
  name.reserve(63 + room);
  for (auto byte = client.bytes().rbegin(); byte != client.bytes().rend(); ++byte) {
    if (!name.empty()) name += '.';
    name += kDigits[*byte & 0xfU];
    name += '.';
    name += kDigits[*byte >> 4U];
  }
  return name;
}

std::optional<std::string> BelowZone(std::string name, const DnsblConfig& list) {
  if (name.size() + 1 + list.zone.size() > kMaxName) return std::nullopt;
  name += '.';
  name += list.zone;
  return name;
}

bool IsDigits(std::string_view label) {
  return std::all_of(label.begin(), label.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<std::string> QueryName(const DnsblConfig& list, const IpAddress& client) {
  const std::size_t room = 1 + list.zone.size();
  if (client.is_v4()) {
    return list.ipv4 ? BelowZone(ReversedOctets(client, room), list) : std::nullopt;
  }
  return list.ipv6 ? BelowZone(ReversedNibbles(client, room), list) : std::nullopt;
}

std::optional<std::string> QueryName(const DnsblConfig& list, std::string_view name) {
  auto clean = dns::CleanName(name);
  if (!clean) return std::nullopt;
  const auto last_dot = clean->rfind('.');
  if (last_dot == std::string::npos) return std::nullopt;
  if (IsDigits(std::string_view(*clean).substr(last_dot + 1))) return std::nullopt;
  return BelowZone(std::move(*clean), list);
}

std::optional<std::string> PointName(const DnsblConfig& list, std::string_view point) {
  return BelowZone(std::string(point), list);
}

std::string ReverseName(const IpAddress& client) {
  constexpr std::string_view kV4 = ".in-addr.arpa";
  constexpr std::string_view kV6 = ".ip6.arpa";
  std::string name =
      client.is_v4() ? ReversedOctets(client, kV4.size()) : ReversedNibbles(client, kV6.size());
  name += client.is_v4() ? kV4 : kV6;
  return name;
}

}  // namespace mxward::dnsbl
