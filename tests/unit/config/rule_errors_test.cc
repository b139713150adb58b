// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <tuple>

#include "catch.h"
#include "tests/fake/temp_dir.h"
#include "tests/unit/config/problems.h"

namespace mxward {
namespace {

// What is wrong with a rule that is good but for these lines, which begin in line 4; "" when
// nothing is.
std::string RuleFault(const std::string& lines) {
  return Problems("[[rule]]\nname = \"r\"\ngreylist = \"on\"\n" + lines);
}

TEST_CASE("a mistake in a rule is told with its place and what would be right", "[config]") {
  std::string lines, expected;
  std::tie(lines, expected) = GENERATE(table<std::string, std::string>({
      {"recipent = \"a@b.example\"",
       "4:1: unknown key \"recipent\" in [[rule]]; did you mean \"recipient\"?"},
      {"client = [\"192.0.2.1\", \"192.0.2.7/24\"]",
       "4:24: rule.client: \"192.0.2.7/24\" has bits set beyond its prefix length; did you mean "
       "\"192.0.2.0/24\"?"},
      {"client = []",
       "4:10: rule.client: must not be an empty list; such as client = [\"192.0.2.0/24\", "
       "\"!192.0.2.7\"]"},
      {"sender = 3",
       "4:10: rule.sender: needs a list of addresses, domains, patterns and list files, such as "
       "[\"news@example.org\", \"<>\"]; found the integer 3"},
      {"sender = [\"/a(/\"]",
       "4:11: rule.sender: \"/a(/\" is not a valid regular expression: missing ): a("},
      {"helo = \"192.0.2.0/24\"",
       "4:8: rule.helo: \"192.0.2.0/24\" is an address or a prefix of clients: it belongs to "
       "\"client\""},
      {"client_name = [\"example.org\", \"Unknown\"]",
       "4:15: rule.client_name: \"unknown\" never matches: clients without a verified name have no "
       "name; use name_class = [\"none\", \"forged\", \"tempfail\"]"},
      {"name_class = [\"noen\"]",
       "4:15: rule.name_class: must be \"unknown\", \"none\", \"forged\", \"tempfail\", "
       "\"dynamic\" "
       "or \"good\", or a list of them; found the text \"noen\"; did you mean \"none\"?"},
      {"score = 5",
       "4:9: rule.score: needs a range in quotes, such as \"5..\"; found the integer 5"},
      {"score = \"5..2\"",
       "4:9: rule.score: \"5..2\" is not a valid range: write \"5..\" for 5 or more, \"..1\" for 1 "
       "or less, \"2..4\" for 2 to 4"},
      {"score = \"..\"",
       "4:9: rule.score: \"..\" is not a valid range: write \"5..\" for 5 or more, \"..1\" for 1 "
       "or less, \"2..4\" for 2 to 4"},
      {"listed = [\"zen\"]", "4:10: rule.listed: there is no DNS list called \"zen\" in [[dnsbl]]"},
      {"spf = [\"temperror\"]",
       "4:8: rule.spf: must be \"pass\", \"none\", \"neutral\", \"softfail\", \"fail\" or "
       "\"permerror\", or a list of them; found the text \"temperror\""},
      {"spf = []", "4:7: rule.spf: must not be an empty list; such as spf = [\"none\", \"fail\"]"},
      {"spf_of = [\"include:_spf.example.org\"]",
       "4:11: rule.spf_of: \"include:_spf.example.org\" is not a valid domain, such as "
       "\"example.com\""},
      {"account = [\"sendgrid.net\"]",
       "4:12: rule.account: \"sendgrid.net\": it belongs to a service with many customers: write "
       "\"sendgrid:NUMBER\""},
      {"account = [\"sendgrid\"]",
       "4:12: rule.account: \"sendgrid\" is not a valid domain, such as \"example.com\""},
      {"port = [0]", "4:9: rule.port: must be from 1 to 65535; found 0"},
      {"time = \"noon\"",
       "4:8: rule.time: \"noon\" is not a valid time: write days, hours or both, such as \"mon-fri "
       "08:00-18:00\", \"sat,sun\" or \"22:00-06:00\""},
      {"tls = \"yes\"",
       "4:7: rule.tls: needs true or false, without quotes; found the text \"yes\""},
      {"text = \"no\"", "4:8: rule.text: is only valid with action = \"defer\" or \"reject\""},
      {"code = \"550 5.7.1\"",
       "4:8: rule.code: is only valid with action = \"defer\" or \"reject\""},
      {"action = \"reject\"",
       "3:12: rule.greylist: has no effect together with an action, which ends the evaluation"},
      {"delay = \"2d\"", "4:9: rule.delay: must be from 1s to 1d; found 2d"},
      {"delay = \"500ms\"", "4:9: rule.delay: must be from 1s to 1d; found 500ms"},
      {"skip = [\"names\"]",
       "4:9: rule.skip: has an unknown check \"names\"; valid are \"name\", \"helo\", \"tls\", "
       "\"spf\", \"sender\", "
       "\"history\", \"dnsbl\" and \"limits\", and \"dnsbl:NAME\" for one DNS list; did you mean "
       "\"name\"?"},
      {"skip = [\"dnsbl:zen\"]",
       "4:8: rule.skip: there is no DNS list called \"zen\" in [[dnsbl]]"},
      {"add_score = 101", "4:13: rule.add_score: must be from -100 to 100; found 101"},
      {"sender = \"file:relative\"",
       "4:10: rule.sender: a list file must be a whole path that begins with a slash; found "
       "\"relative\""},
      {"sender = \"file:/nowhere/list\"",
       "4:10: rule.sender: /nowhere/list: cannot be opened: No such file or directory"},
      {"sender = \"file:/\"", "4:10: rule.sender: /: is a directory, not a file"},
  }));
  INFO(lines);
  CHECK(RuleFault(lines) == "mxward.toml:" + expected);
}

TEST_CASE("a mistake in the reply of a rule is told", "[config]") {
  const auto fault = [](const std::string& lines) {
    return Problems("[[rule]]\nname = \"r\"\n" + lines);
  };
  CHECK(fault("action = \"reject\"\ntext = \"from {clinet}\"") ==
        "mxward.toml:4:8: rule.text: has an unknown variable \"{clinet}\"; valid: {client}, "
        "{client_name}, {helo}, {sender}, {recipient} and {contact}");
  CHECK(fault("action = \"reject\"\ntext = \"in {seconds}\"") ==
        "mxward.toml:4:8: rule.text: has an unknown variable \"{seconds}\"; valid: {client}, "
        "{client_name}, {helo}, {sender}, {recipient} and {contact}");
  CHECK(fault("action = \"defer\"\ntext = \"Service unavailable\"") ==
        "mxward.toml:4:8: rule.text: must not contain \"Service unavailable\": fail2ban would ban "
        "legitimate servers that are only deferred");
  CHECK(fault("action = \"reject\"\ntext = \"Service unavailable\"").empty());
  CHECK(fault("action = \"defer\"\ncode = \"550 5.7.1\"") ==
        "mxward.toml:4:8: rule.code: of a rule that defers begins with 4, such as \"451 4.7.1\"");
  CHECK(fault("action = \"defer\"\ncode = \"421 4.7.0\"") ==
        "mxward.toml:4:8: rule.code: 421 would close the connection, and affect other mail in it; "
        "write \"451 4.7.1\"");
  for (const char* code :
       {"550", "550 4.7.1", "550 5.7", "250 2.0.0", "550 5.7.1 no", "55 5.7.1"}) {
    INFO(code);
    CHECK(fault(std::string("action = \"reject\"\ncode = \"") + code + "\"")
              .find("is not a valid code: write an SMTP code and a status code") !=
          std::string::npos);
  }
}

TEST_CASE("a rule needs a name and an effect", "[config]") {
  CHECK(Problems("[[rule]]\nsender = \"example.org\"") ==
        "mxward.toml:1:1: rule.name: is missing; write what the rule is for, such as name = "
        "\"helpdesk waits for nobody\"\n"
        "mxward.toml:1:1: rule.name: this rule does nothing: give it an action, greylist, delay, "
        "add_score, skip or stop");
  CHECK(Problems("[[rule]]\nname = \"a\"\nstop = true\n[[rule]]\nname = \"A\"\nstop = true\n") ==
        "mxward.toml:5:8: rule.name: another rule, in line 1, is called \"A\" as well; give one of "
        "them another name = \"...\"");
  CHECK(Problems("[rule]\nname = \"a\"\n") ==
        "mxward.toml:1:2: rule is a list of sections: write [[rule]], in double brackets, above "
        "each rule");
  CHECK(Problems("[[rule]]\nname = \"a\"\ndelay = \"3h\"\n[greylist]\nretry_window = \"2h\"\n") ==
        "mxward.toml:3:9: rule.delay: must be shorter than greylist.retry_window = \"2h\"");
}

TEST_CASE("a rule may speak of a list that stands behind it in the file", "[config]") {
  CHECK(Problems("[[rule]]\nname = \"a\"\nlisted = \"x\"\naction = \"reject\"\n"
                 "[[dnsbl]]\nname = \"x\"\nzone = \"x.example\"\ncodes = { \"127.0.0.2\" = 1 }\n")
            .empty());
}

TEST_CASE("a wrong line of a list file is told with both places", "[config]") {
  const TempDir dir;
  const std::string path = dir.path() + "/partners";
  std::ofstream(path) << "example.org\n\nno domain\n";
  CHECK(RuleFault("sender = [\"example.net\", \"file:" + path + "\"]") ==
        "mxward.toml:4:26: rule.sender: " + path + ":3: \"no domain\" is not a domain");
}

}  // namespace
}  // namespace mxward
