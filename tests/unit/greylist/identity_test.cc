// SPDX-License-Identifier: Apache-2.0
#include "greylist/identity.h"

#include <set>
#include <string>

#include "base/client_network.h"
#include "catch.h"
#include "tests/fake/test_config.h"

namespace mxward::greylist {
namespace {

constexpr HashKey kKey = {1, 2, 3};

SessionFacts From(const std::string& address, NameClass name_class = NameClass::kGood) {
  SessionFacts facts;
  facts.client = *IpAddress::Parse(address);
  facts.name_class = name_class;
  return facts;
}

Identities Of(const SessionFacts& facts, const GreylistConfig& config = TestConfig().greylist) {
  return IdentitiesOf(facts, "example.org", config, kKey);
}

TEST_CASE("a client is known by its name, its network and itself", "[greylist]") {
  const Identities got = Of(From("192.0.2.7"));
  CHECK(got.name == "example.org");
  CHECK(got.name_hash == HashName(kKey, "example.org"));
  CHECK(got.network.ToString() == "192.0.2.0/24");
  CHECK(got.client.ToString() == "192.0.2.7");
  CHECK(got.network_hash != got.client_hash);
}

TEST_CASE("only a verified name that is not dynamic is an identity", "[greylist]") {
  const NameClass name_class = GENERATE(NameClass::kUnknown, NameClass::kNone, NameClass::kForged,
                                        NameClass::kTempfail, NameClass::kDynamic);
  const Identities got = Of(From("192.0.2.7", name_class));
  CHECK(got.name.empty());
  CHECK(got.name_hash == 0);
}

TEST_CASE("a name without an organisation is no identity", "[greylist]") {
  const Identities got = IdentitiesOf(From("192.0.2.7"), "", TestConfig().greylist, kKey);
  CHECK(got.name_hash == 0);
}

TEST_CASE("networks are as wide as the config says", "[greylist]") {
  const auto [address, v4, v6, network] = GENERATE(table<std::string, int, int, std::string>({
      {"192.0.2.7", 24, 64, "192.0.2.0/24"},
      {"192.0.2.7", 32, 64, "192.0.2.7"},
      {"192.0.2.7", 8, 64, "192.0.0.0/8"},
      {"2001:db8:1:2:3:4:5:6", 24, 64, "2001:db8:1:2::/64"},
      {"2001:db8:1:2:3:4:5:6", 24, 48, "2001:db8:1::/48"},
      {"2001:db8:1:2:3:4:5:6", 24, 128, "2001:db8:1:2:3:4:5:6"},
      {"::ffff:192.0.2.7", 24, 64, "192.0.2.0/24"},
  }));
  GreylistConfig config = TestConfig().greylist;
  config.network_v4 = v4;
  config.network_v6 = v6;
  CHECK(Of(From(address), config).network.ToString() == network);
}

TEST_CASE("an IPv6 client is its /64", "[greylist]") {
  CHECK(ClientNetwork(*IpAddress::Parse("2001:db8:1:2:3:4:5:6")).ToString() == "2001:db8:1:2::/64");
  CHECK(Of(From("2001:db8::1")).client_hash == Of(From("2001:db8::ffff:1")).client_hash);
  CHECK(Of(From("2001:db8::1")).client_hash != Of(From("2001:db8:0:1::1")).client_hash);
}

TEST_CASE("identities that are turned off are not there", "[greylist]") {
  GreylistConfig config = TestConfig().greylist;
  config.identity_network = false;
  CHECK(Of(From("192.0.2.7"), config).network.ToString() == "192.0.2.7");
  CHECK(Of(From("192.0.2.7"), config).network_hash == Of(From("192.0.2.7"), config).client_hash);
  config.identity_name = false;
  CHECK(Of(From("192.0.2.7"), config).name_hash == 0);
}

TEST_CASE("holders share what their networks share", "[greylist]") {
  const auto of = [](const char* address) { return HolderOf(kKey, *IpAddress::Parse(address)); };
  CHECK(of("192.0.2.7").client == Of(From("192.0.2.7")).client_tag());
  CHECK(of("192.0.2.8").network == of("192.0.2.7").network);
  CHECK(of("192.0.2.8").client != of("192.0.2.7").client);
  CHECK(of("192.0.3.7").wide == of("192.0.2.7").wide);
  CHECK(of("192.0.3.7").network != of("192.0.2.7").network);
  CHECK(of("192.1.2.7").wide != of("192.0.2.7").wide);
  CHECK(of("2001:db8:1:2::1") == of("2001:db8:1:2:3::1"));
  CHECK(of("2001:db8:1:3::1").network == of("2001:db8:1:2::1").network);
  CHECK(of("2001:db8:2::1").wide == of("2001:db8:1::1").wide);
  CHECK(of("2001:db8:2::1").network != of("2001:db8:1::1").network);
  CHECK(of("2001:db9::1").wide != of("2001:db8::1").wide);
  CHECK(HolderOf(HashKey{9}, *IpAddress::Parse("192.0.2.7")).wide != of("192.0.2.7").wide);
}

TEST_CASE("hashes differ by kind, length, key and every byte", "[greylist]") {
  std::set<std::uint64_t> seen;
  const auto add = [&seen](std::uint64_t hash) { return seen.insert(hash).second; };
  CHECK(add(HashName(kKey, "example.org")));
  CHECK(add(HashName(kKey, "example.orh")));
  CHECK(add(HashName(HashKey{9}, "example.org")));
  CHECK(add(HashPrefix(kKey, *Prefix::Parse("192.0.2.0/24"))));
  CHECK(add(HashPrefix(kKey, *Prefix::Parse("192.0.2.0/25"))));
  CHECK(add(HashPrefix(kKey, *Prefix::Parse("192.0.2.0"))));
  CHECK(add(HashPrefix(kKey, *Prefix::Parse("c000:200::/24"))));
  CHECK(add(HashAddresses(kKey, "a@x", "b@y")));
  CHECK(add(HashAddresses(kKey, "b@y", "a@x")));
  CHECK(add(HashAddresses(kKey, "", "b@y")));
  CHECK(add(HashAddresses(kKey, "b@y", "")));
  CHECK(add(HashAddresses(kKey, "a@xb", "@y")));
  CHECK(add(HashAddresses(kKey, std::string("a\0", 2), "b")));
}

}  // namespace
}  // namespace mxward::greylist
