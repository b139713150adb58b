// SPDX-License-Identifier: Apache-2.0
#include "engine/delay_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace mxward {
namespace {

constexpr std::size_t kLongestName = 255;

bool IsOurs(Reason reason) {
  return reason == Reason::kTrustedNetwork || reason == Reason::kTrustedRelay ||
         reason == Reason::kTrustedCertificate || reason == Reason::kAuthenticated;
}

bool IsHostName(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '-' || c == '_';
         });
}

// In English whatever the locale is.
std::string MailDate(WallTime time) {
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::floor<Seconds>(time).time_since_epoch().count();
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} +0000",
                     kDays[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                     kMonths[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour,
                     utc.tm_min, utc.tm_sec);
}

}  // namespace

void DelaySummary::Note(const Decision& decision, bool observing) {
  if (IsOurs(decision.reason)) return;
  const bool waited = decision.reason == Reason::kGreylistPassed && !observing;
  const Seconds delay = waited ? decision.delay : Seconds(0);
  if (any_ && delay <= delay_) return;
  any_ = true;
  observing_ = observing;
  reason_ = decision.reason;
  delay_ = delay;
}

std::optional<std::string> DelaySummary::Header(std::string_view mta_name, WallTime now) const {
  if (!any_) return std::nullopt;
  std::string text = delay_.count() > 0
                         ? fmt::format("delayed {} seconds by mxward", delay_.count())
                         : std::string("not delayed by mxward");
  if (IsHostName(mta_name)) text.append(" at ").append(mta_name);
  text.append(" (").append(WordOf(reason_)).append(observing_ ? ", observing" : "");
  return text.append("); ").append(MailDate(now));
}

}  // namespace mxward
