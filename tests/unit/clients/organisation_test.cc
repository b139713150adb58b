// SPDX-License-Identifier: Apache-2.0
#include "clients/organisation.h"

#include <string>
#include <thread>
#include <vector>

#include "tests/unit/catch.h"

namespace mxward {
namespace {

TEST_CASE("what a registry registered is found above names that are given away", "[clients]") {
  struct Row {
    const char* host;
    const char* expected;
  };
  for (const Row& row :
       {Row{"mail.example.org", "example.org"}, Row{"mail.example.co.uk", "example.co.uk"},
        Row{"a.shop.github.io", "github.io"}, Row{"shop.github.io", "github.io"},
        Row{"home.duckdns.org", "duckdns.org"}, Row{"mail.city.kawasaki.jp", "city.kawasaki.jp"},
        Row{"host.example.lan", "example.lan"}, Row{"localhost", ""}, Row{"co.uk", ""},
        Row{"192.0.2.1", ""}}) {
    INFO(row.host);
    CHECK(RegisteredDomain(row.host) == row.expected);
  }
}

TEST_CASE("a host belongs to the domain that somebody registered", "[clients]") {
  struct Row {
    std::string host;
    const char* expected;
    const char* why;
  };
  const std::vector<Row> rows = {
      {"mail.example.org", "example.org", "one label below"},
      {"a.b.c.d.example.org", "example.org", "several labels below"},
      {"example.org", "example.org", "the domain itself"},
      {"MAIL.Example.ORG", "example.org", "case"},
      {"mail.example.org.", "example.org", "an absolute name"},
      {"mail.example.co.uk", "example.co.uk", "a suffix of two labels"},
      {"mail.example.com.br", "example.com.br", "another"},
      {"mail.city.kawasaki.jp", "city.kawasaki.jp", "an exception of the list"},
      {"mail.shop.other.kawasaki.jp", "shop.other.kawasaki.jp", "a wildcard of the list"},
      {"shop.github.io", "shop.github.io", "private section: customers, not one organisation"},
      {"mx.shop.github.io", "shop.github.io", "private section, one label below"},
      {"mail.example.xn--fiqs8s", "example.xn--fiqs8s", "an IDN top-level domain as A-label"},
      {"mail.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn", "an IDN suffix"},
      {"mail.xn--bcher-kva.example", "xn--bcher-kva.example", "an IDN label"},
      {"host.example.lan", "example.lan", "an unknown top-level domain is a suffix"},
      {"o1._mail.example.org", "example.org", "an underscore, as reverse names have them"},
      {"", "", "nothing"},
      {".", "", "the root"},
      {"localhost", "", "a single label"},
      {"org", "", "a top-level domain"},
      {"co.uk", "", "a public suffix"},
      {"github.io", "", "a private suffix belongs to nobody in particular"},
      {"192.0.2.1", "", "an IPv4 address"},
      {"[192.0.2.1]", "", "an address literal"},
      {"2001:db8::1", "", "an IPv6 address"},
      {"0.2.1", "", "a part of an address"},
      {"1.2.0.192.in-addr.arpa", "", "a reverse name of a name: whoever has 192/8 has all of it"},
      {"1.0.8.b.d.0.1.0.0.2.ip6.arpa", "", "and in IPv6"},
      {"mail..example.org", "", "an empty label"},
      {".example.org", "", "an empty label in front"},
      {"mail.example.org..", "", "two dots behind"},
      {"mail example.org", "", "a blank"},
      {"mail.m\xc3\xbcller.example", "xn--mller-kva.example", "a U-label"},
      {"mail.x.\xe5\x85\xac\xe5\x8f\xb8.cn", "x.xn--55qx5d.cn", "an IDN suffix in U-labels"},
      {"m\xfcller.example", "", "Latin-1"},
      {std::string("mail\0.example.org", 17), "", "NUL"},
      {"a@example.org", "", "an address"},
      {std::string(64, 'a') + ".example.org", "", "a label of 64"},
      {std::string(63, 'a') + ".example.org", "example.org", "a label of 63"},
      {std::string(100000, '.'), "", "a lot of dots"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.host, row.why);
    CHECK(OrganisationalDomain(row.host) == row.expected);
  }
}

TEST_CASE("a name may have 253 bytes", "[clients]") {
  std::string labels;
  for (int i = 0; i < 120; ++i) labels += "a.";
  const std::string longest = labels + "a.example.org";
  REQUIRE(longest.size() == 253);
  CHECK(OrganisationalDomain(longest) == "example.org");
  CHECK(OrganisationalDomain("a" + longest).empty());
}

TEST_CASE("an organisation is its own organisation", "[clients]") {
  for (const char* host : {"mail.example.co.uk", "x.y.github.io", "a.b.example.lan"}) {
    const std::string domain = OrganisationalDomain(host);
    CHECK(OrganisationalDomain(domain) == domain);
  }
}

TEST_CASE("organisations can be asked for from several threads", "[clients]") {
  std::vector<std::string> found(4);
  std::vector<std::thread> threads;
  for (std::string& result : found) {
    threads.emplace_back([&result] {
      for (int i = 0; i < 1000; ++i) result = OrganisationalDomain("mail.example.co.uk");
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(found == std::vector<std::string>(4, "example.co.uk"));
}

TEST_CASE("what is remembered of organisations is what was found out", "[clients]") {
  Organisations organisations;
  // More names than there are places, so that most of them lose theirs and some are met again.
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 40000; ++i) {
      const std::string name = "mx" + std::to_string(i) + ".example" + std::to_string(i % 7) +
                               (i % 3 == 0   ? ".co.uk"
                                : i % 3 == 1 ? ".org"
                                             : ".github.io");
      if (organisations.Of(name) != OrganisationalDomain(name)) FAIL(name);
    }
  }
  for (const char* name : {"", "localhost", "co.uk", "example.org", "1.2.0.192.in-addr.arpa"}) {
    for (int i = 0; i < 2; ++i) CHECK(organisations.Of(name) == OrganisationalDomain(name));
  }
  const std::string longest = std::string(60, 'a') + "." + std::string(60, 'b') + "." +
                              std::string(60, 'c') + "." + std::string(50, 'd') + ".example.org";
  for (int i = 0; i < 2; ++i) CHECK(organisations.Of(longest) == "example.org");
}

}  // namespace
}  // namespace mxward
