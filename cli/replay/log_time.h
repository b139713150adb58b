// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace mxward::cli::maillog {

// Reads the times in front of log lines, one file after the other. Each form has a function of its
// own; log_format.cc has the table of them. They remove the time and the blank after it from the
// front of the line; nothing where there is none, and the line is as it was.
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

  // "Nov 26 10:00:00", "Nov  6 10:00:00.123456", "Nov 26 2026 10:00:00"; the month in any language.
  std::optional<WallTime> TakeTraditional(std::string_view& line);
  // "2026-11-26T10:00:00.123+01:00" (RFC 3339), with a blank for T; Z, +0100 or nothing.
  std::optional<WallTime> TakeIso(std::string_view& line);
  // "Thu 2026-11-26 10:00:00 UTC". Of the abbreviations of zones only UTC and GMT are known: others
  // are taken for the local time.
  std::optional<WallTime> TakeWithWeekday(std::string_view& line);
  // "1795687200.123456", seconds since 1970.
  static std::optional<WallTime> TakeSeconds(std::string_view& line);

 private:
  struct Civil {
    int year = 0;
    int month = 0;  // 1 to 12
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
  };
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
// years ahead, where everything that waits is over. So a leap by more than a day is doubted until
// the next line confirms it; then both are believed.
class TimeGuard {
 public:
  enum class Belief : std::uint8_t {
    kBelieved,
    kConfirms,  // believed, and so is the line before it, which was doubted
    kDoubted,   // one that was doubted before it is not believed
  };
  Belief Judge(WallTime time) {
    if (began_ && time - last_ > kLeap) {
      const bool confirms =
          doubted_ != WallTime() && time >= doubted_ - kLeap && time <= doubted_ + kLeap;
      if (!confirms) {
        doubted_ = time;
        return Belief::kDoubted;
      }
      doubted_ = {};
      last_ = time;
      return Belief::kConfirms;
    }
    doubted_ = {};
    began_ = true;
    if (time > last_) last_ = time;
    return Belief::kBelieved;
  }

  static constexpr std::chrono::hours kLeap{24};

 private:
  bool began_ = false;
  WallTime last_{};
  WallTime doubted_{};
};

}  // namespace mxward::cli::maillog
