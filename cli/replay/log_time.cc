// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/log_time.h"

#include <chrono>
#include <ctime>
#include <string>

#include "cli/replay/log_scanner.h"
#include "cli/replay/month_names.h"

namespace mxward::cli::maillog {
namespace {

// A line may be a little newer than the file's time says: it was written meanwhile, or the zone of
// the log is another one.
constexpr std::chrono::hours kAhead{24};
// In bytes, of months and days of the week in any language.
constexpr std::size_t kLongestMonth = 24;

// `count` digits at `at`; -1 when that is not what stands there.
int Digits(std::string_view text, std::size_t at, std::size_t count) {
  if (text.size() < at + count) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (!IsDigit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

bool Has(std::string_view text, std::size_t at, char c) {
  return at < text.size() && text[at] == c;
}

// Behind ".123456", or where there is none.
std::size_t BehindFraction(std::string_view text, std::size_t at) {
  if (!Has(text, at, '.') && !Has(text, at, ',')) return at;
  ++at;
  while (at < text.size() && IsDigit(text[at])) ++at;
  return at;
}

// "10:00:00" at `at`.
bool ReadClock(std::string_view text, std::size_t at, int& hour, int& minute, int& second) {
  hour = Digits(text, at, 2);
  minute = Digits(text, at + 3, 2);
  second = Digits(text, at + 6, 2);
  // 60: a leap second.
  return Has(text, at + 2, ':') && Has(text, at + 5, ':') && hour >= 0 && hour < 24 &&
         minute >= 0 && minute < 60 && second >= 0 && second <= 60;
}

WallTime AsUtc(int year, int month, int day, int hour, int minute, int second) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         Seconds(second);
}

bool IsDate(int year, int month, int day) {
  if (month < 1 || day < 1) return false;
  return std::chrono::year_month_day{std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day))}
      .ok();
}

}  // namespace

WallTime TimeReader::LocalTime(const Civil& time) {
  if (time.year != hour_.year || time.month != hour_.month || time.day != hour_.day ||
      time.hour != hour_.hour) {
    std::tm local{};
    local.tm_year = time.year - 1900;
    local.tm_mon = time.month - 1;
    local.tm_mday = time.day;
    local.tm_hour = time.hour;
    local.tm_isdst = -1;
    hour_ = time;
    hour_begins_ = static_cast<std::int64_t>(std::mktime(&local));
  }
  return WallTime(Seconds(hour_begins_ + std::int64_t{60} * time.minute + time.second));
}

int TimeReader::YearOf(const Civil& time) {
  if (year_ == 0) {
    const auto day = std::chrono::floor<std::chrono::days>(latest_);
    year_ = static_cast<int>(std::chrono::year_month_day(day).year()) + 1;
    // The last year in which it was not in the future; 29 February has few of them.
    for (int tries = 0; tries < 9; ++tries, --year_) {
      if (!IsDate(year_, time.month, time.day)) continue;
      if (AsUtc(year_, time.month, time.day, time.hour, 0, 0) <= latest_ + kAhead) break;
    }
  } else if (time.month < month_ - 6) {
    ++year_;
  } else if (month_ != 0 && time.month > month_ + 6) {
    // A line that comes late, of the year before.
    return year_ - 1;
  }
  month_ = time.month;
  return year_;
}

std::optional<WallTime> TimeReader::TakeTraditional(std::string_view& line) {
  // The month may begin with a blank where it is a number.
  const std::size_t begin = Has(line, 0, ' ') ? 1 : 0;
  const std::size_t end = line.substr(0, kLongestMonth).find(' ', begin);
  if (end == std::string_view::npos) return std::nullopt;
  Civil time;
  time.month = MonthOf(line.substr(begin, end - begin));
  if (time.month == 0) return std::nullopt;
  // "Nov  6", and "Nov 6" of some syslogs.
  std::size_t at = end + 1;
  if (Has(line, at, ' ')) ++at;
  const bool two = at + 1 < line.size() && IsDigit(line[at + 1]);
  time.day = Digits(line, at, two ? 2 : 1);
  at += two ? 2 : 1;
  if (time.day < 1 || time.day > 31 || !Has(line, at, ' ')) return std::nullopt;
  if (const int year = Digits(line, at + 1, 4); year >= 1970 && Has(line, at + 5, ' ')) {
    time.year = year;
    at += 5;
  }
  if (!ReadClock(line, at + 1, time.hour, time.minute, time.second)) return std::nullopt;
  at = BehindFraction(line, at + 9);
  if (!Has(line, at, ' ')) return std::nullopt;
  if (time.year == 0) time.year = YearOf(time);
  if (!IsDate(time.year, time.month, time.day)) return std::nullopt;
  line.remove_prefix(at + 1);
  return LocalTime(time);
}

