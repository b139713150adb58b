// SPDX-License-Identifier: Apache-2.0
#include "base/mail_address.h"

#include <string>
#include <vector>

#include "tests/unit/catch.h"

namespace mxward {
namespace {

TEST_CASE("angle brackets and the blanks around them come off", "[base]") {
  struct Row {
    const char* text;
    const char* expected;
  };
  const std::vector<Row> rows = {
      {"", ""},
      {"<>", ""},
      {" <> ", ""},
      {"<user@example.org>", "user@example.org"},
      {"user@example.org", "user@example.org"},
      {" user@example.org\r\n", "user@example.org"},
      {"< user@example.org >", "user@example.org"},
      {"<<user@example.org>>", "user@example.org"},
      {"<user@example.org", "user@example.org"},
      {"user@example.org>", "user@example.org"},
      {"<@a.example:user@example.org>", "@a.example:user@example.org"},
      {"<\"<b>\"@example.org>", "\"<b>\"@example.org"},
      {"<", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(StripAngles(row.text) == row.expected);
    CHECK(StripAngles(StripAngles(row.text)) == row.expected);
  }
}

TEST_CASE("an address splits at the last @ outside of quotes", "[base]") {
  struct Row {
    const char* text;
    const char* local;
    const char* domain;
    const char* why;
  };
  const std::vector<Row> rows = {
      {"user@example.org", "user", "example.org", "as usual"},
      {"<user@example.org>", "user", "example.org", "with angle brackets"},
      {"User@Example.ORG", "User", "Example.ORG", "case is kept"},
      {"user@example.org.", "user", "example.org", "the dot of an absolute name"},
      {"user@example.org. . ", "user", "example.org", "rubbish behind the domain"},
      {"user@ example.org", "user", "example.org", "a blank in front of it"},
      {"", "", "", "the null sender"},
      {"<>", "", "", "the null sender in brackets"},
      {"postmaster", "postmaster", "", "no domain"},
      {"user@", "user", "", "an empty domain"},
      {"user@.", "user", "", "a domain of dots"},
      {"@example.org", "", "example.org", "an empty local part"},
      {"@", "", "", "nothing at all"},
      {"a@b@example.org", "a@b", "example.org", "two of them"},
      {"\"a@b\"@example.org", "\"a@b\"", "example.org", "one in quotes"},
      {"user@\"example.org\"", "user", "\"example.org\"", "quotes behind it"},
      {"\"a\\\"@b\"@example.org", "\"a\\\"@b\"", "example.org", "an escaped quote"},
      {"\"a@example.org", "\"a", "example.org", "a quote left open"},
      {"user@[192.0.2.1]", "user", "[192.0.2.1]", "an address literal"},
      {"user@[IPv6:2001:db8::1]", "user", "[IPv6:2001:db8::1]", "an IPv6 literal"},
      {"@a.example,@b.example:user@example.org", "user", "example.org", "a source route"},
      {"<@[IPv6:2001:db8::1]:user@example.org>", "user", "example.org", "a literal in a route"},
      {"@a:@b:user@example.org", "user", "example.org", "a route in a route"},
      {"@a.example:", "", "", "a route to nowhere"},
      {"@a.example:<user@example.org>", "user", "example.org", "brackets behind a route"},
      {"user:x@example.org", "user:x", "example.org", "a colon that ends no route"},
      {"example.org!user", "example.org!user", "", "a UUCP path"},
      {"\\", "\\", "", "a lone backslash"},
      {"\"\\", "\"\\", "", "an escape that is cut off"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text, row.why);
    const MailAddress address = SplitMailAddress(row.text);
    CHECK(address.local == row.local);
    CHECK(address.domain == row.domain);
  }
}

TEST_CASE("long and binary addresses split like others", "[base]") {
  const std::string local(2000, 'x');
  CHECK(SplitMailAddress(local + "@example.org").local == local);
  const std::string nul("us\0er@exam\0ple", 14);
  CHECK(SplitMailAddress(nul).local == std::string("us\0er", 5));
  CHECK(SplitMailAddress(nul).domain == std::string("exam\0ple", 8));
  CHECK(SplitMailAddress("m\xc3\xbcller@b\xfc\x63her.example").domain == "b\xfc\x63her.example");
  CHECK(SplitMailAddress(std::string(100000, '@')).domain.empty());
  CHECK(SplitMailAddress(std::string(100000, '<')).local.empty());
}

TEST_CASE("the host part is what stands in front of the registered domain", "[base]") {
  struct Row {
    const char* name;
    const char* expected;
  };
  const std::vector<Row> rows = {
      {"", ""},
      {"localhost", ""},
      {"example.org", ""},
      {"mail.example.org", "mail."},
      {"mail1.fra.example.org", "mail1.fra."},
      {"mail.example.co.uk", "mail."},
      {"example.com.br", ""},
      {"host.isp.ru", "host."},
      {"mail.co.example", "mail."},
      {"co.uk", ""},
      {".co.uk", "."},
      {".org", ""},
      {"a..b", "a."},
      {"...", ".."},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(HostPart(row.name) == row.expected);
  }
}

}  // namespace
}  // namespace mxward
