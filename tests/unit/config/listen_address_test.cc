// SPDX-License-Identifier: Apache-2.0
#include "config/listen_address.h"

#include <tuple>

#include "catch.h"

namespace mxward {
namespace {

TEST_CASE("an address to listen on is understood in Postfix's and in libmilter's words",
          "[config]") {
  std::string text, libmilter, postfix;
  std::tie(text, libmilter, postfix) = GENERATE(table<std::string, std::string, std::string>({
      {"unix:/run/m.sock", "unix:/run/m.sock", "unix:/run/m.sock"},
      {"local:/run/m.sock", "unix:/run/m.sock", "unix:/run/m.sock"},
      {"/run/m.sock", "unix:/run/m.sock", "unix:/run/m.sock"},
      {"unix:/var/spool/postfix/mxward/m.sock", "unix:/var/spool/postfix/mxward/m.sock",
       "unix:mxward/m.sock"},
      {"inet:8899@127.0.0.1", "inet:8899@127.0.0.1", "inet:127.0.0.1:8899"},
      {"inet:127.0.0.1:8899", "inet:8899@127.0.0.1", "inet:127.0.0.1:8899"},
      {"inet:localhost:8899", "inet:8899@localhost", "inet:localhost:8899"},
      {"inet:0.0.0.0:8899", "inet:8899@0.0.0.0", "inet:127.0.0.1:8899"},
      {"inet:[::1]:8899", "inet6:8899@[::1]", "inet:[::1]:8899"},
      {"inet6:8899@[2001:DB8::1]", "inet6:8899@[2001:db8::1]", "inet:[2001:db8::1]:8899"},
      {"inet6:::1:8899", "inet6:8899@[::1]", "inet:[::1]:8899"},
      {"inet6:8899@::", "inet6:8899@[::]", "inet:[::1]:8899"},
      {"inet6:8899@localhost", "inet6:8899@localhost", "inet:localhost:8899"},
      {"fd:3", "fd:3", ""},
  }));
  INFO(text);
  const auto address = ParseListenAddress(text);
  REQUIRE(address);
  CHECK(address->ToLibmilter() == libmilter);
  CHECK(address->ToPostfix() == postfix);
}

TEST_CASE("auto is a socket where the MTA finds it", "[config]") {
  const auto address = ParseListenAddress("auto");
  REQUIRE(address);
  CHECK(address->kind == ListenAddress::Kind::kUnix);
  CHECK_THAT(address->path, HasText("mxward/milter.sock"));
}

TEST_CASE("a bad address to listen on is explained", "[config]") {
  std::string text, expected;
  std::tie(text, expected) = GENERATE(table<std::string, std::string>({
      {"", "must be \"auto\", \"unix:/path\""},
      {"Auto", "found \"Auto\""},
      {"unix:", "must be "},
      {"tcp:1", "found \"tcp:1\""},
      {"unix:mxward/milter.sock", "only in Postfix's smtpd_milters are paths relative"},
      {"unix:/run/mxward/", "is a directory"},
      {"unix:/a b", "holds a blank"},
      {"inet:8899", "such as \"inet:8899@127.0.0.1\""},
      {"inet:127.0.0.1", "needs a port, such as \"inet:8899@127.0.0.1\""},
      {"inet:0@127.0.0.1", "\"0\" is not a valid port"},
      {"inet:65536@127.0.0.1", "\"65536\" is not a valid port"},
      {"inet:8899@", "\"\" is neither an address nor a host name"},
      {"inet:8899@a/b", "\"a/b\" is neither an address nor a host name"},
      {"inet6:8899@127.0.0.1", "IPv4 address after inet6"},
      {"fd:", "3 or higher"},
      {"fd:2", "3 or higher"},
      {"fd:x", "3 or higher"},
  }));
  INFO(text);
  const auto address = ParseListenAddress(text);
  REQUIRE_FALSE(address);
  CHECK_THAT(address.error().message, HasText(expected));
}

TEST_CASE("the path of a socket has at most 107 bytes", "[config]") {
  CHECK(ParseListenAddress("unix:/" + std::string(106, 'a')));
  const auto address = ParseListenAddress("unix:/" + std::string(107, 'a'));
  REQUIRE_FALSE(address);
  CHECK(address.error().message == "the path of a socket has at most 107 bytes, this one has 108");
}

}  // namespace
}  // namespace mxward
