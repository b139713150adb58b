// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <limits>

#include "base/text.h"

namespace mxward {
namespace {

struct DurationUnit {
  std::string_view name;
  std::int64_t length;  // in the smallest unit of its table
};

constexpr std::array<DurationUnit, 6> kDurationUnits = {{{"w", 7LL * 24 * 3600 * 1000},
                                                         {"d", 24LL * 3600 * 1000},
                                                         {"h", 3600LL * 1000},
                                                         {"m", 60LL * 1000},
                                                         {"s", 1000LL},
                                                         {"ms", 1LL}}};

// A century: longer than any delay or lifetime can mean, and far from any overflow.
constexpr std::int64_t kMaxMilliseconds = 36525LL * 24 * 3600 * 1000;

tl::unexpected<Error> BadDuration(std::string_view text, std::string_view why) {
  return Fail(ErrorCode::kInvalid, fmt::format("\"{}\" {}", EscapeForLog(text, 40), why));
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes the digits at the front of text; false when there are none or too many.
bool TakeNumber(std::string_view& text, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

}  // namespace

Result<Millis> ParseDuration(std::string_view text) {
  if (text == "0") return Millis(0);
  if (text.empty() || !IsDigit(text.front())) {
    return BadDuration(text, "is not a valid duration; write it like 30s, 4m, 48h or 1d12h");
  }
  std::string_view rest = text;
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  while (!rest.empty()) {
    std::uint64_t count = 0;
    if (!IsDigit(rest.front())) {
      return BadDuration(text, "is not a valid duration; its units are w, d, h, m, s and ms");
    }
    if (!TakeNumber(rest, count)) return BadDuration(text, "is too long for a duration");
    std::size_t length = 0;
    while (length < rest.size() && !IsDigit(rest[length])) ++length;
    const std::string_view name = rest.substr(0, length);
    rest.remove_prefix(length);
    if (name.empty()) {
      return BadDuration(text, fmt::format("needs a unit: {}s, {}m, {}h?", count, count, count));
    }
    std::size_t unit = 0;
    while (unit < kDurationUnits.size() && kDurationUnits[unit].name != name) ++unit;
    if (unit == kDurationUnits.size()) {
      return BadDuration(text, "is not a valid duration; its units are w, d, h, m, s and ms");
    }
    if (unit < next_unit) return BadDuration(text, "must name each unit once, the largest first");
    next_unit = unit + 1;
    const std::int64_t size = kDurationUnits[unit].length;
    if (count > static_cast<std::uint64_t>((kMaxMilliseconds - total) / size)) {
      return BadDuration(text, "is too long for a duration");
    }
    total += static_cast<std::int64_t>(count) * size;
  }
  return Millis(total);
}

std::string FormatDuration(Millis duration) {
  std::int64_t left = duration.count();
  if (left == 0) return "0";
  std::string out = left < 0 ? "-" : "";
  // Weeks are read, not written: 35d says more than 5w.
  for (std::size_t unit = 1; unit < kDurationUnits.size(); ++unit) {
    const std::int64_t count = left / kDurationUnits[unit].length;
    left -= count * kDurationUnits[unit].length;
    if (count != 0) {
      out += std::to_string(count < 0 ? -count : count);
      out += kDurationUnits[unit].name;
    }
  }
  return out;
}

std::string HumanDuration(Seconds duration) {
  static constexpr std::array<DurationUnit, 4> kUnits = {
      {{"d", 24LL * 3600}, {"h", 3600LL}, {"min", 60LL}, {"s", 1LL}}};
  std::int64_t left = duration.count();
  if (left < 0) return "-" + HumanDuration(-std::max(duration, -Seconds::max()));
  std::size_t unit = 0;
  while (unit + 1 < kUnits.size() && left < kUnits[unit].length) ++unit;
  std::string out = fmt::format("{} {}", left / kUnits[unit].length, kUnits[unit].name);
  left %= kUnits[unit].length;
  if (unit + 1 < kUnits.size()) {
    const std::int64_t second = left / kUnits[unit + 1].length;
    if (second != 0) out += fmt::format(" {} {}", second, kUnits[unit + 1].name);
  }
  return out;
}

Result<std::uint64_t> ParseSize(std::string_view text) {
  static constexpr std::string_view kUnits = "KMGT";
  std::string_view rest = text;
  std::uint64_t value = 0;
  if (text.empty() || !IsDigit(text.front())) {
    return Fail(ErrorCode::kInvalid,
                fmt::format("\"{}\" is not a valid size; write it like 512, 64K or 1G",
                            EscapeForLog(text, 40)));
  }
  const bool fits = TakeNumber(rest, value);
  unsigned shift = 0;
  if (fits && rest.size() == 1) {
    const std::size_t unit = kUnits.find(static_cast<char>(rest.front() & ~0x20));
    if (unit != std::string_view::npos) {
      shift = 10 * static_cast<unsigned>(unit + 1);
      rest = {};
    }
  }
  if (fits && !rest.empty()) {
    return Fail(ErrorCode::kInvalid,
                fmt::format("\"{}\" is not a valid size; its units are K, M, G and T",
                            EscapeForLog(text, 40)));
  }
  if (!fits || value > (std::numeric_limits<std::uint64_t>::max() >> shift)) {
    return Fail(ErrorCode::kInvalid,
                fmt::format("\"{}\" is too large for a size", EscapeForLog(text, 40)));
  }
  return value << shift;
}

std::string FormatSize(std::uint64_t bytes) {
  static constexpr std::string_view kUnits = "KMGT";
  std::size_t unit = 0;
  while (bytes != 0 && unit < kUnits.size() && bytes % 1024 == 0) {
    bytes /= 1024;
    ++unit;
  }
  std::string out = std::to_string(bytes);
  if (unit > 0) out += kUnits[unit - 1];
  return out;
}

std::string HumanSize(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 5> kUnits = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", value, unit == 0 ? 0 : 1, kUnits[unit]);
}

std::string FormatTime(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<Seconds> clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<WallTime> ParseTime(std::string_view text) {
  static constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:ddZ";
  if (text.size() != kForm.size()) return std::nullopt;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] == 'd' ? !IsDigit(text[i]) : text[i] != kForm[i]) return std::nullopt;
  }
  const auto number = [text](std::size_t at, std::size_t size) {
    int value = 0;
    for (const char digit : text.substr(at, size)) value = value * 10 + (digit - '0');
    return value;
  };
  const std::chrono::year_month_day date(std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(8, 2))));
  const int hour = number(11, 2);
  const int minute = number(14, 2);
  const int second = number(17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + Seconds(second);
}

}  // namespace mxward
