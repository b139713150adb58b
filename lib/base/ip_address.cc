// SPDX-License-Identifier: Apache-2.0
#include "base/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>

namespace mxward {
namespace {

bool StartsWithNoCase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(),
                    [](char a, char b) { return (a | 0x20) == (b | 0x20); });
}

// inet_ntop() prints this form with sprintf(), at ten times the cost.
std::string DottedQuad(const std::array<std::uint8_t, 16>& bytes) {
  char buffer[INET_ADDRSTRLEN];
  char* end = buffer;
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0) *end++ = '.';
    end = std::to_chars(end, std::end(buffer), bytes[i]).ptr;
  }
  return std::string(buffer, end);
}

}  // namespace

IpAddress IpAddress::V4(std::uint32_t host_order) {
  IpAddress result;
  for (int i = 0; i < 4; ++i) {
    result.bytes_[static_cast<std::size_t>(i)] =
        static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  }
  return result;
}

IpAddress IpAddress::V6(const std::array<std::uint8_t, 16>& bytes) {
  static constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255};
  IpAddress result;
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
    std::copy(bytes.begin() + 12, bytes.end(), result.bytes_.begin());
  } else {
    result.family_ = Family::kV6;
    result.bytes_ = bytes;
  }
  return result;
}

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  if (StartsWithNoCase(text, "IPv6:")) text.remove_prefix(5);
  char buffer[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof buffer || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, buffer, bytes.data()) == 1) {
    IpAddress result;
    result.bytes_ = bytes;
    return result;
  }
  if (inet_pton(AF_INET6, buffer, bytes.data()) == 1) return V6(bytes);
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::FromSockaddr(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  if (address->sa_family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, address, sizeof in);
    return V4(ntohl(in.sin_addr.s_addr));
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 in6;
    std::memcpy(&in6, address, sizeof in6);
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &in6.sin6_addr, bytes.size());
    return V6(bytes);
  }
  return std::nullopt;
}

std::uint32_t IpAddress::v4() const {
  return (std::uint32_t{bytes_[0]} << 24) | (std::uint32_t{bytes_[1]} << 16) |
         (std::uint32_t{bytes_[2]} << 8) | std::uint32_t{bytes_[3]};
}

std::string IpAddress::ToString() const {
  if (is_v4()) return DottedQuad(bytes_);
  char buffer[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, bytes_.data(), buffer, sizeof buffer);
  return buffer;
}

bool IpAddress::IsLoopback() const {
  if (is_v4()) return bytes_[0] == 127;
  return std::all_of(bytes_.begin(), bytes_.end() - 1, [](auto b) { return b == 0; }) &&
         bytes_[15] == 1;
}

bool IpAddress::IsPrivate() const {
  if (IsLoopback()) return true;
  if (!is_v4()) {
    return (bytes_[0] & 0xfe) == 0xfc || (bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80);
  }
  const std::uint32_t ip = v4();
  return (ip >> 24) == 10 || (ip >> 20) == ((172 << 4) | 1) || (ip >> 16) == ((192 << 8) | 168) ||
         (ip >> 16) == ((169 << 8) | 254) || (ip >> 22) == ((100 << 2) | 1);
}

Prefix::Prefix(const IpAddress& address, int length) : length_(length) {
  std::array<std::uint8_t, 16> bytes = address.bytes();
  const int bits = address.bits();
  for (int bit = length; bit < bits; ++bit) {
    bytes[static_cast<std::size_t>(bit / 8)] &= static_cast<std::uint8_t>(~(0x80 >> (bit % 8)));
  }
  if (address.is_v4()) {
    address_ = IpAddress::V4((std::uint32_t{bytes[0]} << 24) | (std::uint32_t{bytes[1]} << 16) |
                             (std::uint32_t{bytes[2]} << 8) | bytes[3]);
  } else {
    address_ = IpAddress::V6(bytes);
  }
}

Result<Prefix> Prefix::Parse(std::string_view text) {
  const std::string quoted = "\"" + std::string(text) + "\"";
  const auto slash = text.find('/');
  const auto address = IpAddress::Parse(text.substr(0, slash));
  if (!address) return Fail(ErrorCode::kInvalid, quoted + " is not a valid IP address or prefix");
  if (slash == std::string_view::npos) return Prefix(*address, address->bits());
  const std::string_view digits = text.substr(slash + 1);
  int length = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (error != std::errc() || end != digits.data() + digits.size() || length < 0 ||
      length > address->bits()) {
    return Fail(ErrorCode::kInvalid, quoted + ": the length after the slash must be 0 to " +
                                         std::to_string(address->bits()));
  }
  const Prefix prefix(*address, length);
  if (prefix.address() != *address) {
    return Fail(ErrorCode::kInvalid, quoted +
                                         " has bits set beyond its prefix length; did you mean \"" +
                                         prefix.ToString() + "\"?");
  }
  return prefix;
}

bool Prefix::Contains(const IpAddress& address) const {
  return address.family() == address_.family() && Prefix(address, length_).address_ == address_;
}

std::string Prefix::ToString() const {
  return IsHost() ? address_.ToString() : address_.ToString() + "/" + std::to_string(length_);
}

}  // namespace mxward
