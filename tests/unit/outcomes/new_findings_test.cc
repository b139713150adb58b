// SPDX-License-Identifier: Apache-2.0
#include "outcomes/new_findings.h"

#include "tests/fake/test_config.h"
#include "tests/unit/catch.h"

namespace mxward::outcomes {
namespace {

constexpr WallTime kNoon{Seconds(1795694400)};

Decision NewDecision(Reason reason, int score, std::vector<Finding> findings) {
  Decision decision;
  decision.reason = reason;
  decision.verdict = reason == Reason::kGreylistNew ? Verdict::kDefer : Verdict::kAccept;
  decision.score = score;
  decision.findings = std::move(findings);
  return decision;
}

Finding Scored(Check check, int score) { return {check, "", score}; }
Finding Kept(Check check, int score, bool suspended) {
  Finding finding{check, "", 0};
  finding.withheld = {score, suspended};
  return finding;
}

Config Defaults() {
  Config config = TestConfig();
  config.greylist.apply = GreylistApply::kSuspicious;
  config.score.greylist = 2;
  config.score.own_limit = 7;
  return config;
}

const NewClient kNamed{"mail.example.org", *IpAddress::Parse("192.0.2.1")};

std::string CauseText(const Decision& decision) {
  const auto cause = CauseOf(decision, Defaults().score);
  if (!cause) return "none";
  constexpr std::array kEffects = {" counts", " waits", " suspended"};
  return std::string(WordOf(cause->finding)) + kEffects.at(static_cast<std::size_t>(cause->effect));
}

TEST_CASE("a new finding is the cause when the rest would not be suspicious", "[outcomes]") {
  const auto judged = [](int score, std::vector<Finding> findings) {
    return CauseText(NewDecision(Reason::kGreylistNew, score, std::move(findings)));
  };
  CHECK(judged(2, {Scored(Check::kTlsNone, 2)}) == "tls-none counts");
  CHECK(judged(6, {Scored(Check::kUnauthenticated, 5), Scored(Check::kSpfFail, 1)}) ==
        "unauthenticated counts");
  // Together they are, alone none of them.
  CHECK(judged(2, {Scored(Check::kHeloNotFqdn, 1), Scored(Check::kSpfFail, 1)}) ==
        "spf-fail counts");
  CHECK(judged(6, {Scored(Check::kRdnsNone, 4), Scored(Check::kTlsNone, 2)}) == "none");
  CHECK(judged(1, {Scored(Check::kSpfFail, 1)}) == "none");
  // What the limit of own findings cuts off adds nothing.
  CHECK(judged(7, {Scored(Check::kRdnsNone, 7), Scored(Check::kTlsNone, 2)}) == "none");
  Decision unjudged;
  CHECK(CauseText(unjudged) == "none");
}

TEST_CASE("a new finding that is withheld would be the cause", "[outcomes]") {
  const auto judged = [](int score, std::vector<Finding> findings) {
    return CauseText(NewDecision(Reason::kNotSuspicious, score, std::move(findings)));
  };
  CHECK(judged(0, {Kept(Check::kTlsNone, 2, false)}) == "tls-none waits");
  CHECK(judged(0, {Kept(Check::kTlsNone, 2, true)}) == "tls-none suspended");
  CHECK(judged(-2, {Scored(Check::kHistoryGood, -2), Kept(Check::kTlsNone, 2, false)}) == "none");
  CHECK(judged(4, {Scored(Check::kRdnsNone, 4), Kept(Check::kTlsNone, 2, false)}) == "none");
}

TEST_CASE("what a new finding delays is counted by finding and by client", "[outcomes]") {
  Rows rows;
  const auto add = [&rows](const Rows& more) {
    for (const auto& [key, row] : more) AddTo(rows, key, row);
  };
  const Config config = Defaults();
  const auto deferred = NewDecision(Reason::kGreylistNew, 2, {Scored(Check::kTlsNone, 2)});
  add(RowsOfDelayed(deferred, config, kNamed, true, kNoon));
  add(RowsOfDelayed(NewDecision(Reason::kGreylistPassed, 2, {Scored(Check::kTlsNone, 2)}), config,
                    kNamed, true, kNoon + Seconds(600)));
  const NewClient nameless{"", *IpAddress::Parse("2001:db8::7")};
  add(RowsOfDelayed(deferred, config, nameless, true, kNoon + Seconds(700)));
  add(RowsOfDelayed(deferred, config, nameless, false, kNoon));
  const Day day = DayOf(kNoon);
  CHECK(rows.at({day, Kind::kNewFinding, "tls-none"}).counts[kNewDeferred] == 3);
  CHECK(rows.at({day, Kind::kNewFinding, "tls-none"}).counts[kNewBack] == 1);

  std::map<std::string, Row> clients;
  for (const auto& [key, row] : rows) {
    if (key.kind == Kind::kNewClient) clients.emplace(key.name, row);
  }
  const auto list = ListDelayed(clients);
  REQUIRE(list.size() == 2);
  CHECK(list[0].client == "mail.example.org");
  CHECK(list[0].named);
  CHECK(list[0].came_back == 1);
  CHECK(list[0].last == kNoon + Seconds(600));
  CHECK(list[1].client == "2001:db8::/64");
  CHECK_FALSE(list[1].named);
  CHECK(list[1].deferred == 1);

  // Where all are greylisted the finding delays nobody; nor does it delay who passed before.
  Config all = config;
  all.greylist.apply = GreylistApply::kAll;
  CHECK(RowsOfDelayed(deferred, all, kNamed, true, kNoon).empty());
  CHECK(RowsOfDelayed(NewDecision(Reason::kGreylistKnown, 2, {Scored(Check::kTlsNone, 2)}), config,
                      kNamed, true, kNoon)
            .empty());
}

TEST_CASE("what waits or is suspended is counted by message", "[outcomes]") {
  const Config config = Defaults();
  const auto waits = NewDecision(Reason::kNotSuspicious, 0, {Kept(Check::kTlsNone, 2, false)});
  const Day day = DayOf(kNoon);
  const Rows waiting = RowsOfWaiting(waits, config, kNamed, true, kNoon);
  CHECK(waiting.at({day, Kind::kNewFinding, "tls-none"}).counts[kNewWaiting] == 1);
  CHECK(waiting.at({day, Kind::kNewClient, Joined("tls-none", "mail.example.org")})
            .counts[kNewWaiting] == 1);
  CHECK(RowsOfWaiting(waits, config, kNamed, false, kNoon).size() == 1);

  Rows rows;
  const auto broken = NewDecision(Reason::kNotSuspicious, 0, {Kept(Check::kTlsNone, 2, true)});
  for (const int later : {300, 0, 900}) {
    for (const auto& [key, row] :
         RowsOfWaiting(broken, config, kNamed, true, kNoon + Seconds(later))) {
      AddTo(rows, key, row);
    }
  }
  REQUIRE(rows.size() == 1);
  const Row& row = rows.begin()->second;
  const auto noon = static_cast<std::uint32_t>(kNoon.time_since_epoch().count());
  CHECK(row.counts[kSuspended] == 3);
  CHECK(row.counts[kSuspendedFrom] == 0xffffffff - noon);
  CHECK(row.counts[kSuspendedUntil] == noon + 900);
}

}  // namespace
}  // namespace mxward::outcomes
