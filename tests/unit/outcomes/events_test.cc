// SPDX-License-Identifier: Apache-2.0
#include "outcomes/events.h"

#include <string>
#include <vector>

#include "catch.h"
#include "greylist/identity.h"
#include "outcomes/missed.h"
#include "tests/fake/findings.h"
#include "tests/fake/test_config.h"

namespace mxward::outcomes {
namespace {

using greylist::State;
using greylist::TupleRecord;

constexpr WallTime kNow{Seconds(1767571200 + 3600)};  // 2026-01-05T01:00:00Z
const Day kToday = DayOf(kNow);
const IpAddress kClient = *IpAddress::Parse("192.0.2.7");

TupleRecord Pending(Seconds age) {
  TupleRecord record;
  record.first_seen = record.last_seen = kNow - age;
  record.client = kClient;
  record.sender = "a@mail.example.org";
  record.recipient = "b@here.example";
  return record;
}

Try TryOf(Reason reason, std::optional<TupleRecord> before = {}) {
  Try one;
  one.reason = reason;
  one.before = std::move(before);
  one.now = kNow;
  one.client = kClient;
  one.sender = "a@mail.example.org";
  return one;
}

std::uint32_t Count(const Rows& rows, std::size_t counter, Day day = kToday) {
  const auto total = rows.find({day, Kind::kTotals, ""});
  const auto named = rows.find({day, Kind::kOrganisation, "example.org"});
  const std::uint32_t count = total == rows.end() ? 0 : total->second.counts[counter];
  CHECK((named == rows.end() ? 0 : named->second.counts[counter]) == count);
  return count;
}

TEST_CASE("a tuple that is first seen is deferred", "[outcomes]") {
  const Rows rows = RowsOf(TryOf(Reason::kGreylistNew));
  CHECK(rows.size() == 2);
  CHECK(Count(rows, kDeferred) == 1);
}

TEST_CASE("tries that change nothing for the report count nothing", "[outcomes]") {
  CHECK(RowsOf(TryOf(Reason::kGreylistEarly, Pending(Seconds(60)))).empty());
}

TEST_CASE("who comes back counts for the day of the first try", "[outcomes]") {
  const Rows rows = RowsOf(TryOf(Reason::kGreylistPassed, Pending(Seconds(7200))));
  CHECK(rows.size() == 2);
  CHECK(Count(rows, kCameBack, kToday - 1) == 1);
  CHECK(rows.begin()->second.delays.Percentile(50) > Seconds(5400));
  CHECK(rows.begin()->second.delays.Percentile(50) <= Seconds(7200));
}

TEST_CASE("who comes back too late has not come back, and is deferred again", "[outcomes]") {
  const Rows rows = RowsOf(TryOf(Reason::kGreylistExpired, Pending(Seconds(3 * 86400))));
  CHECK(Count(rows, kNeverBack, kToday - 3) == 1);
  CHECK(Count(rows, kTooLate, kToday - 3) == 1);
  CHECK(Count(rows, kDeferred) == 1);
  TupleRecord known = Pending(Seconds(40 * 86400));
  known.state = State::kPassed;  // unused for longer than greylist.lifetime
  CHECK(RowsOf(TryOf(Reason::kGreylistExpired, known)) == RowsOf(TryOf(Reason::kGreylistNew)));
}

TEST_CASE("what is only observed defers nobody", "[outcomes]") {
  Try one = TryOf(Reason::kGreylistNew);
  one.observing = true;
  CHECK(Count(RowsOf(one), kObserved) == 1);
  CHECK(Count(RowsOf(one), kDeferred) == 0);
  TupleRecord observed = Pending(Seconds(60));
  observed.observed = true;
  // Somebody is told now: the tuple was deferred, on its day.
  CHECK(Count(RowsOf(TryOf(Reason::kGreylistEarly, observed)), kDeferred) == 1);
  CHECK(RowsOf(TryOf(Reason::kGreylistPassed, observed)).empty());
  CHECK(Count(RowsOf(TryOf(Reason::kGreylistExpired, observed)), kNeverBack) == 0);
}

TEST_CASE("folded tries are counted, and nothing else of them", "[outcomes]") {
  Try one = TryOf(Reason::kGreylistEarly, Pending(Seconds(60)));
  one.folded = true;
  const Rows rows = RowsOf(one);
  REQUIRE(rows.size() == 1);
  CHECK(rows.begin()->second.counts[kFolded] == 1);
  one.reason = Reason::kGreylistPassed;
  CHECK(RowsOf(one).empty());
}

TEST_CASE("mail of good evidence that took more than an hour was late", "[outcomes]") {
  struct Case {
    bool good;
    int waited;
    bool late;
  };
  for (const Case& one : {Case{true, 3601, true}, {true, 3600, false}, {false, 9000, false}}) {
    CAPTURE(one.good, one.waited);
    TupleRecord record = Pending(Seconds(one.waited));
    record.good_evidence = one.good;
    const Rows rows = RowsOf(TryOf(Reason::kGreylistPassed, record));
    const auto missed = rows.find(
        {DayOf(record.first_seen), Kind::kMissed, MissedName("example.org", kClient, false)});
    REQUIRE((missed != rows.end()) == one.late);
    if (!one.late) continue;
    CHECK(missed->second.counts[kLate] == 1);
    CHECK(missed->second.counts[kLongest] == 3601);
    CHECK(missed->second.counts[kLast] == kNow.time_since_epoch().count());
  }
}

TEST_CASE("without names only totals are kept", "[outcomes]") {
  TupleRecord record = Pending(Seconds(7200));
  record.good_evidence = true;
  for (const Reason reason : {Reason::kGreylistNew, Reason::kGreylistPassed}) {
    Try one = TryOf(reason, record);
    one.names = false;
    const Rows rows = RowsOf(one);
    CHECK_FALSE(rows.empty());
    for (const auto& [key, row] : rows) CHECK(key.kind == Kind::kTotals);
  }
  const Rows lost = RowsOfLost({record}, HashKey{}, /*names=*/false);
  REQUIRE(lost.size() == 1);
  CHECK(lost.begin()->first.kind == Kind::kTotals);
}

TEST_CASE("what never came back is lost where its evidence was good", "[outcomes]") {
  const HashKey key{};
  TupleRecord spam = Pending(Seconds(4 * 86400));
  TupleRecord good = spam;
  good.good_evidence = true;
  TupleRecord by_name = good;
  by_name.name_hash = greylist::HashName(key, "example.org");
  TupleRecord other_name = good;
  other_name.name_hash = greylist::HashName(key, "example.net");
  TupleRecord of_privacy = good;
  of_privacy.client.reset();
  of_privacy.sender.clear();
  const Rows rows = RowsOfLost({spam, good, by_name, other_name, of_privacy}, key, true);
  const Day day = DayOf(spam.first_seen);
  CHECK(rows.at({day, Kind::kTotals, ""}).counts[kNeverBack] == 5);
  CHECK(rows.at({day, Kind::kOrganisation, "example.org"}).counts[kNeverBack] == 4);
  CHECK(rows.at({day, Kind::kMissed, MissedName("example.org", kClient, false)}).counts[kLost] ==
        2);
  CHECK(rows.at({day, Kind::kMissed, MissedName("example.org", kClient, true)}).counts[kLost] == 1);
  CHECK(rows.size() == 4);
}

Decision Judged(Verdict verdict, Reason reason, const std::vector<Finding>& findings) {
  Decision decision;
  decision.verdict = verdict;
  decision.reason = reason;
  decision.findings = findings;
  decision.score = 0;
  for (const Finding& finding : findings) *decision.score += finding.score;
  return decision;
}

const Row& FindingRow(const Rows& rows, const std::string& finding) {
  return rows.at({kToday, Kind::kFinding, finding});
}

TEST_CASE("what a finding did alone, and together with others", "[outcomes]") {
  Config config = TestConfig();
  config.greylist.apply = GreylistApply::kSuspicious;
  const Rows alone =
      RowsOfFindings(Judged(Verdict::kDefer, Reason::kGreylistNew,
                            {FindingNamed("rdns-none", 4), FindingNamed("dnsbl:silent", 0)}),
                     config, kNow);
  REQUIRE(alone.size() == 1);
  CHECK(FindingRow(alone, "rdns-none").counts == std::array<std::uint32_t, 6>{1, 1, 1, 0, 1, 0});
  const Rows both = RowsOfFindings(Judged(Verdict::kReject, Reason::kScore,
                                          {FindingNamed("rdns-none", 4), FindingNamed("dnsbl:a", 6),
                                           FindingNamed("dnsbl:b", 1)}),
                                   config, kNow);
  CHECK(FindingRow(both, "rdns-none").counts == std::array<std::uint32_t, 6>{1, 0, 1, 0, 0, 1});
  CHECK(FindingRow(both, "dnsbl:a").counts == std::array<std::uint32_t, 6>{1, 0, 1, 0, 0, 1});
  CHECK(FindingRow(both, "dnsbl:b").counts == std::array<std::uint32_t, 6>{1, 0, 0, 0, 0, 1});
  for (const char* pair : {"dnsbl:a|dnsbl:b", "dnsbl:a|rdns-none", "dnsbl:b|rdns-none"}) {
    const std::string_view text = pair;
    const std::size_t bar = text.find('|');
    CHECK(both.contains({kToday, Kind::kPair, Joined(text.substr(0, bar), text.substr(bar + 1))}));
  }
  CHECK(both.size() == 6);
}

TEST_CASE("a finding is decisive when the verdict would be another without it", "[outcomes]") {
  struct Case {
    Verdict verdict;
    Reason reason;
    std::vector<std::pair<std::string, int>> findings;
    GreylistApply apply;
    std::vector<std::string> decisive;
  };
  using enum GreylistApply;
  const std::vector<Case> cases = {
      {Verdict::kDefer, Reason::kGreylistNew, {{"rdns-none", 2}}, kSuspicious, {"rdns-none"}},
      {Verdict::kDefer, Reason::kGreylistNew, {{"rdns-none", 2}, {"helo-ip", 2}}, kSuspicious, {}},
      {Verdict::kDefer,
       Reason::kGreylistNew,
       {{"rdns-none", 1}, {"helo-ip", 1}},
       kSuspicious,
       {"rdns-none", "helo-ip"}},
      {Verdict::kDefer, Reason::kGreylistNew, {{"rdns-none", 4}}, kAll, {}},
      {Verdict::kAccept,
       Reason::kNotSuspicious,
       {{"rdns-none", 4}, {"dnswl:w", -3}},
       kSuspicious,
       {"dnswl:w"}},
      {Verdict::kAccept, Reason::kNotSuspicious, {{"rdns-none", 1}}, kSuspicious, {}},
      {Verdict::kReject, Reason::kScore, {{"rdns-none", 12}}, kSuspicious, {"rdns-none"}},
      {Verdict::kReject, Reason::kScore, {{"rdns-none", 12}, {"helo-ip", 11}}, kSuspicious, {}},
      {Verdict::kDefer,
       Reason::kGreylistNew,
       {{"rdns-none", 12}, {"dnswl:w", -3}},
       kSuspicious,
       {"rdns-none", "dnswl:w"}},
      {Verdict::kDefer,
       Reason::kGreylistNew,
       {{"rdns-none", 12}, {"dnswl:w", -3}},
       kAll,
       {"dnswl:w"}},
      // An entry or a rule decided about greylisting.
      {Verdict::kAccept, Reason::kAllowed, {{"rdns-none", 4}}, kSuspicious, {}},
      {Verdict::kAccept, Reason::kGreylistOff, {{"rdns-none", 4}}, kSuspicious, {}},
      {Verdict::kDefer, Reason::kGreylistNew, {{"rdns-none", 2}, {"dnswl:w", -2}}, kSuspicious, {}},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(i);
    const Case& one = cases[i];
    Config config = TestConfig();
    config.score.greylist = 2;
    config.score.reject = 10;
    config.greylist.apply = one.apply;
    std::vector<Finding> findings;
    for (const auto& [name, score] : one.findings) findings.push_back(FindingNamed(name, score));
    const Rows rows = RowsOfFindings(Judged(one.verdict, one.reason, findings), config, kNow);
    for (const auto& [name, score] : one.findings) {
      CAPTURE(name);
      const bool decisive =
          std::find(one.decisive.begin(), one.decisive.end(), name) != one.decisive.end();
      CHECK((FindingRow(rows, name).counts[kDecisive] == 1) == decisive);
    }
  }
}

TEST_CASE("a decision without a score tells nothing of findings", "[outcomes]") {
  Decision decision = Judged(Verdict::kReject, Reason::kBlocked, {FindingNamed("block", 0)});
  CHECK(RowsOfFindings(decision, TestConfig(), kNow).empty());
  decision.findings = {FindingNamed("limit:x", 3)};
  decision.score.reset();
  CHECK(RowsOfFindings(decision, TestConfig(), kNow).empty());
}

TEST_CASE("names are kept unless the configuration forbids it", "[outcomes]") {
  Config config = TestConfig();
  CHECK(KeepsNames(config));
  config.log.addresses = LogAddresses::kDomain;
  CHECK(KeepsNames(config));
  config.log.addresses = LogAddresses::kHash;
  CHECK_FALSE(KeepsNames(config));
  config.log.addresses = LogAddresses::kFull;
  config.greylist.privacy = true;
  CHECK_FALSE(KeepsNames(config));
}

}  // namespace
}  // namespace mxward::outcomes
