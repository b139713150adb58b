// SPDX-License-Identifier: Apache-2.0
#include "spf/record.h"

#include <string>
#include <vector>

#include "tests/unit/catch.h"

namespace mxward::spf {
namespace {

std::vector<std::string> TermsOf(const Record& record) {
  std::vector<std::string> terms;
  std::size_t place = 0;
  while (const auto term = record.Next(place)) terms.emplace_back(term->text);
  return terms;
}

Term FirstOf(const Record& record) {
  std::size_t place = 0;
  return record.Next(place).value();
}

TEST_CASE("a record's directives come in order, and modifiers apart", "[spf]") {
  const auto record = Record::Parse(
      "V=SPF1  +A:a.example/24//64 exp=e.example MX -ip4:192.0.2.0/24 x.y-z_1=%{d}/:? "
      "~Include:%{d2} "
      "redirect=r.example ?all ");
  REQUIRE(record);
  CHECK(TermsOf(*record) == std::vector<std::string>{"+A:a.example/24//64", "MX",
                                                     "-ip4:192.0.2.0/24", "~Include:%{d2}",
                                                     "?all"});
  CHECK(record->redirect() == "r.example");
  CHECK(record->redirect_text() == "redirect=r.example");
  const Term a = FirstOf(*record);
  CHECK(a.mechanism == Mechanism::kA);
  CHECK(a.qualifier == ResultCode::kPass);
  CHECK(a.spec == "a.example");
  CHECK(a.length4 == 24);
  CHECK(a.length6 == 64);
}

TEST_CASE("an empty record is one", "[spf]") {
  for (const char* text : {"v=spf1", "v=spf1 ", "v=spf1    "}) {
    const auto record = Record::Parse(text);
    REQUIRE(record);
    CHECK(TermsOf(*record).empty());
    CHECK(record->redirect().empty());
  }
}

TEST_CASE("an error anywhere makes a record invalid", "[spf]") {
  for (const char* term : {"all:x",
                           "all/8",
                           "all.",
                           "include",
                           "include:",
                           "include:org",
                           "include:a.org/24",
                           "a:",
                           "a/",
                           "a/33",
                           "a//129",
                           "a/024",
                           "a/24/64",
                           "a/24//",
                           "a:192.0.2.1",
                           "mx:",
                           "mx/33",
                           "ptr:",
                           "ptr/0",
                           "ip4",
                           "ip4:",
                           "ip4:1.2.3",
                           "ip4:1.2.3.4/33",
                           "ip4:1.2.3.4/",
                           "ip4:1.2.3.04",
                           "ip4:1.2.3.4:25",
                           "ip4:[1.2.3.4]",
                           "ip4:::1",
                           "ip4:1.2.3.4//32",
                           "ip6:1.2.3.4",
                           "ip6:::1/129",
                           "ip6:IPv6:::1",
                           "ip6:[::1]",
                           "ip6:fe80::1%eth0",
                           "exists",
                           "exists:",
                           "exists:a.org/24",
                           "redirect:a.org",
                           "redirect=",
                           "redirect=org",
                           "exp=",
                           "exp=-all",
                           "=all",
                           "1x=y",
                           "x=%",
                           "-",
                           "--all",
                           "moo",
                           "a\tb",
                           "\x80"}) {
    CAPTURE(term);
    CHECK_FALSE(Record::Parse("v=spf1 +all " + std::string(term)));
    CHECK_FALSE(Record::Parse("v=spf1 " + std::string(term) + " -all"));
  }
  CHECK_FALSE(Record::Parse("v=spf1 redirect=a.org -all redirect=a.org"));
  CHECK_FALSE(Record::Parse("v=spf1 exp=a.org exp=b.org"));
  const std::string nul("v=spf1 a:a.org\0 -all", 20);
  CHECK_FALSE(Record::Parse(nul));
}

TEST_CASE("the error of a record names the term", "[spf]") {
  const auto record = Record::Parse("v=spf1 a ip4:1.2.3.4:25 -all");
  REQUIRE_FALSE(record);
  CHECK(record.error().message == "\"ip4:1.2.3.4:25\": not an IPv4 address");
}

TEST_CASE("addresses are compared by their first bits", "[spf]") {
  const auto holds = [](const std::string& term, const char* client) {
    const auto record = Record::Parse("v=spf1 " + term);
    const Term first = FirstOf(record.value());
    const int length = first.network.is_v4 ? first.length4 : first.length6;
    return first.network.Holds(IpAddress::Parse(client).value(), length);
  };
  CHECK(holds("ip4:192.0.2.1", "192.0.2.1"));
  CHECK(holds("ip4:192.0.2.1", "::ffff:192.0.2.1"));
  CHECK_FALSE(holds("ip4:192.0.2.1", "192.0.2.0"));
  CHECK(holds("ip4:192.0.2.200/25", "192.0.2.128"));
  CHECK_FALSE(holds("ip4:192.0.2.200/25", "192.0.2.127"));
  CHECK(holds("ip4:1.2.3.4/0", "203.0.113.9"));
  CHECK_FALSE(holds("ip4:1.2.3.4/0", "2001:db8::1"));
  CHECK(holds("ip6:2001:db8:8000::/33", "2001:db8:ffff::1"));
  CHECK_FALSE(holds("ip6:2001:db8:8000::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(holds("ip6:::ffff:192.0.2.1", "192.0.2.1"));
  CHECK(holds("ip6:::/0", "2001:db8::1"));
  CHECK(holds("ip6:2001:db8::1/128", "2001:db8::1"));
}

TEST_CASE("records are known by their version", "[spf]") {
  CHECK(SelectRecords({"v=spf1", "V=sPf1 -all", "v=spf10 -all", "v=spf1\t-all", " v=spf1", "v=spf",
                       "", "x"}) == std::vector<std::string>{"v=spf1", "V=sPf1 -all"});
}

}  // namespace
}  // namespace mxward::spf
