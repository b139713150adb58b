// SPDX-License-Identifier: Apache-2.0
#include "dnsbl/query_name.h"

#include "tests/unit/catch.h"
#include "tests/unit/dnsbl/some_list.h"

namespace mxward::dnsbl {
namespace {

IpAddress Ip(const std::string& text) { return IpAddress::Parse(text).value(); }

// In front of the zone; "" when the list is not asked.
std::string InFrontOfZone(const std::optional<std::string>& name) {
  if (!name) return "";
  const std::string tail = ".sekret.bl.example.net";
  REQUIRE(name->size() > tail.size());
  REQUIRE(name->substr(name->size() - tail.size()) == tail);
  return name->substr(0, name->size() - tail.size());
}

TEST_CASE("a client is asked about by its reversed address", "[dnsbl]") {
  const auto [client, asked] = GENERATE(table<std::string, std::string>({
      {"192.0.2.99", "99.2.0.192"},
      {"127.0.0.2", "2.0.0.127"},
      {"255.254.1.0", "0.1.254.255"},
      {"2001:db8:1:2:3:4:567:89ab",
       "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2"},
      {"::", "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"},
      // There is one form of each client.
      {"::ffff:192.0.2.99", "99.2.0.192"},
  }));
  CAPTURE(client);
  CHECK(InFrontOfZone(QueryName(ClientList(), Ip(client))) == asked);
}

TEST_CASE("a list is not asked about a family that it does not know", "[dnsbl]") {
  DnsblConfig list = ClientList();
  const bool ipv4 = GENERATE(false, true);
  const bool ipv6 = GENERATE(false, true);
  list.ipv4 = ipv4;
  list.ipv6 = ipv6;
  CHECK(QueryName(list, Ip("192.0.2.1")).has_value() == ipv4);
  CHECK(QueryName(list, Ip("2001:db8::1")).has_value() == ipv6);
}

TEST_CASE("a name is asked about in lower case and without a trailing dot", "[dnsbl]") {
  const auto [name, asked] = GENERATE(table<std::string, std::string>({
      {"spammer.example", "spammer.example"},
      {"Mail.Spammer.EXAMPLE.", "mail.spammer.example"},
      {"xn--mnchen-3ya.example", "xn--mnchen-3ya.example"},
      {"_dmarc.example.org", "_dmarc.example.org"},
      {"192-0-2-1.pool.example", "192-0-2-1.pool.example"},
      {"1.2.0.192.in-addr.arpa", "1.2.0.192.in-addr.arpa"},
      {"163.com", "163.com"},
      {"example.xn--p1ai", "example.xn--p1ai"},
  }));
  CAPTURE(name);
  CHECK(InFrontOfZone(QueryName(NameList(), name)) == asked);
}

TEST_CASE("what is no name of two labels is never asked", "[dnsbl]") {
  const std::string name = GENERATE(values<std::string>({
      "",
      ".",
      "localhost",
      "localhost.",
      "192.0.2.1",
      "192.0.2.1.",
      "[192.0.2.1]",
      "[IPv6:2001:db8::1]",
      "2001:db8::1",
      "192.0.2",
      "mail.example.12",
      "3221225985",
      "a..example",
      ".example.org",
      "example.org..",
      "two words.example",
      "back\\slash.example",
      "semi;colon.example",
      "m\xc3\xbcnchen.example",
      std::string("nul\0.example", 12),
      std::string("mail.example\n", 13),
      std::string(64, 'a') + ".example",
      "*.example",
  }));
  CAPTURE(name);
  CHECK_FALSE(QueryName(NameList(), name).has_value());
}

TEST_CASE("a label may have 63 bytes", "[dnsbl]") {
  CHECK(QueryName(NameList(), std::string(63, 'a') + ".example"));
}

TEST_CASE("a name is asked as long as it has 253 bytes with the zone", "[dnsbl]") {
  const DnsblConfig list = NameList();
  const std::string label = std::string(49, 'a') + ".";
  // 200 bytes, then what is left without the dot in front of the zone.
  std::string name = label + label + label + label;
  name += std::string(253 - 200 - 1 - list.zone.size(), 'b');
  REQUIRE(QueryName(list, name));
  CHECK(QueryName(list, name)->size() == 253);
  CHECK(QueryName(list, name + ".") == QueryName(list, name));
  CHECK_FALSE(QueryName(list, name + "b"));
}

TEST_CASE("a zone that is too long for 32 nibbles is asked about IPv4 only", "[dnsbl]") {
  DnsblConfig list = ClientList();
  // 63 bytes of nibbles, a dot, 189 bytes of zone.
  list.zone =
      std::string(60, 'a') + "." + std::string(60, 'b') + "." + std::string(60, 'c') + ".example";
  list.zone.resize(189, 'x');
  REQUIRE(QueryName(list, Ip("2001:db8::1")));
  CHECK(QueryName(list, Ip("2001:db8::1"))->size() == 253);
  list.zone += 'x';
  CHECK_FALSE(QueryName(list, Ip("2001:db8::1")));
  CHECK(QueryName(list, Ip("192.0.2.1")));
}

}  // namespace
}  // namespace mxward::dnsbl
