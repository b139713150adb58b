// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/log_time.h"

#include "base/units.h"
#include "tests/unit/catch.h"
#include "tests/unit/cli/replay/time_zone.h"

namespace mxward::cli::maillog {
namespace {

constexpr WallTime kLatest{Seconds(1795687200)};  // 2026-11-26T10:00:00Z

std::string Read(TimeReader& times, std::string_view line) {
  auto time = times.TakeIso(line);
  if (!time) time = times.TakeTraditional(line);
  return time ? FormatTime(*time) + " " + std::string(line) : "none";
}

std::string ReadOne(std::string_view line) {
  TimeReader times;
  times.BeginFile(kLatest);
  return Read(times, line);
}

TEST_CASE("times are read in the forms that syslog daemons write", "[cli]") {
  const TimeZone zone("UTC");
  CHECK(ReadOne("Nov 26 09:00:01 mx") == "2026-11-26T09:00:01Z mx");
  CHECK(ReadOne("Nov  6 09:00:01 mx") == "2026-11-06T09:00:01Z mx");
  CHECK(ReadOne("Nov 6 09:00:01 mx") == "2026-11-06T09:00:01Z mx");
  CHECK(ReadOne("Nov 26 09:00:01.123456 mx") == "2026-11-26T09:00:01Z mx");
  CHECK(ReadOne("2026-11-26T10:00:00.123456+01:00 mx") == "2026-11-26T09:00:00Z mx");
  CHECK(ReadOne("2026-11-26T10:00:00-0530 mx") == "2026-11-26T15:30:00Z mx");
  CHECK(ReadOne("2026-11-26T10:00:00Z mx") == "2026-11-26T10:00:00Z mx");
  CHECK(ReadOne("2026-11-26 10:00:00 mx") == "2026-11-26T10:00:00Z mx");
}

TEST_CASE("what is no time is left as it is", "[cli]") {
  for (const char* line : {"",
                           "N",
                           "Nov",
                           "Nov 26",
                           "Nov 26 09:00:01",
                           "Nov 32 09:00:01 mx",
                           "Nov 26 24:00:01 mx",
                           "Nov 26 09:60:01 mx",
                           "Nov 26 09:00 mx and more",
                           "ovN 26 09:00:01 mx",
                           "Nov26 09:00:01 mx!",
                           "2026-11-26",
                           "2026-11-26T10:00:00",
                           "2026-13-26T10:00:00Z mx",
                           "2026-02-30T10:00:00Z mx",
                           "0000-11-26T10:00:00Z mx",
                           "2026-11-26T10:00:00+9:00 mx",
                           "2026-11-26T10:00:00+99:00 mx",
                           "-- Boot 0123456789 --",
                           "Feb 30 09:00:01 mx"}) {
    CAPTURE(line);
    CHECK(ReadOne(line) == "none");
  }
}

TEST_CASE("a time without a year is of the last one that is not in the future", "[cli]") {
  const TimeZone zone("UTC");
  CHECK(ReadOne("Nov 26 23:00:00 mx") == "2026-11-26T23:00:00Z mx");  // within a day
  CHECK(ReadOne("Nov 28 00:00:00 mx") == "2025-11-28T00:00:00Z mx");
  CHECK(ReadOne("Dec 31 23:59:59 mx") == "2025-12-31T23:59:59Z mx");
  CHECK(ReadOne("Feb 29 12:00:00 mx") == "2024-02-29T12:00:00Z mx");
}

TEST_CASE("after December comes January of the next year", "[cli]") {
  const TimeZone zone("UTC");
  TimeReader times;
  times.BeginFile(kLatest);
  CHECK(Read(times, "Dec 31 23:59:59 mx") == "2025-12-31T23:59:59Z mx");
  CHECK(Read(times, "Jan  1 00:00:01 mx") == "2026-01-01T00:00:01Z mx");
  // It was written late.
  CHECK(Read(times, "Dec 31 23:59:59 mx") == "2025-12-31T23:59:59Z mx");
  CHECK(Read(times, "Jan  1 00:00:02 mx") == "2026-01-01T00:00:02Z mx");
}

TEST_CASE("a given year counts from the first line on, over the files", "[cli]") {
  const TimeZone zone("UTC");
  TimeReader times;
  times.SetYear(2006);
  times.BeginFile(kLatest);
  CHECK(Read(times, "Dec 31 23:00:00 mx") == "2006-12-31T23:00:00Z mx");
  CHECK(Read(times, "Jan  1 00:00:00 mx") == "2007-01-01T00:00:00Z mx");
  times.BeginFile(kLatest);
  CHECK(Read(times, "Jan  2 00:00:00 mx") == "2007-01-02T00:00:00Z mx");
}

TEST_CASE("each file has the year that follows from when it was written", "[cli]") {
  const TimeZone zone("UTC");
  TimeReader times;
  times.BeginFile(WallTime(Seconds(1767225600)));  // 2026-01-01T00:00:00Z
  CHECK(Read(times, "Dec 30 00:00:00 mx") == "2025-12-30T00:00:00Z mx");
  times.BeginFile(kLatest);
  CHECK(Read(times, "Nov  1 00:00:00 mx") == "2026-11-01T00:00:00Z mx");
}

TEST_CASE("local time is that of the zone, in summer and in winter", "[cli]") {
  const TimeZone zone("CET-1CEST,M3.5.0,M10.5.0/3");
  CHECK(ReadOne("Nov 20 10:30:15 mx") == "2026-11-20T09:30:15Z mx");
  CHECK(ReadOne("Jul 20 10:30:15 mx") == "2026-07-20T08:30:15Z mx");
}

TEST_CASE("months are read in any language", "[cli]") {
  const TimeZone zone("UTC");
  CHECK(ReadOne("Okt 26 09:00:01 mx") == "2026-10-26T09:00:01Z mx");
  CHECK(ReadOne("août 26 09:00:01 mx") == "2026-08-26T09:00:01Z mx");
  CHECK(ReadOne("févr. 26 09:00:01 mx") == "2026-02-26T09:00:01Z mx");
  CHECK(ReadOne("окт 26 09:00:01 mx") == "2026-10-26T09:00:01Z mx");
  CHECK(ReadOne("10月 26 09:00:01 mx") == "2026-10-26T09:00:01Z mx");
  CHECK(ReadOne(" 5월  6 09:00:01 mx") == "2026-05-06T09:00:01Z mx");
  CHECK(ReadOne("13月 26 09:00:01 mx") == "none");
  CHECK(ReadOne("Oct 26 2019 09:00:01 mx") == "2019-10-26T09:00:01Z mx");
}

TEST_CASE("times of journalctl's own forms", "[cli]") {
  const TimeZone zone("CET-1");
  TimeReader times;
  times.BeginFile(kLatest);
  const auto read = [&](std::string_view line) {
    const auto time = times.TakeWithWeekday(line);
    return time ? FormatTime(*time) + " " + std::string(line) : "none";
  };
  CHECK(read("Thu 2026-11-26 10:00:00 UTC mx x") == "2026-11-26T10:00:00Z mx x");
  CHECK(read("Thu 2026-11-26 10:00:00.123456 CET mx x") == "2026-11-26T09:00:00Z mx x");
  CHECK(read("jeu. 2026-11-26 10:00:00 +03 mx x") == "2026-11-26T07:00:00Z mx x");
  CHECK(read("木 2026-11-26 10:00:00 +0530 mx x") == "2026-11-26T04:30:00Z mx x");
  for (const char* line :
       {"", "Thu", "Thu 2026-11-26", "Thu 2026-11-26 10:00:00", "Thu 2026-11-26 10:00:00 UTC",
        "Thu 2026-13-26 10:00:00 UTC mx", "2026-11-26 10:00:00 UTC mx"}) {
    CHECK(read(line) == "none");
  }
  std::string_view line = "1795687200.123456 mx x";
  CHECK(TimeReader::TakeSeconds(line) == kLatest);
  CHECK(line == "mx x");
  for (std::string_view wrong : {"1795687200 mx", "17.5 mx", "1795687200.5", "17956872001.5 mx"}) {
    CHECK_FALSE(TimeReader::TakeSeconds(wrong));
  }
}

TEST_CASE("a leap in time is believed once the next line confirms it", "[cli]") {
  using Belief = TimeGuard::Belief;
  TimeGuard guard;
  CHECK(guard.Judge(kLatest) == Belief::kBelieved);
  CHECK(guard.Judge(kLatest + std::chrono::hours(24 * 365 * 50)) == Belief::kDoubted);
  CHECK(guard.Judge(kLatest + Seconds(1)) == Belief::kBelieved);
  CHECK(guard.Judge(kLatest - Seconds(30)) == Belief::kBelieved);
  CHECK(guard.Judge(kLatest + std::chrono::hours(100)) == Belief::kDoubted);
  CHECK(guard.Judge(kLatest + std::chrono::hours(101)) == Belief::kConfirms);
  CHECK(guard.Judge(kLatest + std::chrono::hours(102)) == Belief::kBelieved);
}

}  // namespace
}  // namespace mxward::cli::maillog
