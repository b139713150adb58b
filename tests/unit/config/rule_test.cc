// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include "catch.h"
#include "config/dump.h"
#include "config/loader.h"
#include "tests/fake/temp_dir.h"
#include "tests/unit/config/load.h"
#include "tests/unit/config/problems.h"

namespace mxward {
namespace {

// Everything that a rule can be, and as little as it can say.
constexpr std::string_view kRules = R"([[dnsbl]]
name = "house list"
zone = "bl.example.net"
codes = { "127.0.0.2" = 4 }

[[rule]]
name = "all matchers"
client = ["192.0.2.0/24", "!192.0.2.7"]
client_name = ["example.org", "/^mail[0-9]+[.]/"]
name_class = ["none", "forged"]
helo = "*.example.net"
sender = ["news@example.org", "<>"]
recipient = "@here.example"
authenticated = false
tls = true
score = "2..4"
listed = "house list"
spf = ["none", "fail"]
spf_of = "_spf.example.net"
account = ["SendGrid:12345", "mailchimp:*", "Example.org"]
port = 25
daemon = "mx.example.org"
time = ["mon-fri 18:00-08:00", "sat,sun"]
action = "reject"
text = "No mail from {client}"
code = "554 5.7.0"

[[rule]]
name = "all effects"
greylist = "on"
delay = "15m"
add_score = -3
skip = ["name", "limits", "dnsbl:house list"]
stop = true
observe = true

[[rule]]
name = "least"
greylist = "off"

[[rule]]
name = "defers"
action = "defer"
)";

TEST_CASE("rules are read as they are written", "[config]") {
  const Config config = Load(kRules);
  REQUIRE(config.rule.size() == 4);
  const RuleConfig& matchers = config.rule[0];
  CHECK(matchers.client.MatchesClient(*IpAddress::Parse("192.0.2.1")));
  CHECK_FALSE(matchers.client.MatchesClient(*IpAddress::Parse("192.0.2.7")));
  CHECK(matchers.client_name.MatchesName("mail12.example.com"));
  CHECK(matchers.name_class == std::vector{NameClass::kNone, NameClass::kForged});
  CHECK(matchers.helo.MatchesName("a.example.net"));
  CHECK(matchers.sender.MatchesAddress(""));
  CHECK(matchers.recipient.MatchesAddress("joe@here.example"));
  CHECK(matchers.authenticated == false);
  CHECK(matchers.tls == true);
  CHECK(matchers.score_min == 2);
  CHECK(matchers.score_max == 4);
  CHECK(matchers.listed == std::vector<std::string>{"house list"});
  CHECK(matchers.spf == std::vector{SpfResult::kNone, SpfResult::kFail});
  CHECK(matchers.spf_of == std::vector<std::string>{"_spf.example.net"});
  CHECK(matchers.account ==
        std::vector<std::string>{"sendgrid:12345", "mailchimp:*", "example.org"});
  CHECK(matchers.LooksAtSpf());
  CHECK_FALSE(config.rule[1].LooksAtSpf());
  CHECK(matchers.port == std::vector{25});
  CHECK(matchers.daemon == std::vector<std::string>{"mx.example.org"});
  CHECK(matchers.time.size() == 2);
  CHECK(matchers.action == RuleAction::kReject);
  CHECK(matchers.code == 554);
  CHECK(matchers.enhanced == "5.7.0");
  CHECK(matchers.text == "No mail from {client}");
  const RuleConfig& effects = config.rule[1];
  CHECK(effects.greylist == RuleGreylist::kOn);
  CHECK(effects.delay == Seconds(900));
  CHECK(effects.add_score == -3);
  CHECK(effects.skip.name);
  CHECK(effects.skip.limits);
  CHECK_FALSE(effects.skip.lists);
  CHECK(effects.skip.list_names == std::vector<std::string>{"house list"});
  CHECK(effects.stop);
  CHECK(effects.observe);
  CHECK(config.rule[2].client.empty());
  CHECK(config.rule[3].code == 451);
  CHECK(config.rule[3].enhanced == "4.7.1");
}

TEST_CASE("rules that are dumped load back to the same rules", "[config]") {
  const Config config = Load(kRules);
  for (const bool only_changed : {false, true}) {
    const std::string dumped = DumpToml(config, only_changed);
    INFO(dumped);
    CHECK(Load(dumped) == config);
  }
}

TEST_CASE("all rules together evaluate the records of sixteen domains at most", "[config]") {
  const auto rules = [](int domains) {
    std::string text;
    for (int i = 0; i < domains; ++i) {
      const std::string number = std::to_string(i);
      text += "[[rule]]\nname = \"r" + number + "\"\nspf_of = [\"s" + number +
              ".example\", \"s0.example\"]\ngreylist = \"off\"\n";
    }
    return text;
  };
  CHECK(Problems(rules(16)) == "");
  CHECK_THAT(Problems(rules(17)), HasText("rules have 17 different domains in spf_of"));
}

TEST_CASE("a rule that came, went or changed is among the changes", "[config]") {
  const Config before = Load("[[rule]]\nname = \"a\"\nsender = \"example.org\"\nstop = true\n");
  const Config after = Load(
      "[[rule]]\nname = \"a\"\nsender = \"example.net\"\nstop = true\n"
      "[[rule]]\nname = \"b\"\ngreylist = \"off\"\n");
  const auto changes = Difference(before, after);
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].name == "rule \"a\".sender");
  CHECK(changes[0].before == "[\"example.org\"]");
  CHECK(changes[0].after == "[\"example.net\"]");
  CHECK(changes[1].name == "rule \"b\"");
  CHECK(changes[1].after == "{ name = \"b\", greylist = \"off\" }");
  CHECK_FALSE(changes[1].needs_restart);
}

TEST_CASE("a list file that changed is a change", "[config]") {
  const TempDir dir;
  const std::string path = dir.path() + "/partners";
  const auto load = [&](const char* content) {
    std::ofstream(path) << content;
    return Load("[[rule]]\nname = \"a\"\nsender = \"file:" + path + "\"\nstop = true\n");
  };
  const Config before = load("example.org\n");
  CHECK(Difference(before, load("# a comment\nexample.org\n")).empty());
  const auto changes = Difference(before, load("example.org\nexample.net\n"));
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].name == "rule \"a\".sender");
  CHECK(changes[0].before.find("(1 patterns, #") != std::string::npos);
  CHECK(changes[0].after.find("(2 patterns, #") != std::string::npos);
}

}  // namespace
}  // namespace mxward
