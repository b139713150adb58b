// SPDX-License-Identifier: Apache-2.0
#include "dns/resolv_conf.h"

#include <cstdio>
#include <fstream>

#include "tests/fake/temp_dir.h"
#include "tests/unit/catch.h"

namespace mxward::dns {
namespace {

std::string Servers(std::string_view text) {
  std::string all;
  for (const auto& server : ParseResolvConf(text).servers) all += server.ToString() + " ";
  return all;
}

TEST_CASE("the servers of a resolv.conf are read in order", "[dns]") {
  CHECK(Servers("# comment\nsearch a b\nnameserver 192.0.2.1\n\tnameserver\t2001:db8::1 # here\r\n"
                "options edns0\nnameserver 127.0.0.1") ==
        "192.0.2.1:53 [2001:db8::1]:53 127.0.0.1:53 ");
}

TEST_CASE("a resolv.conf without servers means this machine", "[dns]") {
  const auto text = GENERATE(
      values<std::string>({"", "\n\n", "nameserver\n", "nameserver example.net\n",
                           "nameserver fe80::1%eth0\n", "nameserver %\n", "#nameserver 192.0.2.1\n",
                           "nameservers 192.0.2.1\n", std::string("\0\xff\n\0", 4)}));
  CHECK(Servers(text) == "127.0.0.1:53 ");
}

TEST_CASE("a resolv.conf has no more servers than we ask", "[dns]") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "nameserver 192.0.2.1\n";
  CHECK(ParseResolvConf(text).servers.size() == kMaxServers);
}

TEST_CASE("what a resolv.conf says and cannot be done is told", "[dns]") {
  const NameServers found = ParseResolvConf(
      "nameserver fe80::1%eth0\nnameserver 192.0.2.1\nnameserver nonsense%eth0\n"
      "nameserver fe80::2%3\noptions edns0 use-vc\n");
  CHECK(found.servers == std::vector<ServerAddress>{*ParseServerAddress("192.0.2.1")});
  CHECK(found.unusable == std::vector<std::string>{"fe80::1%eth0", "fe80::2%3"});
  CHECK(found.wants_tcp);
  CHECK_FALSE(ParseResolvConf("options edns0 trust-ad\n").wants_tcp);
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "nameserver fe80::1%eth0\n";
  CHECK(ParseResolvConf(many).unusable.size() == kMaxServers);
}

TEST_CASE("a resolv.conf tells when it has changed, and its absence changes nothing", "[dns]") {
  const TempDir directory;
  ResolvConf conf(directory.File("resolv.conf"));
  REQUIRE(conf.Changed());  // no file: this machine, once
  CHECK_FALSE(conf.Changed());
  std::ofstream(conf.path()) << "nameserver 192.0.2.1\n";
  const auto servers = conf.Changed();
  REQUIRE(servers);
  CHECK(servers->servers.at(0).ToString() == "192.0.2.1:53");
  CHECK_FALSE(conf.Changed());
  REQUIRE(std::remove(conf.path().c_str()) == 0);
  CHECK_FALSE(conf.Changed());
  std::ofstream(conf.path()) << "nameserver 192.0.2.22\n";
  CHECK(conf.Changed());
  conf.Forget();
  CHECK(conf.Changed());
}

}  // namespace
}  // namespace mxward::dns
