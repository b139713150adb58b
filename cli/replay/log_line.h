// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace mxward::cli::maillog {

// Reads the times in front of log lines, one file after the other:
//
//   Nov 26 10:00:00               syslog (RFC 3164), journalctl -o short; of local time
//   Nov 26 10:00:00.123456        journalctl -o short-precise
//   2026-11-26T10:00:00.123+01:00 rsyslog, RFC 3339, journalctl -o short-iso; Z, +0100 or nothing
//   <22>1 2026-11-26T10:00:00Z    the same after a priority (RFC 5424)
//
// Fractions of a second are cut off. A time without a year gets the one that follows from `latest`,
// of which no line is later, and from the lines before: after December comes January of the next
// year. Local time is that of the process (TZ).
class TimeReader {
 public:
  // The next lines are of another file, of which none is from later than this.
  void BeginFile(WallTime latest) {
    latest_ = latest;
    if (!goes_on_) year_ = 0;
  }
  // The first line without a year is of this one, and what follows goes on from there.
  void SetYear(int year) {
    year_ = year;
    month_ = 0;
    goes_on_ = true;
  }

  // Removes the time and the blank after it from the front of the line; nothing when there is none,
  // and the line is as it was.
  std::optional<WallTime> Take(std::string_view& line);

 private:
  struct Civil {
    int year = 0;
    int month = 0;  // 1 to 12
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
  };
  std::optional<WallTime> TakeTraditional(std::string_view& line);
  std::optional<WallTime> TakeIso(std::string_view& line);
  int YearOf(const Civil& time);
  WallTime LocalTime(const Civil& time);

  WallTime latest_{};
  bool goes_on_ = false;  // over the files: SetYear()
  int year_ = 0;          // of the line before; 0: there was none
  int month_ = 0;         // likewise
  // The hour that was worked out last: mktime() is slow, and lines come by the hour.
  Civil hour_;
  std::int64_t hour_begins_ = 0;
};

// Whether the time of a line can be believed. A broken line must not carry the time of the log
// years ahead, where everything that waits is over. So a leap by more than a day is believed only
// once the next line confirms it; the first one is lost.
class TimeGuard {
 public:
  bool Believes(WallTime time) {
    const bool leaps = began_ && time - last_ > kLeap;
    if (leaps &&
        !(doubted_ != WallTime() && time >= doubted_ - kLeap && time <= doubted_ + kLeap)) {
      doubted_ = time;
      return false;
    }
    doubted_ = {};
    began_ = true;
    if (time > last_) last_ = time;
    return true;
  }

  static constexpr std::chrono::hours kLeap{24};

 private:
  bool began_ = false;
  WallTime last_{};
  WallTime doubted_{};
};

// A line of syslog, taken apart. Views into the line.
struct Line {
  WallTime time{};
  std::string_view host;
  std::string_view program;  // "postfix/smtpd", "sm-mta"
  std::uint64_t pid = 0;     // 0: the line does not say
  std::string_view text;     // what the program said
};

// "Nov 26 10:00:00 mx postfix/smtpd[123]: connect from ..."; nothing for what is none.
std::optional<Line> ParseLine(std::string_view line, TimeReader& times);

}  // namespace mxward::cli::maillog
