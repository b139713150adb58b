// SPDX-License-Identifier: Apache-2.0
#include "base/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <string>
#include <vector>

#include "tests/unit/catch.h"

namespace mxward {
namespace {

IpAddress Ip(std::string_view text) { return IpAddress::Parse(text).value(); }

TEST_CASE("addresses are read in the forms that mail uses, and have one form each", "[base]") {
  struct Row {
    const char* text;
    const char* expected;
    const char* why;
  };
  const std::vector<Row> rows = {
      {"192.0.2.1", "192.0.2.1", "IPv4"},
      {"0.0.0.0", "0.0.0.0", "the lowest"},
      {"255.255.255.255", "255.255.255.255", "the highest"},
      {"[192.0.2.1]", "192.0.2.1", "an address literal"},
      {"2001:db8::1", "2001:db8::1", "IPv6"},
      {"2001:DB8:0:0:0:0:0:1", "2001:db8::1", "written in full, as Sendmail's macros are"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", "RFC 5952: the first of two equal runs"},
      {"IPv6:2001:db8::1", "2001:db8::1", "with the tag of a literal"},
      {"ipv6:2001:db8::1", "2001:db8::1", "in any case"},
      {"[IPv6:2001:db8::1]", "2001:db8::1", "an IPv6 literal"},
      {"::ffff:192.0.2.1", "192.0.2.1", "v4-mapped is v4"},
      {"[IPv6:::ffff:192.0.2.1]", "192.0.2.1", "and so in a literal"},
      {"::ffff:c000:201", "192.0.2.1", "and so in hexadecimal"},
      {"::192.0.2.1", "::192.0.2.1", "v4-compatible is not v4-mapped"},
      {"::1", "::1", "loopback"},
      {"::", "::", "unspecified"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text, row.why);
    const auto address = IpAddress::Parse(row.text);
    REQUIRE(address.has_value());
    CHECK(address->ToString() == row.expected);
    CHECK(Ip(address->ToString()) == *address);
  }
}

TEST_CASE("what is not a valid address is none", "[base]") {
  const std::vector<std::string> texts = {"",
                                          " 192.0.2.1",
                                          "192.0.2.1 ",
                                          "192.0.2",
                                          "192.0.2.256",
                                          "192.0.2.01",
                                          "192.0.2.1.",
                                          "192.0.2.1:25",
                                          "192.0.2.1/32",
                                          "0x7f.1",
                                          "2130706433",
                                          "example.org",
                                          "2001:db8::1%lo",
                                          "2001:db8:::1",
                                          "1:2:3:4:5:6:7",
                                          "[]",
                                          "[192.0.2.1",
                                          "192.0.2.1]",
                                          "IPv6:",
                                          "[[192.0.2.1]]",
                                          "12345::",
                                          "2001:db8::1/64",
                                          "1:2:3:4:5:6:7:8:9",
                                          std::string("192.0.2.1\0", 10),
                                          std::string(10000, '1')};
  for (const std::string& text : texts) {
    CAPTURE(text);
    CHECK_FALSE(IpAddress::Parse(text).has_value());
  }
}

TEST_CASE("an address knows its family, bits and bytes", "[base]") {
  const IpAddress v4 = Ip("192.0.2.1");
  CHECK(v4.is_v4());
  CHECK(v4.bits() == 32);
  CHECK(v4.v4() == 0xc0000201);
  CHECK(v4 == IpAddress::V4(0xc0000201));
  CHECK(v4.view() == std::string_view("\xc0\x00\x02\x01", 4));
  const IpAddress v6 = Ip("2001:db8::1");
  CHECK_FALSE(v6.is_v4());
  CHECK(v6.bits() == 128);
  CHECK(v6.view().size() == 16);
  CHECK(v6 != v4);
  CHECK(Ip("192.0.2.1") < Ip("192.0.2.2"));
  CHECK(Ip("255.255.255.255") < Ip("::"));
  CHECK(IpAddress().ToString() == "0.0.0.0");
}

TEST_CASE("an address comes from a sockaddr of an Internet family only", "[base]") {
  CHECK_FALSE(IpAddress::FromSockaddr(nullptr).has_value());

  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  CHECK_FALSE(IpAddress::FromSockaddr(reinterpret_cast<sockaddr*>(&local)).has_value());

  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(25);
  v4.sin_addr.s_addr = htonl(0xc0000201);
  CHECK(IpAddress::FromSockaddr(reinterpret_cast<sockaddr*>(&v4)) == Ip("192.0.2.1"));

  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  REQUIRE(inet_pton(AF_INET6, "2001:db8::1", &v6.sin6_addr) == 1);
  CHECK(IpAddress::FromSockaddr(reinterpret_cast<sockaddr*>(&v6)) == Ip("2001:db8::1"));
  REQUIRE(inet_pton(AF_INET6, "::ffff:192.0.2.1", &v6.sin6_addr) == 1);
  CHECK(IpAddress::FromSockaddr(reinterpret_cast<sockaddr*>(&v6)) == Ip("192.0.2.1"));
}

TEST_CASE("loopback and private addresses are told from the Internet's", "[base]") {
  struct Row {
    const char* text;
    bool loopback;
    bool is_private;
  };
  const std::vector<Row> rows = {
      {"127.0.0.1", true, true},
      {"127.255.255.255", true, true},
      {"128.0.0.0", false, false},
      {"::1", true, true},
      {"::2", false, false},
      {"::ffff:127.0.0.1", true, true},
      {"10.0.0.0", false, true},
      {"11.0.0.0", false, false},
      {"172.15.255.255", false, false},
      {"172.16.0.0", false, true},
      {"172.31.255.255", false, true},
      {"172.32.0.0", false, false},
      {"192.167.255.255", false, false},
      {"192.168.1.1", false, true},
      {"192.169.0.0", false, false},
      {"169.254.1.1", false, true},
      {"169.255.0.0", false, false},
      {"100.63.255.255", false, false},
      {"100.64.0.0", false, true},
      {"100.127.255.255", false, true},
      {"100.128.0.0", false, false},
      {"fe80::1", false, true},
      {"febf::1", false, true},
      {"fec0::1", false, false},
      {"fc00::1", false, true},
      {"fdff::1", false, true},
      {"fe00::1", false, false},
      {"2001:db8::1", false, false},
      {"192.0.2.1", false, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(Ip(row.text).IsLoopback() == row.loopback);
    CHECK(Ip(row.text).IsPrivate() == row.is_private);
  }
}

TEST_CASE("prefixes are read and written alike", "[base]") {
  struct Row {
    const char* text;
    const char* expected;
    int length;
  };
  const std::vector<Row> rows = {
      {"192.0.2.0/24", "192.0.2.0/24", 24},
      {"192.0.2.1", "192.0.2.1", 32},
      {"192.0.2.1/32", "192.0.2.1", 32},
      {"0.0.0.0/0", "0.0.0.0/0", 0},
      {"192.0.2.128/25", "192.0.2.128/25", 25},
      {"2001:db8::/32", "2001:db8::/32", 32},
      {"::/0", "::/0", 0},
      {"2001:db8::1/128", "2001:db8::1", 128},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Result<Prefix> prefix = Prefix::Parse(row.text);
    REQUIRE(prefix.has_value());
    CHECK(prefix->ToString() == row.expected);
    CHECK(prefix->length() == row.length);
  }
}

TEST_CASE("what is no prefix is refused with a word on why", "[base]") {
  struct Row {
    const char* text;
    const char* why;
  };
  const std::vector<Row> rows = {
      {"", "not a valid IP address"},
      {"/24", "not a valid IP address"},
      {"example.org/24", "not a valid IP address"},
      {"192.0.2/24", "not a valid IP address"},
      {"192.0.2.0/", "must be 0 to 32"},
      {"192.0.2.0/33", "must be 0 to 32"},
      {"192.0.2.0/-1", "must be 0 to 32"},
      {"192.0.2.0/24x", "must be 0 to 32"},
      {"192.0.2.0/ 24", "must be 0 to 32"},
      {"192.0.2.0/255.255.255.0", "must be 0 to 32"},
      {"2001:db8::/129", "must be 0 to 128"},
      {"192.0.2.7/24", "did you mean \"192.0.2.0/24\"?"},
      {"2001:db8::1/64", "did you mean \"2001:db8::/64\"?"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Result<Prefix> prefix = Prefix::Parse(row.text);
    REQUIRE_FALSE(prefix.has_value());
    CHECK(prefix.error().code == ErrorCode::kInvalid);
    CHECK_THAT(prefix.error().message, HasText(row.why));
  }
}

TEST_CASE("a prefix contains the addresses of its network and family", "[base]") {
  struct Row {
    const char* prefix;
    const char* address;
    bool contained;
  };
  const std::vector<Row> rows = {
      {"192.0.2.0/24", "192.0.2.255", true},      {"192.0.2.0/24", "192.0.3.0", false},
      {"192.0.2.128/25", "192.0.2.127", false},   {"0.0.0.0/0", "203.0.113.9", true},
      {"0.0.0.0/0", "2001:db8::1", false},        {"::/0", "192.0.2.1", false},
      {"192.0.2.1", "192.0.2.1", true},           {"192.0.2.1", "192.0.2.2", false},
      {"2001:db8::/33", "2001:db8:7fff::", true}, {"2001:db8::/33", "2001:db8:8000::", false},
      {"192.0.2.0/24", "::ffff:192.0.2.1", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.prefix, row.address);
    CHECK(Prefix::Parse(row.prefix)->Contains(Ip(row.address)) == row.contained);
  }
}

TEST_CASE("the bits behind a prefix's length are cleared", "[base]") {
  CHECK(Prefix(Ip("192.0.2.77"), 24).address() == Ip("192.0.2.0"));
  CHECK(Prefix(Ip("192.0.2.77"), 24) == Prefix(Ip("192.0.2.1"), 24));
  CHECK(Prefix(Ip("192.0.2.77"), 24) != Prefix(Ip("192.0.2.0"), 25));
  CHECK(Prefix(Ip("2001:db8:1:2:3::"), 64).ToString() == "2001:db8:1:2::/64");
  CHECK(Prefix(Ip("255.255.255.255"), 0).ToString() == "0.0.0.0/0");
  CHECK(Prefix(Ip("192.0.2.77"), 32).IsHost());
}

}  // namespace
}  // namespace mxward
