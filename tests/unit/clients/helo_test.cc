// SPDX-License-Identifier: Apache-2.0
#include "clients/helo.h"

#include <random>
#include <string>
#include <vector>

#include "tests/fake/test_config.h"
#include "tests/unit/catch.h"

namespace mxward {
namespace {

struct HeloRow {
  std::string helo;
  HeloFault expected;
  const char* why;
};

Config OurConfig() {
  Config config = TestConfig();
  config.names.own = {"example.net", "mx.example.com"};
  config.names.own_found = {"gate.example.edu"};
  config.trust.own_addresses = {IpAddress::Parse("198.51.100.25").value(),
                                IpAddress::Parse("2001:db8:25::1").value()};
  return config;
}

void CheckHelos(const std::vector<HeloRow>& rows, const char* client) {
  const Config config = OurConfig();
  const IpAddress address = IpAddress::Parse(client).value();
  for (const HeloRow& row : rows) {
    CAPTURE(row.helo, row.why);
    CHECK(row.expected == CheckHelo(row.helo, address, config));
  }
}

TEST_CASE("an ordinary HELO has no fault", "[clients]") {
  CheckHelos(
      {
          {"mail.example.org", HeloFault::kNone, "a name"},
          {"MAIL.Example.ORG", HeloFault::kNone, "case"},
          {"example.org", HeloFault::kNone, "a domain: many say their own"},
          {"", HeloFault::kNone, "nothing was said: the MTA decides whether that may be"},
          {"[192.0.2.1]", HeloFault::kNone, "a literal of the client"},
          {"xn--mller-kva.example", HeloFault::kNone, "A-labels"},
          {"does-not-exist.invalid", HeloFault::kNone, "nobody is asked"},
          {"localhost.localdomain", HeloFault::kNone,
           "common with badly set up servers; own names are those that are configured"},
          {"192-0-2-1.example.org", HeloFault::kNone, "an address in a name is no bare address"},
      },
      "192.0.2.1");
}

TEST_CASE("our names and addresses are nobody else's", "[clients]") {
  CheckHelos(
      {
          {"example.net", HeloFault::kSelf, "our domain"},
          {"EXAMPLE.net", HeloFault::kSelf, "in any case"},
          {"example.net.", HeloFault::kSelf, "with a trailing dot"},
          {"a.b.example.net", HeloFault::kSelf, "below our domain"},
          {"mx.example.com", HeloFault::kSelf, "our host"},
          {"gate.example.edu", HeloFault::kSelf, "our host, found by itself"},
          {"198.51.100.25", HeloFault::kSelf, "our address: worse than a bare one"},
          {"[198.51.100.25]", HeloFault::kSelf, "our address as a literal"},
          {"[IPv6:2001:db8:25::1]", HeloFault::kSelf, "and of the other family"},
          {"[IPv6:::ffff:198.51.100.25]", HeloFault::kSelf, "our address, v4-mapped"},
          {"m\xc3\xbcller.example.net", HeloFault::kSelf, "below our domain, in UTF-8"},
          {"ex\xef\xbd\x81mple.net", HeloFault::kSelf, "our domain with a fullwidth letter"},
          {"badexample.net", HeloFault::kNone, "another domain that ends alike"},
          {"example.com", HeloFault::kNone, "above our host"},
          {"example.net.example.org", HeloFault::kNone, "our domain at the wrong end"},
          {"198.51.100.26", HeloFault::kBareAddress, "our neighbour's address"},
          {"example.net..", HeloFault::kNotQualified, "no name at all"},
      },
      "192.0.2.1");
}

TEST_CASE("an address belongs into brackets and is the client's", "[clients]") {
  CheckHelos(
      {
          {"192.0.2.1", HeloFault::kBareAddress, "bare, though right"},
          {"192.0.2.2", HeloFault::kBareAddress, "bare and wrong"},
          {"192.0.2.1.", HeloFault::kBareAddress, "with a trailing dot"},
          {"2001:db8::1", HeloFault::kBareAddress, "IPv6"},
          {"IPv6:2001:db8::1", HeloFault::kBareAddress, "IPv6 with the tag of a literal"},
          {"[192.0.2.2]", HeloFault::kLiteralMismatch, "another's"},
          {"[10.0.0.5]", HeloFault::kLiteralMismatch, "what it is called inside its network"},
          {"[127.0.0.1]", HeloFault::kLiteralMismatch, "loopback is not how it comes here"},
          {"[IPv6:2001:db8::1]", HeloFault::kLiteralMismatch, "the other family"},
          {"[IPv6:::ffff:192.0.2.1]", HeloFault::kNone, "v4-mapped is IPv4"},
      },
      "192.0.2.1");
  CheckHelos(
      {
          {"[IPv6:2001:db8::1]", HeloFault::kNone, "RFC 5321 4.1.3"},
          {"[ipv6:2001:DB8::1]", HeloFault::kNone, "case"},
          {"[2001:db8::1]", HeloFault::kNone, "the tag is often forgotten"},
          {"[IPv6:2001:0db8:0:0:0:0:0:1]", HeloFault::kNone, "another spelling"},
          {"[IPv6:2001:db8::2]", HeloFault::kLiteralMismatch, "another's"},
          {"[192.0.2.1]", HeloFault::kLiteralMismatch, "the other family"},
      },
      "2001:db8::1");
}

// What each kind of bad input yields.
TEST_CASE("bad input to HELO is a fault, never a failure", "[clients]") {
  const std::string label63(63, 'a');
  CheckHelos(
      {
          {"localhost", HeloFault::kNotQualified, "no dot"},
          {"PC-1234", HeloFault::kNotQualified, "no dot: a Windows machine"},
          {"mail.", HeloFault::kNotQualified, "a trailing dot does not qualify"},
          {"mail.example.org.", HeloFault::kNone, "one trailing dot: an absolute name is a name"},
          {"mail.example.org..", HeloFault::kNotQualified, "two: an empty label"},
          {".", HeloFault::kNotQualified, "the root is no host"},
          {"..", HeloFault::kNotQualified, "nothing but empty labels"},
          {".example.org", HeloFault::kNotQualified, "an empty label in front"},
          {"mail..example.org", HeloFault::kNotQualified, "an empty label"},
          {"my_host.example.org", HeloFault::kNone, "an underscore alone is no fault: common"},
          {"-mail-.example.org", HeloFault::kNone, "nor are hyphens at the ends"},
          {"my_host", HeloFault::kNotQualified, "no dot: the underscore is not what is wrong"},
          {label63 + "." + label63 + "." + label63 + "." + label63 + ".example.org",
           HeloFault::kNotQualified, "some 270 characters: the DNS has 253"},
          {std::string(300, 'a'), HeloFault::kNotQualified, "300 characters"},
          {std::string(150, 'a') + "." + std::string(150, 'b'), HeloFault::kNotQualified,
           "300 with a dot"},
          {label63 + "a.example.org", HeloFault::kNotQualified, "a label of 64"},
          {std::string(100000, '.'), HeloFault::kNotQualified, "a lot of dots"},
          {"m\xc3\xbcller.example", HeloFault::kNotQualified,
           "UTF-8: RFC 6531 3.7.1 wants A-labels here, convertible or not"},
          {"m\xc3\xbcller", HeloFault::kNotQualified, "UTF-8 without a dot"},
          {"m\xfcller.example", HeloFault::kNotQualified, "Latin-1"},
          {"mail example.org", HeloFault::kNotQualified, "a blank"},
          {" mail.example.org", HeloFault::kNotQualified, "a blank in front: MTAs remove it"},
          {std::string("mail\0.example.org", 17), HeloFault::kNotQualified, "NUL"},
          {"mail\x01.example.org", HeloFault::kNotQualified, "a control character"},
          {"user@example.org", HeloFault::kNotQualified, "a mail address"},
          {"http://example.org/", HeloFault::kNotQualified, "a URL"},
          {"mail.example.org:25", HeloFault::kNotQualified, "a port"},
          {"<mail.example.org>", HeloFault::kNotQualified, "angle brackets"},
          {"mail.example.123", HeloFault::kNotQualified, "no top-level domain is a number"},
          {"12345", HeloFault::kNotQualified, "a number has no dot"},
          {"192.0.2.300", HeloFault::kBareAddress, "meant as an address"},
          {"192.0.2", HeloFault::kBareAddress, "a part of one"},
          {"192.000.002.001", HeloFault::kBareAddress, "padded: might be octal, says nothing"},
          {"192.0..1", HeloFault::kBareAddress, "digits and dots only"},
          {"192.0.2.1:25", HeloFault::kNotQualified, "neither an address nor a name"},
          {"[192.0.2.300]", HeloFault::kLiteralMismatch, "a literal of no address"},
          {"[192.0.2.1", HeloFault::kLiteralMismatch, "a literal that does not end"},
          {"[192.0.2.1].", HeloFault::kLiteralMismatch, "a literal has no trailing dot"},
          {"[[192.0.2.1]]", HeloFault::kLiteralMismatch, "brackets twice"},
          {"[ 192.0.2.1 ]", HeloFault::kLiteralMismatch, "blanks in a literal"},
          {"[mail.example.org]", HeloFault::kLiteralMismatch, "a name is no literal"},
          {"[]", HeloFault::kLiteralMismatch, "an empty one"},
          {"[", HeloFault::kLiteralMismatch, "half an empty one"},
          {"[IPv6:fe80::1%eth0]", HeloFault::kLiteralMismatch, "a zone means nothing outside"},
          {"[X400:c=de]", HeloFault::kLiteralMismatch, "a literal of a kind that nobody has"},
          {"192.0.2.1]", HeloFault::kNotQualified, "a bracket that was never opened"},
      },
      "192.0.2.1");
}

TEST_CASE("any bytes can be said in HELO", "[clients]") {
  const std::uint32_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const Config config = OurConfig();
  const IpAddress client = IpAddress::Parse("192.0.2.1").value();
  const std::string bytes("[]:.0123456789abfIPv-_ \xff\xc3\0x", 28);
  for (int i = 0; i < 5000; ++i) {
    std::string helo;
    for (std::size_t length = random() % 300; length > 0; --length) {
      helo += bytes[random() % bytes.size()];
    }
    CheckHelo(helo, client, config);
  }
}

}  // namespace
}  // namespace mxward
