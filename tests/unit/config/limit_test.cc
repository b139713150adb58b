// SPDX-License-Identifier: Apache-2.0
#include <tuple>

#include "catch.h"
#include "config/limit_section.h"
#include "config/loader.h"
#include "tests/unit/config/problems.h"

namespace mxward {
namespace {

std::vector<LimitConfig> Limits(const std::string& text) {
  LoadResult loaded = ParseConfig(text, "f");
  if (!loaded) FAIL(loaded.error().front().ToString());
  return std::move(loaded->limit);
}

LimitConfig Limit(const std::string& lines) { return Limits("[[limit]]\n" + lines).front(); }

constexpr const char* kConnections = "count = \"connections\"\nper = \"client\"\n";

TEST_CASE("a limit needs count, per and rate only", "[config]") {
  const LimitConfig limit = Limit(kConnections + std::string("rate = \"300/1m\""));
  CHECK(limit.name == "connections-client");
  CHECK(limit.count == LimitCount::kConnections);
  CHECK(limit.per == LimitPer::kClient);
  CHECK(limit.amount == 300);
  CHECK(limit.period == Seconds(60));
  CHECK(limit.burst == 300);
  CHECK(limit.action == LimitAction::kDefer);
  CHECK(limit.at == LimitAt::kRcpt);
  CHECK(limit.score == 0);
  CHECK(limit.spare_networks.empty());
  CHECK(limit.spare_names.empty());
}

TEST_CASE("a limit may say everything", "[config]") {
  const LimitConfig limit = Limit(R"(name = "many per 24"
count = "connections"
per = "network"
rate = "100/1h burst 250"
prefix_v4 = 20
prefix_v6 = 56
action = "reject"
at = "connect"
spare = ["192.0.2.0/24", "2001:db8::1", "Example.ORG.", "198.51.100.7", "abc.de"]
)");
  CHECK(limit.name == "many per 24");
  CHECK(limit.per == LimitPer::kNetwork);
  CHECK(limit.amount == 100);
  CHECK(limit.period == Seconds(3600));
  CHECK(limit.burst == 250);
  CHECK(limit.prefix_v4 == 20);
  CHECK(limit.prefix_v6 == 56);
  CHECK(limit.action == LimitAction::kReject);
  CHECK(limit.at == LimitAt::kConnect);
  REQUIRE(limit.spare_networks.size() == 3);
  CHECK(limit.spare_networks[0].ToString() == "192.0.2.0/24");
  CHECK(limit.spare_networks[1].ToString() == "2001:db8::1");
  CHECK(limit.spare_networks[2].ToString() == "198.51.100.7");
  CHECK(limit.spare_names == std::vector<std::string>{"example.org", "abc.de"});
}

TEST_CASE("everything can be counted for whom it can be known", "[config]") {
  std::string count;
  std::vector<std::string> per;
  std::tie(count, per) = GENERATE(table<std::string, std::vector<std::string>>({
      {"connections", {"client", "network"}},
      {"concurrent", {"client", "network"}},
      {"bad-recipients", {"client", "network"}},
      {"messages",
       {"client", "network", "sender", "sender-domain", "recipient", "user", "account"}},
      {"recipients",
       {"client", "network", "sender", "sender-domain", "recipient", "user", "account"}},
  }));
  const std::string rate = count == "concurrent" ? "20" : "20/1h";
  for (const std::string one :
       {"client", "network", "sender", "sender-domain", "recipient", "user", "account"}) {
    const std::string text =
        "[[limit]]\ncount = \"" + count + "\"\nper = \"" + one + "\"\nrate = \"" + rate + "\"\n";
    INFO(text);
    const bool good = std::find(per.begin(), per.end(), one) != per.end();
    CHECK((Problems(text) == "") == good);
    if (!good) continue;
    const LimitConfig limit = Limits(text).front();
    CHECK(WordOf(limit.count) == count);
    CHECK(WordOf(limit.per) == one);
    CHECK(limit.name == count + "-" + one);
  }
}

TEST_CASE("a network is a prefix, by default of 24 and 48 bits", "[config]") {
  const LimitConfig limit = Limit("count = \"messages\"\nper = \"network\"\nrate = \"5/1h\"");
  CHECK(limit.prefix_v4 == 24);
  CHECK(limit.prefix_v6 == 48);
}

TEST_CASE("concurrent connections have a number and no time", "[config]") {
  for (const char* rate : {"\"20\"", "20", "\" 20 \""}) {
    const LimitConfig limit =
        Limit("count = \"concurrent\"\nper = \"client\"\nrate = " + std::string(rate));
    CHECK(limit.amount == 20);
    CHECK(limit.period == Seconds(0));
    CHECK(limit.burst == 20);
  }
}

TEST_CASE("bad recipients count from a share on", "[config]") {
  const std::string entry = "count = \"bad-recipients\"\nper = \"client\"\nrate = \"20/1h\"\n";
  CHECK(Limit(entry).share == 50);
  CHECK(Limit(entry).burst == 20);
  CHECK(Limit(entry + "share = 0").share == 0);
  CHECK(Limit(entry + "share = 100").share == 100);
}

TEST_CASE("a limit may only add to the score, or only watch", "[config]") {
  const std::string entry = kConnections + std::string("rate = \"300/1m\"\n");
  const LimitConfig limit = Limit(entry + "action = \"score\"\nscore = 4");
  CHECK(limit.action == LimitAction::kScore);
  CHECK(limit.score == 4);
  CHECK(Limit(entry + "action = \"observe\"").action == LimitAction::kObserve);
  CHECK(Limit(entry + "action = \"defer\"\nat = \"rcpt\"").action == LimitAction::kDefer);
}

TEST_CASE("a rate is an amount, a time and perhaps a burst", "[config]") {
  std::string text, canonical;
  std::tie(text, canonical) = GENERATE(table<std::string, std::string>({
      {"300/1m", "300/1m"},
      {"1/1s", "1/1s"},
      {"1000000/30d", "1000000/30d"},
      {"10/1h burst 30", "10/1h burst 30"},
      {"10/1h burst 10", "10/1h"},
      {"10/1h burst 1", "10/1h burst 1"},
      {" 10 / 60m   burst   30 ", "10/1h burst 30"},
      {"5/1d12h", "5/1d12h"},
      {"5/1w", "5/7d"},
  }));
  INFO(text);
  const LimitConfig limit = Limit(kConnections + std::string("rate = \"" + text + "\""));
  CHECK(RateOf(limit).ToString() == canonical);
}

TEST_CASE("limits stand in the order of the file, inline or in sections", "[config]") {
  const auto limits = Limits(
      "limit = [{ count = \"messages\", per = \"sender\", rate = \"9/1h\" },\n"
      "{ count = \"recipients\", per = \"user\", rate = \"100/1h\", name = \"users\" }]\n");
  REQUIRE(limits.size() == 2);
  CHECK(limits[0].name == "messages-sender");
  CHECK(limits[1].name == "users");
  CHECK(Limits("limit = []").empty());
}

}  // namespace
}  // namespace mxward
