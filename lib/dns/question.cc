// SPDX-License-Identifier: Apache-2.0
#include "dns/question.h"

#include "base/text.h"
#include "dns/wire.h"

namespace mxward::dns {
namespace {

constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxName = 253;

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

}  // namespace

std::optional<std::string> CleanName(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > kMaxName) return std::nullopt;
  std::string name = ToLower(text);
  std::size_t label = 0;
  for (const char c : name) {
    if (c == '.') {
      if (label == 0) return std::nullopt;
      label = 0;
    } else if (!IsPlainNameByte(c) || ++label > kMaxLabel) {
      return std::nullopt;
    }
  }
  if (label == 0) return std::nullopt;
  return name;
}

std::string ReversedAddress(const IpAddress& address, std::size_t room) {
  return address.is_v4() ? ReversedOctets(address, room) : ReversedNibbles(address, room);
}

std::string ReverseName(const IpAddress& address) {
  const std::string_view zone = address.is_v4() ? ".in-addr.arpa" : ".ip6.arpa";
  std::string name = ReversedAddress(address, zone.size());
  name += zone;
  return name;
}

}  // namespace mxward::dns
