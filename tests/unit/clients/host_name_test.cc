// SPDX-License-Identifier: Apache-2.0
#include "clients/host_name.h"

#include <string>
#include <vector>

#include "tests/unit/catch.h"

namespace mxward {
namespace {

TEST_CASE("a host name is what the DNS could be asked about", "[clients]") {
  struct Row {
    std::string text;
    const char* expected;  // nullptr: no name
    const char* why;
  };
  const std::string label63(63, 'a');
  const std::string longest = label63 + "." + label63 + "." + label63 + "." + std::string(61, 'b');
  REQUIRE(longest.size() == 253);
  const std::string long_label = label63 + ".example.org";
  const std::vector<Row> rows = {
      {"Mail.Example.ORG", "mail.example.org", "case"},
      {"mail.example.org.", "mail.example.org", "an absolute name"},
      {"localhost", "localhost", "one label"},
      {"_dmarc.my_host.example.org", "_dmarc.my_host.example.org", "underscores"},
      {"-a-.example.org", "-a-.example.org", "hyphens at the ends, as some hosts have them"},
      {"1.example.org", "1.example.org", "a label of digits"},
      {"xn--bcher-kva.example", "xn--bcher-kva.example", "A-labels"},
      {long_label, long_label.c_str(), "a label of 63"},
      {longest, longest.c_str(), "253 bytes"},
      {longest + ".", longest.c_str(), "and a dot"},
      {longest + "b", nullptr, "254 bytes"},
      {std::string(64, 'a') + ".example.org", nullptr, "a label of 64"},
      {"", nullptr, "nothing"},
      {".", nullptr, "the root"},
      {"..", nullptr, "two dots"},
      {".example.org", nullptr, "an empty label in front"},
      {"mail..example.org", nullptr, "an empty label"},
      {"mail.example.org..", nullptr, "two dots behind"},
      {"192.0.2.1", nullptr, "an address"},
      {"2.1", nullptr, "a part of one"},
      {"mail.example.1", nullptr, "no top-level domain is a number"},
      {"2001:db8::1", nullptr, "an IPv6 address"},
      {"[192.0.2.1]", nullptr, "a literal"},
      {"m\xc3\xbcller.example", "xn--mller-kva.example", "U-labels"},
      {"M\xc3\x9cller.Example.", "xn--mller-kva.example", "an absolute name in them"},
      {"m\xfcller.example", nullptr, "Latin-1"},
      {"m\xc3\xbcller.example..", nullptr, "two dots behind"},
      {"m\xc3\xbcller..example", nullptr, "an empty label behind a U-label"},
      {"m\xc3\xbcller\xef\xbc\xa0.example", nullptr, "a fullwidth at sign is one in ASCII"},
      {"\xef\xbc\x91\xef\xbc\x99\xef\xbc\x92.0.2.1", nullptr, "an address in fullwidth digits"},
      {"mail example.org", nullptr, "a blank"},
      {"mail\\046example.org", nullptr, "a backslash"},
      {std::string("mail\0.example.org", 17), nullptr, "NUL"},
      {std::string(100000, 'a'), nullptr, "a lot"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text, row.why);
    const auto name = HostName(row.text);
    REQUIRE(name.has_value() == (row.expected != nullptr));
    if (name) CHECK(*name == row.expected);
  }
}

TEST_CASE("below a domain means behind a dot", "[clients]") {
  CHECK(IsAtOrBelow("example.org", "example.org"));
  CHECK(IsAtOrBelow("a.b.example.org", "example.org"));
  CHECK_FALSE(IsAtOrBelow("badexample.org", "example.org"));
  CHECK_FALSE(IsAtOrBelow("org", "example.org"));
  CHECK_FALSE(IsAtOrBelow("example.org.net", "example.org"));
  CHECK_FALSE(IsAtOrBelow("example.org", ""));
}

}  // namespace
}  // namespace mxward
