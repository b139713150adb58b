// SPDX-License-Identifier: Apache-2.0
#include "config/limit_rate.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "base/text.h"
#include "base/units.h"
#include "config/value_text.h"

namespace mxward {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;

constexpr std::int64_t kMaxAmount = 1000000;
constexpr Millis kMinPeriod = 1s;
constexpr Millis kMaxPeriod = 30 * 24h;
constexpr std::string_view kBurst = "burst";

// Takes the word at the front of text, and the blanks behind it.
std::string_view TakeWord(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  const std::string_view word = text.substr(0, end);
  text = Trim(text.substr(end));
  return word;
}

// One rate as written; each part says what is wrong with it.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<LimitRate> Parse() const {
    LimitRate rate;
    const std::size_t slash = text_.find('/');
    const auto amount = Number("the amount", Trim(text_.substr(0, slash)));
    if (!amount) return Fail(amount.error());
    rate.amount = *amount;
    if (slash == std::string_view::npos) return rate;

    std::string_view rest = Trim(text_.substr(slash + 1));
    const std::string_view time = TakeWord(rest);
    const auto period = Period(time, rate.amount);
    if (!period) return Fail(period.error());
    rate.period = *period;
    if (rest.empty()) return rate;

    if (const std::string_view word = TakeWord(rest); word != kBurst) {
      return Bad(fmt::format("behind the time may stand \"burst\" and a number; found {}{}",
                             Quoted(word), DidYouMean(word, {kBurst})));
    }
    const auto burst = Number("the burst", rest);
    if (!burst) return Fail(burst.error());
    rate.burst = *burst;
    return rate;
  }

 private:
  tl::unexpected<Error> Bad(std::string_view why) const {
    return Fail(ErrorCode::kInvalid, fmt::format("{}: {}", Quoted(text_), why));
  }

  Result<std::int64_t> Number(std::string_view what, std::string_view digits) const {
    std::int64_t number = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, number);
    if (error == std::errc::result_out_of_range) number = kMaxAmount + 1;
    if (error == std::errc::invalid_argument || stop != end) {
      return Bad(
          fmt::format("{} must be a whole number, as in \"300/1m\" or \"10/1h burst 30\"", what));
    }
    if (number < 1 || number > kMaxAmount) {
      return Bad(fmt::format("{} must be from 1 to {}", what, kMaxAmount));
    }
    return number;
  }

  Result<Seconds> Period(std::string_view time, std::int64_t amount) const {
    if (time.empty() || (time.front() >= 'a' && time.front() <= 'z')) {
      const auto one = ParseDuration(fmt::format("1{}", time));
      return Bad(fmt::format("the time needs a number and a unit, such as \"{}/{}\"", amount,
                             one ? fmt::format("1{}", time) : "1m"));
    }
    const auto period = ParseDuration(time);
    if (!period) return Bad("the time " + period.error().message);
    if (*period < kMinPeriod || *period > kMaxPeriod) {
      return Bad(fmt::format("the time must be from {} to {}", FormatDuration(kMinPeriod),
                             FormatDuration(kMaxPeriod)));
    }
    const auto seconds = std::chrono::floor<Seconds>(*period);
    if (seconds != *period) return Bad("the time must be whole seconds");
    return seconds;
  }

  std::string_view text_;
};

}  // namespace

Result<LimitRate> LimitRate::Parse(std::string_view text) { return Parser(Trim(text)).Parse(); }

std::string RateText(const LimitConfig& limit) {
  if (limit.count == LimitCount::kConcurrent) return std::to_string(limit.amount);
  std::string out = fmt::format("{}/{}", limit.amount, FormatDuration(limit.period));
  if (limit.count != LimitCount::kBadRecipients && limit.burst != limit.amount) {
    out += fmt::format(" {} {}", kBurst, limit.burst);
  }
  return out;
}

}  // namespace mxward
