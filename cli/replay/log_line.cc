// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/log_line.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "cli/replay/log_scanner.h"

namespace mxward::cli::maillog {
namespace {

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
// A line may be a little newer than the file's time says: it was written meanwhile, or the zone of
// the log is another one.
constexpr std::chrono::hours kAhead{24};

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
  if (line.size() < 16 || line[3] != ' ') return std::nullopt;
  const std::size_t month = kMonths.find(line.substr(0, 3));
  if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  Civil time;
  time.month = static_cast<int>(month / 3) + 1;
  // "Nov  6", and "Nov 6" of some syslogs.
  std::size_t at = 4;
  if (line[at] == ' ') ++at;
  const bool two = at + 1 < line.size() && IsDigit(line[at + 1]);
  time.day = Digits(line, at, two ? 2 : 1);
  at += two ? 2 : 1;
  if (time.day < 1 || time.day > 31 || !Has(line, at, ' ')) return std::nullopt;
  if (!ReadClock(line, at + 1, time.hour, time.minute, time.second)) return std::nullopt;
  at = BehindFraction(line, at + 9);
  if (!Has(line, at, ' ')) return std::nullopt;
  time.year = YearOf(time);
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

std::optional<WallTime> TimeReader::Take(std::string_view& line) {
  std::string_view rest = line;
  if (Has(rest, 0, '<')) {
    const std::size_t end = rest.substr(0, 5).find('>');
    if (end == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(end + 1);
    if (rest.starts_with("1 ")) rest.remove_prefix(2);
  }
  if (rest.empty()) return std::nullopt;
  const auto time = IsDigit(rest[0]) ? TakeIso(rest) : TakeTraditional(rest);
  if (time) line = rest;
  return time;
}

std::optional<Line> ParseLine(std::string_view line, TimeReader& times) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  const auto time = times.Take(line);
  if (!time) return std::nullopt;
  Line parsed;
  parsed.time = *time;
  const std::size_t host = line.find(' ');
  if (host == std::string_view::npos || host == 0) return std::nullopt;
  parsed.host = line.substr(0, host);
  line.remove_prefix(host + 1);
  // Who repeats what: "last message repeated 2 times" and the like have no tag.
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view tag = line.substr(0, colon);
  parsed.text = line.substr(colon + 2);
  if (tag.ends_with(']')) {
    const std::size_t open = tag.rfind('[');
    if (open == std::string_view::npos) return std::nullopt;
    const std::string_view digits = tag.substr(open + 1, tag.size() - open - 2);
    std::from_chars(digits.data(), digits.data() + digits.size(), parsed.pid);
    tag = tag.substr(0, open);
  }
  if (tag.empty() || tag.find(' ') != std::string_view::npos) return std::nullopt;
  parsed.program = tag;
  // Solaris: "[ID 197553 mail.info] text"
  if (parsed.text.starts_with("[ID ")) {
    const std::size_t end = parsed.text.find("] ");
    if (end != std::string_view::npos) parsed.text.remove_prefix(end + 2);
  }
  return parsed;
}

}  // namespace mxward::cli::maillog
