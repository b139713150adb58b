// SPDX-License-Identifier: Apache-2.0
#include "spf/macro.h"

#include <string>

#include "tests/unit/catch.h"

namespace mxward::spf {
namespace {

const MacroValues kExample{.local_part = "strong-bad",
                           .sender_domain = "email.example.com",
                           .domain = "email.example.com",
                           .helo = "Mail.Example.NET",
                           .valid_name = "mx.example.org",
                           .client = IpAddress::V4(0xc0000203)};

MacroValues Of6(const char* address) {
  MacroValues values = kExample;
  values.client = IpAddress::Parse(address).value();
  return values;
}

TEST_CASE("macros expand as RFC 7208 section 7.4 shows", "[spf]") {
  const auto expand = [](const char* spec) { return ExpandDomain(spec, kExample); };
  CHECK(expand("%{s}") == "strong-bad@email.example.com");
  CHECK(expand("%{o}") == "email.example.com");
  CHECK(expand("%{d}") == "email.example.com");
  CHECK(expand("%{d4}") == "email.example.com");
  CHECK(expand("%{d3}") == "email.example.com");
  CHECK(expand("%{d2}") == "example.com");
  CHECK(expand("%{d1}") == "com");
  CHECK(expand("%{dr}") == "com.example.email");
  CHECK(expand("%{d2r}") == "example.email");
  CHECK(expand("%{l}") == "strong-bad");
  CHECK(expand("%{l-}") == "strong.bad");
  CHECK(expand("%{lr}") == "strong-bad");
  CHECK(expand("%{lr-}") == "bad.strong");
  CHECK(expand("%{l1r-}") == "strong");
  CHECK(expand("%{ir}.%{v}._spf.%{d2}") == "3.2.0.192.in-addr._spf.example.com");
  CHECK(expand("%{lr-}.lp._spf.%{d2}") == "bad.strong.lp._spf.example.com");
  CHECK(expand("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}") ==
        "bad.strong.lp.3.2.0.192.in-addr._spf.example.com");
  CHECK(expand("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}") ==
        "3.2.0.192.in-addr.strong.lp._spf.example.com");
  CHECK(expand("%{d2}.trusted-domains.example.net") == "example.com.trusted-domains.example.net");
  CHECK(ExpandDomain("%{ir}.%{v}._spf.%{d2}", Of6("2001:db8::cb01")) ==
        "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com");
}

TEST_CASE("the other macros, escapes and capitals", "[spf]") {
  const auto expand = [](const char* spec) { return ExpandDomain(spec, kExample); };
  CHECK(expand("%{h}") == "mail.example.net");
  CHECK(expand("%{p}") == "mx.example.org");
  CHECK(expand("%%%_%-x.example") == "% %20x.example");
  CHECK(expand("%{S}.example") == "strong-bad%40email.example.com.example");
  CHECK(expand("%{D2}.") == "example.com");
  CHECK(expand("%{l999999999999}") == "strong-bad");
  CHECK(ExpandDomain("%{l+=_}", {.local_part = "a+b=c_d"}) == "a.b.c.d");
}

TEST_CASE("what is not a valid macro-string", "[spf]") {
  for (const char* text : {"%", "%a", "%{", "%{}", "%{x}", "%{d0}", "%{c}", "%{r}", "%{t}",
                           "%{d2rr}", "%{d!}", "%(d)", "a b", "\x7f", "\x80", "a\tb"}) {
    CAPTURE(text);
    CHECK_FALSE(CheckMacroString(text));
  }
  CHECK(CheckMacroString("%{D2R.-+,/_=}%{p}!$^~"));
  CHECK(CheckMacroString(""));
}

TEST_CASE("a domain-spec ends in a top label or a macro", "[spf]") {
  for (const char* text : {"example.org", "example.org.", "_spf.%{d}", "%{d}.org", "a.xn--zckzah",
                           "foo:bar/baz.org", ".org", "a..org", "1.2.a1", "x.1-2", "a.%%"}) {
    CAPTURE(text);
    CHECK(CheckDomainSpec(text, /*one_label=*/false));
  }
  for (const char* text : {"", "org", "org.", "a.-org", "a.org-", "a.1", "192.0.2.1", "a.o_g",
                           "%{d}org", "example.org:25", "a.org..", "a.org/24"}) {
    CAPTURE(text);
    CHECK_FALSE(CheckDomainSpec(text, /*one_label=*/false));
  }
  CHECK(CheckDomainSpec("org", /*one_label=*/true));
  CHECK_FALSE(CheckDomainSpec("%{d}org", /*one_label=*/true));
}

TEST_CASE("a name that is too long loses labels on the left", "[spf]") {
  const std::string label(60, 'a');
  std::string spec;
  for (int i = 0; i < 6; ++i) spec += label + std::to_string(i) + ".";
  const std::string name = ExpandDomain(spec + "example.org", kExample);
  CHECK(name == label + "3." + label + "4." + label + "5.example.org");
  CHECK(IsDomainName(name));
  CHECK(ExpandDomain("%{l}.org", {.local_part = std::string(300, 'x')}) == "org");
  // Nothing to take away.
  CHECK_FALSE(IsDomainName(ExpandDomain("%{l}", {.local_part = std::string(300, 'x')})));
}

TEST_CASE("an expansion is bounded, however often a macro stands there", "[spf]") {
  std::string spec;
  for (int i = 0; i < 20000; ++i) spec += "%{l}.";
  const std::string name = ExpandDomain(spec + "org", {.local_part = std::string(60, 'x')});
  CHECK(name.size() <= 253);
  CHECK(IsDomainName(name));
}

TEST_CASE("names that the DNS could know", "[spf]") {
  CHECK(IsDomainName("a"));
  CHECK(IsDomainName("a b.\xff.example"));
  CHECK(IsDomainName(std::string(63, 'a') + ".example"));
  CHECK_FALSE(IsDomainName(""));
  CHECK_FALSE(IsDomainName("a..b"));
  CHECK_FALSE(IsDomainName("a.b."));
  CHECK_FALSE(IsDomainName(std::string(64, 'a') + ".example"));
}

}  // namespace
}  // namespace mxward::spf
