// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"

namespace mxward {

// How much a [[limit]] allows: "300/1m", "10/1h burst 30", and "20" where no time is needed.
struct LimitRate {
  std::int64_t amount = 0;
  std::optional<Seconds> period;
  std::optional<std::int64_t> burst;

  // Within the bounds of each part. The message quotes the text, and says what would be right.
  static Result<LimitRate> Parse(std::string_view text);
};

// The rate of a finished limit, in the form that Parse() reads.
std::string RateText(const LimitConfig& limit);

}  // namespace mxward
