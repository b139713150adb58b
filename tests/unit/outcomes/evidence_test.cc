// SPDX-License-Identifier: Apache-2.0
#include "outcomes/evidence.h"

#include <string>
#include <vector>

#include "catch.h"
#include "tests/fake/findings.h"

namespace mxward::outcomes {
namespace {

Decision DecisionOf(const std::vector<std::pair<std::string, int>>& findings) {
  Decision decision;
  decision.verdict = Verdict::kDefer;
  decision.score = 0;
  for (const auto& [name, score] : findings) {
    decision.findings.push_back(FindingNamed(name, score));
    *decision.score += score;
  }
  return decision;
}

TEST_CASE("what speaks for mail that is being deferred", "[outcomes]") {
  struct Case {
    Decision decision;
    std::string client;
    std::string sender;
    bool speaks;
  };
  Decision by_rule;  // nobody added up a score
  by_rule.verdict = Verdict::kDefer;
  const std::vector<Case> cases = {
      {DecisionOf({}), "", "", true},
      {DecisionOf({{"rdns-none", 4}}), "", "example.org", false},
      {DecisionOf({{"rdns-none", 4}, {"dnswl:good", -1}}), "", "example.org", true},
      {DecisionOf({{"rdns-none", 4}, {"dnswl:good", 0}}), "", "example.org", false},
      {DecisionOf({{"rdns-none", 4}, {"history-good", -2}}), "", "example.org", true},
      {DecisionOf({{"rdns-none", 4}, {"history-good", 0}}), "", "example.org", false},
      {DecisionOf({{"helo-self", 2}}), "example.org", "example.org", true},
      {DecisionOf({{"helo-self", 2}}), "example.org", "example.net", false},
      {DecisionOf({{"helo-self", 2}}), "", "", false},
      {DecisionOf({{"dnsbl:bad", 4}}), "example.org", "example.org", false},
      {DecisionOf({{"rhsbl:bad", 4}, {"dnswl:good", -1}}), "", "", false},
      {DecisionOf({{"dnsbl:bad", 4}, {"dnswl:good", -5}}), "", "", true},
      {DecisionOf({{"dnsbl:observed", 0}, {"helo-self", 2}}), "example.org", "example.org", true},
      {by_rule, "", "example.org", false},
      {by_rule, "example.org", "example.org", true},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(i);
    CHECK(SpeaksFor(cases[i].decision, cases[i].client, cases[i].sender) == cases[i].speaks);
  }
}

TEST_CASE("a sender belongs to the organisation of its domain", "[outcomes]") {
  CHECK(SenderOrganisation("") == "<>");
  CHECK(SenderOrganisation("a@mail.Example.CO.UK") == "example.co.uk");
  CHECK(SenderOrganisation("a") == "");
  CHECK(SenderOrganisation("a@[192.0.2.1]") == "");
  CHECK(SenderOrganisation("a@co.uk") == "");
}

// It becomes a part of a line that an administrator is to type.
TEST_CASE("no organisation holds what a shell would understand", "[outcomes]") {
  for (const std::string& domain :
       {std::string("a';reboot'.example.org"), std::string("$(reboot).example.org"),
        std::string("a b.example.org"), std::string("<b>.example.org"),
        std::string("\x1b[2J.example.org"), std::string("a\0b.example.org", 15)}) {
    const std::string organisation = SenderOrganisation("x@" + domain);
    CAPTURE(organisation);
    CHECK((organisation.empty() || organisation == "example.org"));
  }
}

}  // namespace
}  // namespace mxward::outcomes
