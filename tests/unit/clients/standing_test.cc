// SPDX-License-Identifier: Apache-2.0
#include "clients/standing.h"

#include <string>
#include <vector>

#include "catch.h"
#include "tests/fake/times.h"

namespace mxward {
namespace {

constexpr int kNever = 1000000;

// A client as far as its standing goes; times in days before now, a time in the future is negative.
struct StandingRow {
  const char* what;
  Standing expected;
  std::uint32_t passed = 0;
  std::uint16_t days = 0;
  double first_passed = kNever;
  double last_passed = kNever;
  std::uint32_t bad = 0;
  double listed = kNever;
  std::uint32_t deferred = 0;
  std::uint32_t rejected = 0;
  double last_rejected = kNever;
  std::uint32_t harvests = 0;
  bool good_name = true;
};

WallTime Ago(double days) {
  if (days == kNever) return {};
  return kNow - Seconds(static_cast<std::int64_t>(days * 86400));
}

ClientRecord RecordOf(const StandingRow& row) {
  ClientRecord record;
  record.first_seen = Ago(200);
  record.last_seen = kNow;
  record.connections = 100;
  record.passed = row.passed;
  record.passed_on.days = row.days;
  record.passed_on.first = Ago(row.first_passed);
  record.passed_on.last = Ago(row.last_passed);
  record.bad = row.bad;
  record.last_listed = Ago(row.listed);
  record.deferred = row.deferred;
  record.rejected = row.rejected;
  record.against = static_cast<std::uint16_t>(row.rejected);
  record.last_rejected = Ago(row.last_rejected);
  record.harvests = row.harvests;
  return record;
}

constexpr auto kNone = Standing::kNone;
constexpr auto kGood = Standing::kGood;
constexpr auto kBad = Standing::kBad;

const StandingRow kRows[] = {
    {.what = "never seen", .expected = kNone},
    // Good.
    {"five days over fourteen", kGood, 5, 5, 14, 0},
    {"long ago, and still within its lifetime", kGood, 5, 5, 74, 60},
    {"four days", kNone, 500, 4, 30, 0},
    {"five days over less than fourteen", kNone, 500, 5, 13.9, 0},
    {"every day since thirteen days", kNone, 500, 13, 13, 0},
    {.what = "no good name now",
     .expected = kNone,
     .passed = 50,
     .days = 20,
     .first_passed = 100,
     .last_passed = 0,
     .good_name = false},
    {"one in ten bad", kNone, 90, 20, 100, 0, 10},
    {"fewer than one in ten bad", kGood, 91, 20, 100, 0, 10},
    {"more bad than the counter's tenth", kNone, 4000000000, 20, 100, 0, 4000000000},
    {"nearly full counters", kGood, 4294967295, 20, 100, 0, 1000},
    {"deferred recipients do not thin the bad ones", kNone, 90, 20, 100, 0, 10, kNever, 1000000},
    {"rejected recipients do not thin the bad ones", kNone, 90, 20, 100, 0, 10, kNever, 0, 1000000},
    {"deferred recipients are not bad", kGood, 5, 5, 14, 0, 0, kNever, 1000000},
    {"listed today", kNone, 50, 20, 100, 0, 0, 0},
    {"listed 30 days ago", kNone, 50, 20, 100, 0, 0, 30},
    {"listed more than 30 days ago", kGood, 50, 20, 100, 0, 0, 30.01},
    {"listed in the future, which is now", kNone, 50, 20, 100, 0, 0, -500},
    {"last passed in the future, which is now", kGood, 50, 20, 100, -500},
    {"passed in the future only, which is now", kNone, 50, 20, -100, -500},
    {"some span, but it lies in the future", kNone, 50, 20, 13, -500},
    // Bad.
    {"rejected three times", kBad, 0, 0, kNever, kNever, 0, kNever, 0, 3, 0},
    {"rejected twice", kNone, 0, 0, kNever, kNever, 0, kNever, 0, 2, 0},
    {"last rejected 30 days ago", kBad, 0, 0, kNever, kNever, 0, kNever, 0, 3, 30},
    {"last rejected more than 30 days ago", kNone, 0, 0, kNever, kNever, 0, kNever, 0, 99, 30.01},
    {"rejected in the future, which is now", kBad, 0, 0, kNever, kNever, 0, kNever, 0, 3, -500},
    {"a forwarder, which passes mail too", kNone, 1, 1, 100, 100, 0, kNever, 0, 1000, 0},
    {"harvesting", kBad, 0, 0, kNever, kNever, 20, kNever, 0, 0, 0, 1},
    {"harvesting more than 30 days ago", kNone, 0, 0, kNever, kNever, 20, kNever, 0, 0, 31, 1},
    {"harvesting, but mail passes", kNone, 1, 1, 5, 5, 20, kNever, 0, 0, 0, 1},
    {"only greylisted, however often", kNone, 0, 0, kNever, kNever, 0, kNever, 100000},
    {"only bad recipients, below the limits", kNone, 0, 0, kNever, kNever, 1000},
    {"only listed", kNone, 0, 0, kNever, kNever, 0, 0},
    {"a good client that is rejected at times", kGood, 50, 20, 100, 0, 0, kNever, 0, 5, 0},
    {.what = "a bad client without a good name",
     .expected = kBad,
     .rejected = 3,
     .last_rejected = 1,
     .good_name = false},
};

TEST_CASE("what a client's history says about it", "[clients]") {
  for (const StandingRow& row : kRows) {
    INFO(row.what);
    const auto result = StandingOf(RecordOf(row), row.good_name, kNow);
    CHECK(result.standing == row.expected);
    CHECK(result.detail.empty() == (row.expected == kNone));
  }
}

TEST_CASE("a standing says why", "[clients]") {
  ClientRecord record;
  record.passed = 50;
  record.passed_on.days = 12;
  record.passed_on.first = kNow - Seconds(20 * 86400);
  record.passed_on.last = kNow;
  CHECK(StandingOf(record, true, kNow).detail == "passed on 12 days since 2025-12-16");
  record = {};
  record.rejected = 70;
  record.against = 7;
  record.last_rejected = kNow - Seconds(86400);
  CHECK(StandingOf(record, true, kNow).detail == "rejected 7 times, last on 2026-01-04");
  record.harvests = 1;
  CHECK(StandingOf(record, true, kNow).detail == "tried unknown recipients, last on 2026-01-04");
}

ClientRecord Known() {
  ClientRecord record;
  record.passed = 5;
  record.passed_on = {9, Ago(60), Ago(0)};
  record.named_on = {5, Ago(14), Ago(0)};
  record.organisation = 7;
  return record;
}

TEST_CASE("standing takes five days over fourteen with a good name, and hardly any bad recipients",
          "[clients]") {
  struct Row {
    const char* what;
    bool expected;
    void (*change)(ClientRecord&);
  };
  const std::vector<Row> rows = {
      {"as needed", true, [](ClientRecord&) {}},
      {"four named days", false, [](ClientRecord& record) { record.named_on.days = 4; }},
      {"named for thirteen days", false,
       [](ClientRecord& record) { record.named_on.first = Ago(13.9); }},
      {"named in the future, which is now", false,
       [](ClientRecord& record) {
         record.named_on = {20, Ago(13), Ago(-500)};
       }},
      {"passed for long, but without a name", false,
       [](ClientRecord& record) { record.named_on = {}; }},
      {"no organisation", false, [](ClientRecord& record) { record.organisation = 0; }},
      {"one in ten bad", false, [](ClientRecord& record) { record.passed = 90, record.bad = 10; }},
      {"fewer bad", true, [](ClientRecord& record) { record.passed = 91, record.bad = 10; }},
      {"without a name now", true,
       [](ClientRecord& record) { record.name_class = NameClass::kNone; }},
      {"listed by another list", false,
       [](ClientRecord& record) { record.last_listed = Ago(1), record.last_list = "other"; }},
      {"listed by another list long ago", true,
       [](ClientRecord& record) { record.last_listed = Ago(31), record.last_list = "other"; }},
      {"listed by the list in question", true,
       [](ClientRecord& record) { record.last_listed = Ago(0), record.last_list = "this"; }},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    ClientRecord record = Known();
    row.change(record);
    CHECK(HasStanding(record, "this", kNow) == row.expected);
    CHECK(WitnessOf(record, "this", IpAddress::V4(1), {}, kNow).has_value() == row.expected);
  }
  ClientRecord listed = Known();
  listed.last_listed = Ago(0);
  listed.last_list = std::string(ClientRecord::kMaxListName, 'l');
  CHECK(HasStanding(listed, std::string(100, 'l'), kNow));
  CHECK_FALSE(HasStanding(listed, "", kNow));
}

TEST_CASE("neighbours share a network, and strangers do not", "[clients]") {
  const HashKey key{1, 2};
  const auto hash = [&](const char* text) { return NetworkHash(key, *IpAddress::Parse(text)); };
  CHECK(hash("192.0.2.1") == hash("192.0.2.254"));
  CHECK(hash("192.0.2.1") != hash("192.0.3.1"));
  CHECK(hash("2001:db8:1:2::3") == hash("2001:db8:1:ffff::4"));
  CHECK(hash("2001:db8:1::") != hash("2001:db8:2::"));
}

// A window to which witnesses come.
struct Hall {
  VoteWindow window;
  MonoTime now{Seconds(100000)};

