// SPDX-License-Identifier: Apache-2.0
#include "config/time_window.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace mxward {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr std::uint8_t kAllDays = 0x7f;

unsigned BitOf(std::size_t day) { return 1U << day; }

std::optional<std::size_t> DayOf(std::string_view word) {
  const auto* found = std::find(kDays.begin(), kDays.end(), word);
  if (found == kDays.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kDays.begin());
}

// "mon-fri,sun"
std::optional<std::uint8_t> DaysOf(std::string_view text) {
  unsigned days = 0;
  for (bool more = true; more;) {
    const std::size_t comma = text.find(',');
    const std::string_view item = text.substr(0, comma);
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
    const std::size_t dash = item.find('-');
    const auto first = DayOf(item.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : DayOf(item.substr(dash + 1));
    if (!first || !last) return std::nullopt;
    for (std::size_t day = *first;; day = (day + 1) % kDays.size()) {
      days |= BitOf(day);
      if (day == *last) break;
    }
  }
  return static_cast<std::uint8_t>(days);
}

// "08:00", "24:00"
std::optional<int> MinuteOf(std::string_view text) {
  const auto digit = [&](std::size_t at) {
    return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : 1000;
  };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const int hour = digit(0) * 10 + digit(1);
  const int minute = digit(3) * 10 + digit(4);
  if (minute > 59 || hour * 60 + minute > TimeWindow::kDay) return std::nullopt;
  return hour * 60 + minute;
}

std::string TimeText(int minute) { return fmt::format("{:02}:{:02}", minute / 60, minute % 60); }

std::string DaysText(std::uint8_t days) {
  std::string out;
  for (std::size_t day = 0; day < kDays.size(); ++day) {
    if ((days & BitOf(day)) == 0) continue;
    std::size_t last = day;
    while (last + 1 < kDays.size() && (days & BitOf(last + 1)) != 0) ++last;
    if (!out.empty()) out += ',';
    out += kDays[day];
    if (last > day) out.append(last == day + 1 ? "," : "-").append(kDays[last]);
    day = last;
  }
  return out;
}

}  // namespace

Result<TimeWindow> TimeWindow::Parse(std::string_view text) {
  const auto bad = [&] {
    return Fail(ErrorCode::kInvalid,
                fmt::format("\"{}\" is not a valid time: write days, hours or both, such as "
                            "\"mon-fri 08:00-18:00\", \"sat,sun\" or \"22:00-06:00\"",
                            EscapeForLog(text, 60)));
  };
  const std::string lower = ToLower(Trim(text));
  std::string_view rest = lower;
  TimeWindow window;
  const std::size_t blank = rest.find(' ');
  if (!rest.empty() && rest.front() >= 'a') {
    const auto days = DaysOf(rest.substr(0, blank));
    if (!days) return bad();
    window.days = *days;
    if (blank == std::string_view::npos) return window;
    rest = Trim(rest.substr(blank));
  }
  const std::size_t dash = rest.find('-');
  if (dash == std::string_view::npos) return bad();
  const auto from = MinuteOf(rest.substr(0, dash));
  const auto to = MinuteOf(rest.substr(dash + 1));
  if (!from || !to || *from == kDay || *from == *to) return bad();
  window.from = *from;
  window.to = *to == 0 ? kDay : *to;
  return window;
}

bool TimeWindow::Contains(const LocalTime& time) const {
  const auto on = [this](int day) {
    return (days & BitOf(static_cast<std::size_t>((day + 7) % 7))) != 0;
  };
  if (from < to) return on(time.weekday) && time.minute >= from && time.minute < to;
  return (on(time.weekday) && time.minute >= from) || (on(time.weekday - 1) && time.minute < to);
}

std::string TimeWindow::ToString() const {
  const bool whole_day = from == 0 && to == kDay;
  if (whole_day && days == kAllDays) return "mon-sun";
  std::string out = days == kAllDays ? "" : DaysText(days);
  if (whole_day) return out;
  if (!out.empty()) out += ' ';
  return out + TimeText(from) + '-' + TimeText(to);
}

}  // namespace mxward
