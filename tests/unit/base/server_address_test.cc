// SPDX-License-Identifier: Apache-2.0
#include "base/server_address.h"

#include <tuple>

#include "tests/unit/catch.h"

namespace mxward {
namespace {

TEST_CASE("a DNS server's address is read in every usual form", "[base]") {
  const auto [text, canonical] = GENERATE(table<std::string, std::string>({
      {"192.0.2.1", "192.0.2.1:53"},
      {"127.0.0.1:5353", "127.0.0.1:5353"},
      {"127.0.0.1:65535", "127.0.0.1:65535"},
      {"::1", "[::1]:53"},
      {"2001:db8::1", "[2001:db8::1]:53"},
      {"[::1]", "[::1]:53"},
      {"[2001:db8::1]:5353", "[2001:db8::1]:5353"},
      {"[192.0.2.1]:54", "192.0.2.1:54"},
  }));
  INFO(text);
  const auto server = ParseServerAddress(text);
  REQUIRE(server);
  CHECK(server->ToString() == canonical);
  CHECK(ParseServerAddress(canonical) == *server);
}

TEST_CASE("what is no DNS server's address is refused with the reason", "[base]") {
  const auto [text, reason] = GENERATE(table<std::string, std::string>({
      {"", "not the address"},
      {"dns.example.net", "host names are not resolved"},
      {"localhost:53", "host names are not resolved"},
      {"192.0.2.1:", "the port must be"},
      {"192.0.2.1:0", "the port must be"},
      {"192.0.2.1:65536", "the port must be"},
      {"192.0.2.1:53x", "the port must be"},
      {"192.0.2.1:-1", "the port must be"},
      {"[::1]:", "the port must be"},
      {"[::1", "']' is missing"},
      {"[::1]53", "only a colon"},
      {"[[::1]]:53", "only a colon"},
      {"fe80::1%eth0", "not the address"},
      {"IPv6:::1", "not the address"},
      {"192.0.2.256", "not the address"},
      {" 192.0.2.1", "not the address"},
      {"192.0.2.1\n", "192.0.2.1\\x0a"},
  }));
  INFO(text);
  const auto server = ParseServerAddress(text);
  REQUIRE_FALSE(server);
  CHECK_THAT(server.error().message, HasText(reason));
}

}  // namespace
}  // namespace mxward
