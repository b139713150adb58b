// SPDX-License-Identifier: Apache-2.0
#include "clients/dynamic_name.h"

#include <random>
#include <string>
#include <vector>

#include "tests/unit/catch.h"

namespace mxward {
namespace {

struct NameRow {
  const char* name;
  const char* client;
  const char* why;
};

void CheckNames(const std::vector<NameRow>& rows, bool dynamic) {
  for (const NameRow& row : rows) {
    CAPTURE(row.name, row.client, row.why);
    const auto client = IpAddress::Parse(row.client);
    REQUIRE(client.has_value());
    CHECK(LooksDynamic(row.name, *client) == dynamic);
  }
}

TEST_CASE("a name that carries its IPv4 address looks dynamic", "[clients]") {
  CheckNames(
      {
          {"c-203-0-113-77.hsd1.il.example.net", "203.0.113.77", "dashes, in order"},
          {"203.0.113.77.example.net", "203.0.113.77", "dots, in order"},
          {"77.113.0.203.example.net", "203.0.113.77", "dots, reversed"},
          {"host-203_0_113_77.example.net", "203.0.113.77", "underscores"},
          {"77-113-0-203.example.net", "203.0.113.77", "dashes, reversed"},
          {"77.red-203-0-113.staticip.example.net", "203.0.113.77", "last octet in front"},
          {"203-0-113.77.example.net", "203.0.113.77", "mixed joining"},
          {"c203n0h113x77.example.net", "203.0.113.77", "letters between the octets"},
          {"ip203.0.113.example.net", "203.0.113.77", "three octets of four"},
          {"h77-113-203.example.net", "203.0.113.77", "any three octets, in any order"},
          {"host-203-000-113-077.example.net", "203.0.113.77", "zero-padded"},
          {"203000113077.example.net", "203.0.113.77", "zero-padded and run together"},
          {"ip-077113000203.example.net", "203.0.113.77", "the same, reversed"},
          {"p20311377.example.net", "203.113.77.8", "three octets run together, not padded"},
          {"host77-113.range203113.example.net", "203.113.113.77", "an octet that occurs twice"},
          {"pcb0071.example.net", "203.0.113.77", "three octets in hexadecimal, behind letters"},
          {"pcb00714d.dip0.example.net", "203.0.113.77", "the whole address in hexadecimal"},
          {"cb00-714d.example.net", "203.0.113.77", "hexadecimal in halves"},
          {"4d7100cb.example.net", "203.0.113.77", "hexadecimal, reversed"},
          {"CB-00-71-4D.example.net", "203.0.113.77", "hexadecimal by octets, in capitals"},
          {"x.4d-71-0.example.net", "203.0.113.77", "three hexadecimal octets, not padded"},
          {"h3405803853.example.net", "203.0.113.77", "one decimal number"},
          {"1299251403.example.net", "203.0.113.77", "one decimal number, in the other byte order"},
          {"ec2-203-0-113-77.compute-1.amazonaws.com", "203.0.113.77",
           "a rented machine's own name"},
          {"static.203.0.113.77.clients.example.net", "203.0.113.77",
           "static says nothing on mail"},
          {"vps-203-0-113-77.example.co.uk", "203.0.113.77", "a suffix of two labels"},
          {"host-5-2-3-4.isp.ru", "5.2.3.4", "small octets, but all four"},
          {"c-203-0-113-77.example.net.", "203.0.113.77", "an absolute name"},
      },
      true);
}

TEST_CASE("a pool word and a part of the address make a name look dynamic", "[clients]") {
  CheckNames(
      {
          {"dsl77.example.net", "203.0.113.77", "access word and last octet"},
          {"ppp-77.example.net", "203.0.113.77", "another"},
          {"adsl2plus-203.example.net", "203.0.113.77", "the word ends at a digit"},
          {"77.dyn.pop3.example.net", "203.0.113.77", "in labels of their own"},
          {"113-77.dhcp.example.net", "203.0.113.77", "two octets"},
          {"077.cable.example.net", "203.0.113.77", "a padded octet"},
          {"dynamicip-77.example.net", "203.0.113.77", "two pool words written as one"},
          {"pool77.example.net", "203.0.113.77", "pool"},
          {"cust-77.example.net", "203.0.113.77", "customers"},
          {"host113-77.example.net", "203.0.113.77", "host wants two octets"},
          {"ip-113-77.example.net", "203.0.113.77", "and so does ip"},
          {"host203-113.example.net", "203.0.113.77", "any two"},
          {"mail.dsl-77.example.net", "203.0.113.77", "an access line that calls itself mail"},
          {"smtp.203-0-113-77.adsl.example.net", "203.0.113.77", "the same with the whole address"},
      },
      true);
}

TEST_CASE("a name that carries its IPv6 address looks dynamic", "[clients]") {
  CheckNames(
      {
          {"2001-db8-1234-5678-9abc-def0-1111-2222.example.net",
           "2001:db8:1234:5678:9abc:def0:1111:2222", "all groups"},
          {"ipv6-2001-db8-1234-5678.example.net", "2001:db8:1234:5678::1", "the network's groups"},
          {"2001-0db8-1234-0567-0-0-0-1.example.net", "2001:db8:1234:567::1", "padded or not"},
          {"2222.1111.def0.9abc.example.net", "2001:db8::9abc:def0:1111:2222", "groups reversed"},
          {"p20010DB8123456789ABCDEF011112222.dip0.example.net",
           "2001:db8:1234:5678:9abc:def0:1111:2222", "run together, in capitals"},
          {"9abc-def0-1111-2222.example.net", "2001:db8::9abc:def0:1111:2222",
           "the interface half by groups"},
          {"h9abcdef011112222.example.net", "2001:db8::9abc:def0:1111:2222",
           "the interface half run together"},
          {"2.2.2.2.1.1.1.1.0.f.e.d.c.b.a.9.example.net", "2001:db8::9abc:def0:1111:2222",
           "its nibbles, as in ip6.arpa"},
          {"00-00-5e-12-34-56.example.net", "2001:db8::200:5eff:fe12:3456",
           "the hardware address that the interface half is made of"},
          {"dyn-def0.example.net", "2001:db8::9abc:def0:1111:2222", "an access word and a group"},
      },
      true);
}

TEST_CASE("names of servers do not look dynamic", "[clients]") {
  CheckNames(
      {
          {"mail.example.org", "203.0.113.77", "an ordinary name"},
          {"example.org", "203.0.113.77", "a bare domain"},
          {"a10-219.smtp-out.amazonses.com", "54.240.10.219", "two octets: Amazon's numbering"},
          {"mail-wr1-f52.google.com", "209.85.221.52", "one octet"},
          {"mail-ed1-f53.google.com", "209.85.208.53", "a hexadecimal-looking word"},
          {"66-220-144-138.mail-mail.facebook.com", "66.220.144.138",
           "a whole address, but the name says mail"},
          {"mta-70-5-79.sparkpostmail.com", "156.70.5.79", "three octets, but mta"},
          {"mail209.atl81.rsgsv.net", "198.2.129.209", "one octet"},
          {"sonic301-21.consmr.mail.ne1.yahoo.com", "77.238.179.21", "one octet"},
          {"mail-bn8nam11on2041.outbound.protection.outlook.com", "40.107.220.41", "digits enough"},
          {"o1.ptr77.sendgrid.net", "149.72.113.77", "one octet without a word"},
          {"mx77.example.org", "203.0.113.77", "numbered by address"},
          {"smtp-pool-77.example.org", "203.0.113.77", "a pool of mail servers"},
          {"mail.cust77.example.org", "203.0.113.77", "a hoster's customer who named it mail"},
          {"outbound-203-0-113-77.example.org", "203.0.113.77", "outbound"},
          {"mout.77.example.org", "203.0.113.77", "mail out, as some write it"},
          {"host77.example.org", "203.0.113.77", "host and one octet: many servers are called so"},
          {"ip77.example.org", "203.0.113.77", "ip and one octet"},
          {"dynamics.example.org", "203.0.113.77", "a longer word"},
          {"dsl.example.org", "203.0.113.77", "a pool word alone"},
          {"server12.dsl.net", "203.0.113.12", "the pool word is the registered name"},
          {"srv111.example.org", "198.1.1.1", "one number is not three octets"},
          {"srv1.rack2.dc3.example.org", "198.1.2.3", "three octets below ten prove nothing"},
          {"web-113-77.example.org", "203.0.113.77", "two octets, no word"},
          {"c-198-51-100-1.example.net", "203.0.113.77", "another address"},
          {"p20010db8.example.net", "32.1.13.185", "hexadecimal of another address"},
          {"cafe.example.org", "203.0.113.77", "a word in hexadecimal digits"},
          {"server.example.org", "2001:db8::1", "IPv6"},
          {"0-0-0-0.example.org", "2001:db8::1", "zeros are everybody's"},
          {"pool-1.example.org", "2001:db8::1", "a group too short to tell"},
          {"", "203.0.113.77", "no name"},
          {".", "203.0.113.77", "the root"},
      },
      false);
}

// Greylisters for which two octets were enough took names of that kind for dial-up lines.
TEST_CASE("Google's and Amazon's senders are not dynamic from any address", "[clients]") {
  const std::uint32_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 20000; ++i) {
    const IpAddress client = IpAddress::V4(static_cast<std::uint32_t>(random()));
    CAPTURE(client.ToString());
    REQUIRE_FALSE(LooksDynamic("mail-wr1-f52.google.com", client));
    REQUIRE_FALSE(LooksDynamic("a10-219.smtp-out.amazonses.com", client));
  }
}

TEST_CASE("a name of any bytes is judged without harm", "[clients]") {
  const std::uint32_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const std::string bytes("0123456789abcdefxyz-._.-12dsl\xff \0", 32);
  const IpAddress v4 = IpAddress::V4(0x01010101);
  const IpAddress v6 = IpAddress::Parse("2001:db8::1").value();
  for (int i = 0; i < 5000; ++i) {
    std::string name;
    for (std::size_t length = random() % 300; length > 0; --length) {
      name += bytes[random() % bytes.size()];
    }
    LooksDynamic(name, v4);
    LooksDynamic(name, v6);
  }
  CHECK_FALSE(LooksDynamic(std::string(100000, '1'), v4));
  CHECK_FALSE(LooksDynamic(std::string("host1\0.example.org", 18), IpAddress::V4(0x02020202)));
  LooksDynamic("111111111111.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.example.org", v4);
}

}  // namespace
}  // namespace mxward
