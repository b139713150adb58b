// SPDX-License-Identifier: Apache-2.0
#include "base/client_network.h"

#include <algorithm>
#include <array>
#include <optional>

namespace mxward {
namespace {

constexpr std::array<int, 6> kLengths = {32, 40, 48, 56, 64, 96};
constexpr std::size_t kReservedByte = 8;  // bits 64 to 71, which are zero (RFC 6052 2.2)
constexpr int kReservedBits = 64;

const Prefix& WellKnown() {
  static const Prefix prefix(
      IpAddress::V6({0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), 96);
  return prefix;
}

// The translator's network that it is in.
const Prefix* TranslatorOf(const IpAddress& address, std::span<const Prefix> nat64) {
  if (address.is_v4()) return nullptr;
  if (WellKnown().Contains(address)) return &WellKnown();
  const auto found = std::find_if(nat64.begin(), nat64.end(), [&](const Prefix& prefix) {
    return IsNat64Length(prefix.length()) && prefix.Contains(address);
  });
  return found == nat64.end() ? nullptr : &*found;
}

// Nothing for what no translator makes: the reserved bits are in use, or the address is that of a
// machine itself, or one that the well-known prefix must not stand for (RFC 6052 3.1). Else whoever
// can choose an address in 64:ff9b::/96 would be of a trusted network.
std::optional<IpAddress> Embedded(const IpAddress& address, const Prefix& translator) {
  const int length = translator.length();
  const auto& bytes = address.bytes();
  if (length < 96 && bytes[kReservedByte] != 0) return std::nullopt;
  std::uint32_t v4 = 0;
  std::size_t at = static_cast<std::size_t>(length) / 8;
  for (int i = 0; i < 4; ++i, ++at) {
    if (length < 96 && at == kReservedByte) ++at;
    v4 = (v4 << 8) | bytes[at];
  }
  const IpAddress embedded = IpAddress::V4(v4);
  const std::uint32_t first = v4 >> 24;
  if (embedded.IsLoopback() || first == 0 || first >= 224) return std::nullopt;
  if (embedded.IsPrivate() && translator == WellKnown()) return std::nullopt;
  return embedded;
}

// How many of the first `bits` are of the IPv4 address; negative: none.
int EmbeddedBits(int bits, int length) {
  if (length <= kReservedBits && bits > kReservedBits) bits = std::max(kReservedBits, bits - 8);
  return std::min(bits - length, 32);
}

}  // namespace

bool IsNat64Length(int length) {
  return std::find(kLengths.begin(), kLengths.end(), length) != kLengths.end();
}

IpAddress ClientAddress(const IpAddress& address, std::span<const Prefix> nat64) {
  const Prefix* translator = TranslatorOf(address, nat64);
  if (translator == nullptr) return address;
  return Embedded(address, *translator).value_or(address);
}

Prefix ClientPrefix(const Prefix& prefix, std::span<const Prefix> nat64) {
  const Prefix* translator = TranslatorOf(prefix.address(), nat64);
  if (translator == nullptr) return prefix;
  const int bits = EmbeddedBits(prefix.length(), translator->length());
  const auto embedded = Embedded(prefix.address(), *translator);
  if (bits <= 0 || !embedded) return prefix;
  return Prefix(*embedded, bits);
}

bool IsOfTranslator(const Prefix& prefix, std::span<const Prefix> nat64) {
  const Prefix* translator = TranslatorOf(prefix.address(), nat64);
  return translator != nullptr && prefix.length() >= translator->length() &&
         !ClientPrefix(prefix, nat64).address().is_v4();
}

std::string OfTranslatorText(const Prefix& prefix) {
  return prefix.ToString() +
         " belongs to a NAT64 translator, whose clients are identified by their IPv4 addresses: "
         "use those";
}

Prefix ClientNetwork(const IpAddress& client) { return Prefix(client, client.is_v4() ? 32 : 64); }

}  // namespace mxward
