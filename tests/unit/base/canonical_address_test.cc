// SPDX-License-Identifier: Apache-2.0
#include "base/canonical_address.h"

#include <random>

#include "catch.h"

namespace mxward {
namespace {

struct Spelling {
  std::string given, expected;
};

std::vector<std::string> FormsOfJohn() {
  return {"john@example.org", "<john@example.org>", "JOHN@Example.ORG", "john@example.org.",
          "john@example.org..", "\"john\"@example.org", "\"JOHN\"@example.org",
          R"("jo\hn"@example.org)", R"("\j\o\h\n"@example.org)", R"(jo\hn@example.org)",
          R"(\john@example.org)", "jo\"h\"n@example.org", "\"\"john@example.org",
          "\"jo\"\"hn\"@example.org", "<@hop.example:john@example.org>",
          "<@a.example,@[IPv6:::1]:\"john\"@example.org>", "(who)john@example.org",
          "john(who)@example.org", "john@(where)example.org",
          "john@example(a (nested) comment\\)).org", "<(c)@hop.example:john@example.org>",
          " john @ example . org ", "john@example\t.org", "\"john@example.org\"",
          R"(john\@example.org)", "\"john\"@\"example.org\"",
          // Full width, and an ideographic full stop.
          "john@\xef\xbd\x85xample.org", "john@example\xe3\x80\x82org"};
}

}  // namespace

TEST_CASE("all spellings of a mailbox have one form", "[base]") {
  for (const std::string& given : FormsOfJohn()) {
    CAPTURE(given);
    const CanonicalAddress address(given);
    CHECK(address.text() == "john@example.org");
    CHECK(address.local() == "john");
    CHECK(address.domain() == "example.org");
  }
}

TEST_CASE("the canonical form of an address", "[base]") {
  const std::vector<Spelling> rows = {
      {"", ""},
      {"<>", ""},
      {"Postmaster", "postmaster"},
      {"<\"Postmaster\">", "postmaster"},
      {"john+Tag@example.org", "john+tag@example.org"},
      {"prvs=0123abcdef=user@example.org", "prvs=0123abcdef=user@example.org"},
      {"a.b..c.@example.org", "a.b..c.@example.org"},
      {"\"john doe\"@example.org", "\"john doe\"@example.org"},
      {R"("john\ doe"@example.org)", "\"john doe\"@example.org"},
      {"john  doe@example.org", "\"john doe\"@example.org"},
      {R"("a\"b\\c"@example.org)", R"("a\"b\\c"@example.org)"},
      {R"("\a\@\b"@example.org)", "\"a@b\"@example.org"},
      {"a@b@example.org", "\"a@b\"@example.org"},
      {"\"\"@example.org", "\"\"@example.org"},
      {"@example.org", "\"\"@example.org"},
      {"<user@[192.0.2.1]>", "user@[192.0.2.1]"},
      {"user@[IPv6:2001:DB8:0:0::1]", "user@[ipv6:2001:db8::1]"},
      {"user@[IPv6:::ffff:192.0.2.1]", "user@[192.0.2.1]"},
      // U-labels, A-labels, capitals, decomposed.
      {"u@b\xc3\xbc"
       "cher.example",
       "u@xn--bcher-kva.example"},
      {"u@XN--Bcher-KVA.example.", "u@xn--bcher-kva.example"},
      {"u@B\xc3\x9c"
       "CHER.Example",
       "u@xn--bcher-kva.example"},
      {"u@bu\xcc\x88"
       "cher.example",
       "u@xn--bcher-kva.example"},
      {"u@b\xc3\xbc"
       "cher\xe3\x80\x82"
       "example\xe3\x80\x82",
       "u@xn--bcher-kva.example"},
      // RFC 6531: UTF-8 in the local part.
      {"m\xc3\xbcller@example.org", "m\xc3\xbcller@example.org"},
      {"M\xc3\x9cLLER@example.org", "m\xc3\xbcller@example.org"},
      {"mu\xcc\x88ller@example.org", "m\xc3\xbcller@example.org"},
      {"\"MU\xcc\x88\\ller\"@example.org", "m\xc3\xbcller@example.org"},
      // No UTF-8, and no A-labels: as it stands, in lower case.
      {"M\xfcLLER@example.org", "m\xfcller@example.org"},
      {"u@B\xfc"
       "CHER.example.",
       "u@b\xfc"
       "cher.example"},
      {"u@\xe2\x98\x83\xe2\x80\x8d.Example.", "u@\xe2\x98\x83\xe2\x80\x8d.example"},
      // Not balanced.
      {"a(b@example.org", "\"a(b\"@example.org"},
      {":)@example.org", "\":)\"@example.org"},
      {"\"john@example.org", "john@example.org"},
      {"john\\", "john"},
  };
  for (const Spelling& row : rows) {
    CAPTURE(row.given);
    CHECK(CanonicalAddressText(row.given) == row.expected);
    CHECK(CanonicalAddressText(row.expected) == row.expected);
  }
}

TEST_CASE("different mailboxes keep different forms", "[base]") {
  const std::vector<std::string> all = {"john@example.org",        "john@example.com",
                                        "jonn@example.org",        "john+x@example.org",
                                        "john.@example.org",       "j.ohn@example.org",
                                        "\"john \"@example.org",   "\"john@x\"@example.org",
                                        "\"jo hn\"@example.org",   "john@mail.example.org",
                                        "john%x@example.org",      "john@[192.0.2.1]",
                                        "john@[192.0.2.2]",        "john",
                                        "j\xc3\xb6hn@example.org", "\"(john)\"@example.org",
                                        "john@xn--exmple-cua.org", "\"\"@example.org"};
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      CAPTURE(all[i], all[j]);
      CHECK(CanonicalAddressText(all[i]) != CanonicalAddressText(all[j]));
    }
  }
}