std::optional<WallTime> TimeReader::TakeIso(std::string_view& line) {
  Civil time;
  time.year = Digits(line, 0, 4);
  time.month = Digits(line, 5, 2);
  time.day = Digits(line, 8, 2);
  if (time.year < 1970 || !Has(line, 4, '-') || !Has(line, 7, '-')) return std::nullopt;
  if (!Has(line, 10, 'T') && !Has(line, 10, ' ')) return std::nullopt;
  if (!IsDate(time.year, time.month, time.day)) return std::nullopt;
  if (!ReadClock(line, 11, time.hour, time.minute, time.second)) return std::nullopt;
  std::size_t at = BehindFraction(line, 19);
  std::optional<int> minutes_east;
  if (Has(line, at, 'Z')) {
    minutes_east = 0;
    ++at;
  } else if (Has(line, at, '+') || Has(line, at, '-')) {
    const int hours = Digits(line, at + 1, 2);
    const std::size_t colon = Has(line, at + 3, ':') ? 1 : 0;
    const int minutes = Digits(line, at + 3 + colon, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
    minutes_east = (hours * 60 + minutes) * (line[at] == '-' ? -1 : 1);
    at += 5 + colon;
  }
  if (!Has(line, at, ' ')) return std::nullopt;
  line.remove_prefix(at + 1);
  if (!minutes_east) return LocalTime(time);
  return AsUtc(time.year, time.month, time.day, time.hour, time.minute, time.second) -
         std::chrono::minutes(*minutes_east);
}

std::optional<WallTime> TimeReader::TakeWithWeekday(std::string_view& line) {
  const std::size_t day = line.substr(0, kLongestMonth).find(' ');
  if (day == std::string_view::npos || day == 0 || IsDigit(line[0])) return std::nullopt;
  std::string_view rest = line.substr(day + 1);
  // The zone stands behind a blank, where TakeIso() finds none.
  const std::size_t clock = rest.find(' ');
  const std::size_t zone = clock == std::string_view::npos ? clock : rest.find(' ', clock + 1);
  if (zone == std::string_view::npos) return std::nullopt;
  const std::size_t end = rest.find(' ', zone + 1);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view name = rest.substr(zone + 1, end - zone - 1);
  std::string_view iso = rest.substr(0, zone + 1);
  std::string with_zone;
  if (name == "UTC" || name == "GMT") {
    with_zone = std::string(rest.substr(0, zone)) + "Z ";
  } else if (name.size() >= 3 && (name[0] == '+' || name[0] == '-')) {
    with_zone =
        std::string(rest.substr(0, zone)).append(name).append(name.size() == 3 ? "00 " : " ");
  }
  if (!with_zone.empty()) iso = with_zone;
  const auto time = TakeIso(iso);
  if (!time || !iso.empty()) return std::nullopt;
  line = rest.substr(end + 1);
  return time;
}

std::optional<WallTime> TimeReader::TakeSeconds(std::string_view& line) {
  std::int64_t seconds = 0;
  std::size_t at = 0;
  while (at < line.size() && at < 11 && IsDigit(line[at]))
    seconds = seconds * 10 + (line[at++] - '0');
  // Ten digits since 2001; fewer may be anything.
  if (at < 9 || at > 10 || !Has(line, at, '.')) return std::nullopt;
  at = BehindFraction(line, at);
  if (!Has(line, at, ' ')) return std::nullopt;
  line.remove_prefix(at + 1);
  return WallTime(Seconds(seconds));
}

}  // namespace mxward::cli::maillog
