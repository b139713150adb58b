// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/log_line.h"

#include <cstdlib>
#include <ctime>

#include "base/units.h"
#include "tests/unit/catch.h"

namespace mxward::cli::maillog {
namespace {

constexpr WallTime kLatest{Seconds(1795687200)};  // 2026-11-26T10:00:00Z

// The local time of the process, for the life of the object.
class Zone {
 public:
  explicit Zone(const char* zone) {
    const char* before = std::getenv("TZ");
    if (before != nullptr) before_ = before;
    had_ = before != nullptr;
    setenv("TZ", zone, 1);
    tzset();
  }
  ~Zone() {
    if (had_) {
      setenv("TZ", before_.c_str(), 1);
    } else {
      unsetenv("TZ");
    }
    tzset();
  }
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;

 private:
  std::string before_;
  bool had_ = false;
};

std::string Read(TimeReader& times, std::string_view line) {
  const auto time = times.Take(line);
  return time ? FormatTime(*time) + " " + std::string(line) : "none";
}

std::string ReadOne(std::string_view line) {
  TimeReader times;
  times.BeginFile(kLatest);
  return Read(times, line);
}

TEST_CASE("times are read in the forms that syslog daemons write", "[cli]") {
  const Zone zone("UTC");
  CHECK(ReadOne("Nov 26 09:00:01 mx") == "2026-11-26T09:00:01Z mx");
  CHECK(ReadOne("Nov  6 09:00:01 mx") == "2026-11-06T09:00:01Z mx");
  CHECK(ReadOne("Nov 6 09:00:01 mx") == "2026-11-06T09:00:01Z mx");
  CHECK(ReadOne("Nov 26 09:00:01.123456 mx") == "2026-11-26T09:00:01Z mx");
  CHECK(ReadOne("2026-11-26T10:00:00.123456+01:00 mx") == "2026-11-26T09:00:00Z mx");
  CHECK(ReadOne("2026-11-26T10:00:00-0530 mx") == "2026-11-26T15:30:00Z mx");
  CHECK(ReadOne("2026-11-26T10:00:00Z mx") == "2026-11-26T10:00:00Z mx");
  CHECK(ReadOne("2026-11-26 10:00:00 mx") == "2026-11-26T10:00:00Z mx");
  CHECK(ReadOne("<22>Nov 26 09:00:01 mx") == "2026-11-26T09:00:01Z mx");
  CHECK(ReadOne("<22>1 2026-11-26T10:00:00Z mx") == "2026-11-26T10:00:00Z mx");
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
                           "<22",
                           "<>",
                           "Feb 30 09:00:01 mx"}) {
    CAPTURE(line);
    CHECK(ReadOne(line) == "none");
  }
}

TEST_CASE("a time without a year is of the last one that is not in the future", "[cli]") {
  const Zone zone("UTC");
  CHECK(ReadOne("Nov 26 23:00:00 mx") == "2026-11-26T23:00:00Z mx");  // within a day
  CHECK(ReadOne("Nov 28 00:00:00 mx") == "2025-11-28T00:00:00Z mx");
  CHECK(ReadOne("Dec 31 23:59:59 mx") == "2025-12-31T23:59:59Z mx");
  CHECK(ReadOne("Feb 29 12:00:00 mx") == "2024-02-29T12:00:00Z mx");
}

TEST_CASE("after December comes January of the next year", "[cli]") {
  const Zone zone("UTC");
  TimeReader times;
  times.BeginFile(kLatest);
  CHECK(Read(times, "Dec 31 23:59:59 mx") == "2025-12-31T23:59:59Z mx");
  CHECK(Read(times, "Jan  1 00:00:01 mx") == "2026-01-01T00:00:01Z mx");
  // It was written late.
  CHECK(Read(times, "Dec 31 23:59:59 mx") == "2025-12-31T23:59:59Z mx");
  CHECK(Read(times, "Jan  1 00:00:02 mx") == "2026-01-01T00:00:02Z mx");
}

