// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "catch.h"
#include "clients/client_record.h"
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
  record.days_passed = row.days;
  record.first_passed = Ago(row.first_passed);
  record.last_passed = Ago(row.last_passed);
  record.bad = row.bad;
  record.last_listed = Ago(row.listed);
  record.deferred = row.deferred;
  record.rejected = row.rejected;
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
  record.days_passed = 12;
  record.first_passed = kNow - Seconds(20 * 86400);
  record.last_passed = kNow;
  CHECK(StandingOf(record, true, kNow).detail == "passed on 12 days since 2025-12-16");
  record = {};
  record.rejected = 7;
  record.last_rejected = kNow - Seconds(86400);
  CHECK(StandingOf(record, true, kNow).detail == "rejected 7 times, last on 2026-01-04");
  record.harvests = 1;
  CHECK(StandingOf(record, true, kNow).detail == "tried unknown recipients, last on 2026-01-04");
}

}  // namespace
}  // namespace mxward