  void Come(std::uint32_t organisation, std::uint64_t network, bool yes) {
    window.Add({organisation, network}, yes, now);
  }
  std::string Votes() {
    const VoteWindow::Votes votes = window.Get(now);
    return std::to_string(votes.yes) + ":" + std::to_string(votes.no);
  }
};

TEST_CASE("an organisation is one vote, and so is a network", "[clients]") {
  Hall hall;
  for (std::uint64_t network = 1; network <= 9; ++network) hall.Come(1, network, true);
  CHECK(hall.Votes() == "1:0");
  for (std::uint32_t organisation = 2; organisation <= 9; ++organisation) {
    hall.Come(organisation, 77, true);
  }
  CHECK(hall.Votes() == "2:0");
  // What an organisation's last witness said counts.
  hall.Come(1, 1, false);
  CHECK(hall.Votes() == "1:1");
  // Whoever shares a network with the other side takes nothing from it.
  hall.Come(20, 1, true);
  CHECK(hall.Votes() == "2:1");
}

TEST_CASE("five votes and over half of all carry", "[clients]") {
  CHECK_FALSE(VoteWindow::Votes{4, 0}.Carried());
  CHECK(VoteWindow::Votes{5, 0}.Carried());
  CHECK(VoteWindow::Votes{5, 4}.Carried());
  CHECK_FALSE(VoteWindow::Votes{5, 5}.Carried());
}

TEST_CASE("where few witnesses come an hour counts, where many do ten minutes", "[clients]") {
  Hall hall;
  for (std::uint32_t i = 1; i <= 30; ++i) hall.Come(i, i, false);
  CHECK(hall.Votes() == "0:30");
  hall.now += VoteWindow::kShort;
  CHECK(hall.Votes() == "0:30");  // none in the last ten minutes: the hour counts
  for (std::uint32_t i = 31; i <= 49; ++i) hall.Come(i, i, true);
  CHECK(hall.Votes() == "19:30");
  hall.Come(50, 50, true);
  CHECK(hall.Votes() == "20:0");
  hall.now += VoteWindow::kLong - VoteWindow::kShort - Seconds(1);
  CHECK(hall.Votes() == "20:30");
  hall.now += Seconds(1);
  CHECK(hall.Votes() == "20:0");
  hall.now += VoteWindow::kShort;
  CHECK(hall.Votes() == "0:0");
  CHECK_FALSE(hall.window.MayCarry());
}

TEST_CASE("the votes of a window are bounded, and the oldest gives way", "[clients]") {
  Hall hall;
  for (std::uint32_t i = 1; i <= VoteWindow::kMost + 5; ++i) hall.Come(i, i, i <= 10);
  CHECK(hall.Votes() == "5:" + std::to_string(VoteWindow::kMost - 5));
}

}  // namespace
}  // namespace mxward
