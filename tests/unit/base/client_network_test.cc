// SPDX-License-Identifier: Apache-2.0
#include "base/client_network.h"

#include <random>

#include "catch.h"

namespace mxward {
namespace {

IpAddress Address(std::string_view text) { return IpAddress::Parse(text).value(); }
Prefix Network(std::string_view text) { return Prefix::Parse(text).value(); }

// RFC 6052 2.2: an IPv4 address in a translator's network.
IpAddress Translated(const Prefix& network, const IpAddress& v4) {
  auto bytes = network.address().bytes();
  std::size_t at = static_cast<std::size_t>(network.length()) / 8;
  for (std::size_t i = 0; i < 4; ++i, ++at) {
    if (network.length() < 96 && at == 8) ++at;
    bytes[at] = v4.bytes()[i];
  }
  return IpAddress::V6(bytes);
}

}  // namespace

TEST_CASE("a client is known by one address", "[base]") {
  // The examples of RFC 6052 2.4.
  const std::vector<Prefix> nat64 = {
      Network("2001:db8::/32"),         Network("2001:db8:100::/40"),
      Network("2001:db8:122::/48"),     Network("2001:db8:122:300::/56"),
      Network("2001:db8:122:344::/64"), Network("2001:db8:122:344::/96")};
  const std::vector<std::pair<std::string, std::size_t>> rows = {
      {"2001:db8:c000:221::", 0},          {"2001:db8:1c0:2:21::", 1},
      {"2001:db8:122:c000:2:2100::", 2},   {"2001:db8:122:3c0:0:221::", 3},
      {"2001:db8:122:344:c0:2:2100::", 4}, {"2001:db8:122:344::192.0.2.33", 5}};
  for (const auto& [text, which] : rows) {
    CAPTURE(text);
    CHECK(ClientAddress(Address(text), {&nat64[which], 1}) == Address("192.0.2.33"));
    CHECK(ClientAddress(Address(text), {}) == Address(text));
    CHECK(Translated(nat64[which], Address("192.0.2.33")) == Address(text));
  }
  CHECK(ClientAddress(Address("64:ff9b::192.0.2.33"), {}) == Address("192.0.2.33"));
  CHECK(ClientAddress(Address("::ffff:192.0.2.33"), {}) == Address("192.0.2.33"));
  CHECK(ClientAddress(Address("192.0.2.33"), {}) == Address("192.0.2.33"));
  CHECK(ClientAddress(Address("64:ff9b:1::192.0.2.33"), {}) == Address("64:ff9b:1::192.0.2.33"));
  // Bits 64 to 71 are zero.
  CHECK(ClientAddress(Address("2001:db8:c000:221:100::"), {nat64.data(), 1}) ==
        Address("2001:db8:c000:221:100::"));
}

TEST_CASE("no address of a translator is a private one, or this machine", "[base]") {
  for (const std::string v4 : {"127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.0.1", "100.64.0.1",
                               "0.0.0.0", "224.0.0.1", "255.255.255.255"}) {
    CAPTURE(v4);
    const IpAddress told = Address("64:ff9b::" + v4);
    CHECK(ClientAddress(told, {}) == told);
  }
  // A site's own may stand for its private network, but not for the machine itself.
  const std::vector<Prefix> own = {Network("2001:db8:64::/96")};
  CHECK(ClientAddress(Address("2001:db8:64::10.0.0.1"), own) == Address("10.0.0.1"));
  CHECK_FALSE(ClientAddress(Address("2001:db8:64::127.0.0.1"), own).is_v4());
}

TEST_CASE("a translator's prefix is one of IPv4, or of nobody", "[base]") {
  const std::vector<Prefix> own = {Network("2001:db8:64::/56")};
  CHECK(ClientPrefix(Network("64:ff9b::192.0.2.0/120"), {}) == Network("192.0.2.0/24"));
  CHECK(ClientPrefix(Network("64:ff9b::192.0.2.7"), {}) == Network("192.0.2.7"));
  CHECK(ClientPrefix(Network("192.0.2.0/24"), own) == Network("192.0.2.0/24"));
  CHECK(ClientPrefix(Network("2001:db8::/32"), own) == Network("2001:db8::/32"));
  CHECK(ClientPrefix(Network("2001:db8:64:c0::/64"), own) == Network("192.0.0.0/8"));
  CHECK(ClientPrefix(Network("2001:db8:64:c0:0:200::/88"), own) == Network("192.0.2.0/24"));
  CHECK(IsOfTranslator(Network("64:ff9b::/96"), {}));
  CHECK(IsOfTranslator(Network("64:ff9b::10.0.0.0/104"), {}));
  CHECK_FALSE(IsOfTranslator(Network("64:ff9b::192.0.2.0/120"), {}));
  CHECK_FALSE(IsOfTranslator(Network("64:ff9b::/64"), {}));
  CHECK_FALSE(IsOfTranslator(Network("::/0"), {}));
  CHECK_FALSE(IsOfTranslator(Network("0.0.0.0/0"), {}));
}

TEST_CASE("an address in a prefix is in the prefix that it is known by", "[base]") {
  const std::uint32_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const std::vector<Prefix> all = {Network("64:ff9b::/96"),          Network("2001:db8::/32"),
                                   Network("2001:db8:100::/40"),     Network("2001:db8:122::/48"),
                                   Network("2001:db8:122:300::/56"), Network("2001:db8:1:2::/64"),
                                   Network("2001:db8:1:2:0:3::/96")};
  for (int i = 0; i < 20000; ++i) {
    const Prefix& network = all[random() % all.size()];
    const IpAddress v4 =
        IpAddress::V4(0xc0000000 | (static_cast<std::uint32_t>(random()) & 0xffff));
    const IpAddress told = Translated(network, v4);
    const std::vector<Prefix> nat64 = {network};
    REQUIRE(ClientAddress(told, nat64) == v4);
    const int more = 1 + static_cast<int>(random() % static_cast<unsigned>(128 - network.length()));
    const Prefix prefix(told, network.length() + more);
    CAPTURE(prefix.ToString());
    const Prefix known = ClientPrefix(prefix, nat64);
    if (known.address().is_v4()) {
      REQUIRE(known.Contains(v4));
    } else {
      REQUIRE(IsOfTranslator(prefix, nat64));
    }
  }
}

TEST_CASE("one client is an address, or an IPv6 /64", "[base]") {
  CHECK(ClientNetwork(Address("192.0.2.1")) == Network("192.0.2.1"));
  CHECK(ClientNetwork(Address("2001:db8:1:2:3::4")) == Network("2001:db8:1:2::/64"));
}

}  // namespace mxward
