// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "catch.h"
#include "config/loader.h"
#include "tests/unit/config/problems.h"

namespace mxward {
namespace {

TEST_CASE("what mxward finds by itself never rejects by default", "[config]") {
  const ScoreConfig score = DefaultConfig().score;
  const int name =
      std::max({score.rdns_none, score.rdns_forged, score.rdns_dynamic, score.rdns_tempfail});
  const int helo =
      std::max({score.helo_self, score.helo_ip, score.helo_literal_mismatch, score.helo_not_fqdn});
  const int sender =
      std::max({score.sender_domain_none, score.sender_null_mx, score.sender_mx_nowhere});
  const int history = std::max(score.history_bad, score.history_good);
  CHECK(name == 4);
  CHECK(helo == 2);
  CHECK(sender == 2);
  CHECK(history == 1);
  CHECK(score.history_good == -2);
  CHECK(score.tls_none == 2);
  // Whatever they add up to, they count no more than this, and a list of 3 is what it takes.
  CHECK(score.own_limit == 7);
  CHECK(score.own_limit < score.reject);
  CHECK(name + helo + sender + history + score.tls_none > score.own_limit);
  CHECK(DefaultConfig().dnsbl.empty());
}

TEST_CASE("one bad name is enough to be greylisted, a HELO without a dot is not", "[config]") {
  const ScoreConfig score = DefaultConfig().score;
  CHECK(score.rdns_none >= score.greylist);
  CHECK(score.rdns_forged >= score.greylist);
  CHECK(score.rdns_dynamic >= score.greylist);
  CHECK(score.rdns_tempfail < score.greylist);
  CHECK(score.helo_not_fqdn < score.greylist);
}

TEST_CASE("own names are domains and the word self", "[config]") {
  const LoadResult loaded =
      ParseConfig("[names]\nown = [\"Example.ORG.\", \"self\", \"mx.example.net\"]\n", "f");
  REQUIRE(loaded);
  CHECK(loaded->names.own_self);
  CHECK(loaded->names.own == std::vector<std::string>{"example.org", "mx.example.net"});
  CHECK_FALSE(ParseConfig("names.own = [\"example.org\"]", "f")->names.own_self);
  CHECK(Problems("names.own = [\"slef\"]") ==
        "mxward.toml:1:14: names.own: \"slef\" is not a valid domain, such as \"example.com\"; did "
        "you mean \"self\"?");
  CHECK(Problems("names.dynamic_except = [\"self\"]") ==
        "mxward.toml:1:25: names.dynamic_except: \"self\" is not a valid domain, such as "
        "\"example.com\"");
}

TEST_CASE("DNS servers are addresses, with a port where it is not 53", "[config]") {
  const LoadResult loaded = ParseConfig(
      "dns.servers = [\"127.0.0.1:5353\", \"192.0.2.1:53\", \"[2001:DB8::1]:54\", \"[::1]\", "
      "\"::1\"]",
      "f");
  REQUIRE(loaded);
  CHECK(loaded->dns.servers ==
        std::vector<std::string>{"127.0.0.1:5353", "192.0.2.1", "[2001:db8::1]:54", "::1", "::1"});
  CHECK_THAT(Problems("dns.servers = [\"127.0.0.1\", \"ns.example.org\"]"),
             HasText("mxward.toml:1:29: dns.servers: \"ns.example.org\""));
  CHECK_THAT(Problems("dns.servers = [\"127.0.0.1:0\"]"), HasText("1:16: dns.servers: "));
}

TEST_CASE("greylisting can be for the suspicious, for all, or off", "[config]") {
  CHECK(ParseConfig("greylist.apply = \"suspicious\"", "f")->greylist.apply ==
        GreylistApply::kSuspicious);
  CHECK(ParseConfig("greylist.apply = \"all\"", "f")->greylist.apply == GreylistApply::kAll);
  CHECK(Problems("greylist.apply = \"suspicous\"") ==
        "mxward.toml:1:18: greylist.apply: must be \"suspicious\", \"all\" or \"off\"; found the "
        "text \"suspicous\"; did you mean \"suspicious\"?");
}

}  // namespace
}  // namespace mxward