TEST_CASE("a given year counts from the first line on, over the files", "[cli]") {
  const Zone zone("UTC");
  TimeReader times;
  times.SetYear(2006);
  times.BeginFile(kLatest);
  CHECK(Read(times, "Dec 31 23:00:00 mx") == "2006-12-31T23:00:00Z mx");
  CHECK(Read(times, "Jan  1 00:00:00 mx") == "2007-01-01T00:00:00Z mx");
  times.BeginFile(kLatest);
  CHECK(Read(times, "Jan  2 00:00:00 mx") == "2007-01-02T00:00:00Z mx");
}

TEST_CASE("each file has the year that follows from when it was written", "[cli]") {
  const Zone zone("UTC");
  TimeReader times;
  times.BeginFile(WallTime(Seconds(1767225600)));  // 2026-01-01T00:00:00Z
  CHECK(Read(times, "Dec 30 00:00:00 mx") == "2025-12-30T00:00:00Z mx");
  times.BeginFile(kLatest);
  CHECK(Read(times, "Nov  1 00:00:00 mx") == "2026-11-01T00:00:00Z mx");
}

TEST_CASE("local time is that of the zone, in summer and in winter", "[cli]") {
  const Zone zone("CET-1CEST,M3.5.0,M10.5.0/3");
  CHECK(ReadOne("Nov 20 10:30:15 mx") == "2026-11-20T09:30:15Z mx");
  CHECK(ReadOne("Jul 20 10:30:15 mx") == "2026-07-20T08:30:15Z mx");
}

TEST_CASE("a line of syslog is taken apart", "[cli]") {
  TimeReader times;
  times.BeginFile(kLatest);
  const auto line = ParseLine(
      "2026-11-26T10:00:00Z mx1 postfix/submission/smtpd[4711]: connect from a[192.0.2.1]\r\n",
      times);
  REQUIRE(line);
  CHECK(line->host == "mx1");
  CHECK(line->program == "postfix/submission/smtpd");
  CHECK(line->pid == 4711);
  CHECK(line->text == "connect from a[192.0.2.1]");
  const auto solaris =
      ParseLine("2026-11-26T10:00:00Z mx1 sendmail[9]: [ID 801593 mail.info] x: y", times);
  REQUIRE(solaris);
  CHECK(solaris->text == "x: y");
  const auto no_pid = ParseLine("2026-11-26T10:00:00Z mx1 kernel: eth0: up", times);
  REQUIRE(no_pid);
  CHECK(no_pid->program == "kernel");
  CHECK(no_pid->pid == 0);
}

TEST_CASE("what is no line of syslog is none", "[cli]") {
  TimeReader times;
  times.BeginFile(kLatest);
  for (const char* line :
       {"", "hello", "2026-11-26T10:00:00Z ", "2026-11-26T10:00:00Z mx",
        "2026-11-26T10:00:00Z mx text", "2026-11-26T10:00:00Z mx last message repeated 2 times",
        "2026-11-26T10:00:00Z mx : text", "2026-11-26T10:00:00Z mx a b: text",
        "2026-11-26T10:00:00Z mx a]: text"}) {
    CAPTURE(line);
    CHECK_FALSE(ParseLine(line, times));
  }
}

TEST_CASE("a leap in time is believed once the next line confirms it", "[cli]") {
  TimeGuard guard;
  CHECK(guard.Believes(kLatest));
  CHECK_FALSE(guard.Believes(kLatest + std::chrono::hours(24 * 365 * 50)));
  CHECK(guard.Believes(kLatest + Seconds(1)));
  CHECK(guard.Believes(kLatest - Seconds(30)));
  CHECK_FALSE(guard.Believes(kLatest + std::chrono::hours(100)));
  CHECK(guard.Believes(kLatest + std::chrono::hours(101)));
  CHECK(guard.Believes(kLatest + std::chrono::hours(102)));
}

}  // namespace
}  // namespace mxward::cli::maillog
