// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

struct sockaddr;

namespace mxward {

// An IPv4 or IPv6 address. A v4-mapped IPv6 address (::ffff:192.0.2.1) is the IPv4 address: there
// is one form of each client, whatever socket it came through. Value type.
class IpAddress {
 public:
  enum class Family : std::uint8_t { kV4, kV6 };

  IpAddress() = default;  // 0.0.0.0
  static IpAddress V4(std::uint32_t host_order);
  static IpAddress V6(const std::array<std::uint8_t, 16>& bytes);
  // "192.0.2.1", "2001:db8::1", "IPv6:2001:db8::1", "[192.0.2.1]"; no port, no zone, no spaces.
  static std::optional<IpAddress> Parse(std::string_view text);
  // Nothing for a null pointer and for families other than AF_INET and AF_INET6.
  static std::optional<IpAddress> FromSockaddr(const sockaddr* address);

  Family family() const { return family_; }
  bool is_v4() const { return family_ == Family::kV4; }
  int bits() const { return is_v4() ? 32 : 128; }
  // Network order; only the first 4 count for IPv4.
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes_.data()), is_v4() ? 4U : 16U};
  }
  std::uint32_t v4() const;  // REQUIRES: is_v4()

  // RFC 5952 text for IPv6.
  std::string ToString() const;

  bool IsLoopback() const;
  // RFC 1918, RFC 6598 (carrier NAT), link-local and unique local: an address that says nothing
  // about a host of the Internet.
  bool IsPrivate() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  Family family_ = Family::kV4;
  std::array<std::uint8_t, 16> bytes_{};
};

// A network: an address whose bits beyond the length are zero.
class Prefix {
 public:
  Prefix() = default;  // 0.0.0.0/0
  // Clears the bits beyond length. REQUIRES: 0 <= length <= address.bits()
  Prefix(const IpAddress& address, int length);
  // "192.0.2.0/24", "2001:db8::/32", or an address alone. Refuses bits beyond the length, because
  // "192.0.2.7/24" is more often a slip than a network.
  static Result<Prefix> Parse(std::string_view text);

  const IpAddress& address() const { return address_; }
  int length() const { return length_; }
  bool Contains(const IpAddress& address) const;
  bool IsHost() const { return length_ == address_.bits(); }
  // "192.0.2.0/24"; a host prefix is written without its length.
  std::string ToString() const;

  auto operator<=>(const Prefix&) const = default;

 private:
  IpAddress address_;
  int length_ = 0;
};

}  // namespace mxward
