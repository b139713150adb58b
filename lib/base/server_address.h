// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "base/result.h"

namespace mxward {

// Where a DNS server listens, over UDP and TCP. Value type.
struct ServerAddress {
  static constexpr std::uint16_t kDnsPort = 53;

  IpAddress address;
  std::uint16_t port = kDnsPort;

  // "192.0.2.1:53", "[2001:db8::1]:53": always with the port.
  std::string ToString() const;
  auto operator<=>(const ServerAddress&) const = default;
};

// "192.0.2.1", "127.0.0.1:5353", "::1", "[::1]", "[::1]:53"; without a port it is 53. Host names
// are refused: finding their address would take the server that is looked for. The message
// completes "dns.servers: ...".
Result<ServerAddress> ParseServerAddress(std::string_view text);

}  // namespace mxward
