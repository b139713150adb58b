// SPDX-License-Identifier: Apache-2.0
#include "dnsbl/query_name.h"

#include <algorithm>
#include <cstddef>

#include "dns/question.h"

namespace mxward::dnsbl {
namespace {

constexpr std::size_t kMaxName = 253;  // RFC 1035 2.3.4, as text

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
    return list.ipv4 ? BelowZone(dns::ReversedAddress(client, room), list) : std::nullopt;
  }
  return list.ipv6 ? BelowZone(dns::ReversedAddress(client, room), list) : std::nullopt;
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

}  // namespace mxward::dnsbl