TEST_CASE("an ordinary address in lower case is not copied", "[base]") {
  for (const std::string given :
       {"john.doe@example.org", "a-b_c+d=e@xn--bcher-kva.example", "postmaster", ""}) {
    CAPTURE(given);
    const CanonicalAddress address(given);
    CHECK(address.as_given());
    CHECK(address.text().data() == given.data());
    // And the long way comes to the same.
    CHECK(CanonicalAddressText("<" + given + ">") == given);
  }
  CHECK_FALSE(CanonicalAddress("John@example.org").as_given());
}

TEST_CASE("the canonical form of a domain", "[base]") {
  CHECK(CanonicalDomain("Example.ORG.") == "example.org");
  CHECK(CanonicalDomain("b\xc3\xbc"
                        "cher.example") == "xn--bcher-kva.example");
  CHECK(CanonicalDomain("stra\xc3\x9f"
                        "e.example") == "xn--strae-oqa.example");
  // No A-label as it is given, and one once it is folded.
  CHECK(CanonicalDomain("xn--K\xc3\x9f\xe3\x80\x82") == "xn--kss");
  CHECK(CanonicalDomain("").empty());
  CHECK(CanonicalDomain(" . ").empty());
}

TEST_CASE("the form of a form is itself, of any bytes", "[base]") {
  const std::uint32_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  static const std::vector<std::string> kPieces = {"a",
                                                   "B",
                                                   "7",
                                                   "@",
                                                   ".",
                                                   "+",
                                                   "\"",
                                                   "\\",
                                                   "<",
                                                   ">",
                                                   "(",
                                                   ")",
                                                   ":",
                                                   ",",
                                                   " ",
                                                   "\r",
                                                   "[",
                                                   "]",
                                                   "[IPv6:",
                                                   "::1",
                                                   "192.0.2.1",
                                                   "\xff",
                                                   std::string(1, '\0'),
                                                   "user@example.org",
                                                   "xn--",
                                                   "b\xc3\xbc"
                                                   "cher",
                                                   "\xcc\x88",
                                                   "\xc3\x9f",
                                                   "\xe3\x80\x82",
                                                   "\xef\xbc\xa0",
                                                   "\xef\xbc\x9a",
                                                   "\xcd\xbe",
                                                   "\xe1\xbf\xaf",
                                                   "\xe2\x84\xaa",
                                                   "\xcd\x85",
                                                   "\xce\xb1",
                                                   "\xc7\xb0",
                                                   "\xf0\x9f\x98\x80"};
  for (int i = 0; i < 50000; ++i) {
    std::string given;
    for (std::size_t count = random() % 16; count > 0; --count) {
      given += kPieces[random() % kPieces.size()];
    }
    CAPTURE(given);
    const std::string form = CanonicalAddressText(given);
    REQUIRE(CanonicalAddressText(form) == form);
    const CanonicalAddress address(form);
    std::string joined(address.local());
    if (!address.domain().empty()) joined.append("@").append(address.domain());
    REQUIRE(joined == form);
  }
  // In time proportional to the length.
  for (const std::string piece :
       {"@", "(", ")", "\"", "\\", "<", "@a:", "\xcc\x88", "a\xcc\x88", ". "}) {
    std::string huge;
    while (huge.size() < 200000) huge += piece;
    const std::string form = CanonicalAddressText(huge);
    CHECK(CanonicalAddressText(form) == form);
  }
}

}  // namespace mxward
