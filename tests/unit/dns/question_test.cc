// SPDX-License-Identifier: Apache-2.0
#include "dns/question.h"

#include "tests/unit/catch.h"

namespace mxward::dns {
namespace {

TEST_CASE("a name that can be asked is made plain", "[dns]") {
  CHECK(CleanName("Mail.Example.ORG") == "mail.example.org");
  CHECK(CleanName("example.org.") == "example.org");
  CHECK(CleanName("_dmarc.example.org") == "_dmarc.example.org");
  CHECK(CleanName("1.0.0.127.bl.example") == "1.0.0.127.bl.example");
  CHECK(CleanName("org") == "org");
  CHECK(CleanName(std::string(63, 'a') + ".b"));
  const std::string label = std::string(62, 'a') + ".";
  CHECK(CleanName(label + label + label + label + "b"));  // 253 bytes
}

TEST_CASE("what is no name is never asked", "[dns]") {
  const std::string label = std::string(62, 'a') + ".";
  const auto text = GENERATE_COPY(values<std::string>(
      {"", ".", "..", ".org", "a..b", "a.b..", "a b", "a\\046b", "[192.0.2.1]", "m\xc3\xbcller.de",
       std::string("a\0b", 3), "a\nb", "a/b", "2001:db8::1", std::string(64, 'a') + ".b",
       label + label + label + label + "bc", std::string(100000, 'a')}));
  INFO(text.substr(0, 80));
  CHECK_FALSE(CleanName(text));
}

}  // namespace
}  // namespace mxward::dns
