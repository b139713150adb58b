// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"
#include "config/entry_array.h"

namespace mxward {

// What a [[limit]] entry may say. Constant data: usable from any thread.

// How much a [[limit]] allows: "300/1m", "10/1h burst 30", and "20" where no time is needed.
struct LimitRate {
  std::int64_t amount = 0;
  std::optional<Seconds> period;
  std::optional<std::int64_t> burst;  // none: the amount

  // Within the bounds of each part. The message quotes the text, and says what would be right.
  static Result<LimitRate> Parse(std::string_view text);
  std::string ToString() const;
};

// The rate of a finished limit, in the form that Parse() reads.
LimitRate RateOf(const LimitConfig& limit);

// Clients that a limit does not hold for.
struct LimitExempt {
  std::vector<Prefix> networks;
  std::vector<std::string> names;
};

// An entry as written.
struct LimitDraft {
  std::optional<std::string> name;
  std::optional<LimitCount> count;
  std::optional<LimitPer> per;
  std::optional<LimitRate> rate;
  std::optional<int> share, prefix_v4, prefix_v6, score;
  std::optional<LimitAction> action;
  std::optional<LimitAt> at;
  std::optional<LimitExempt> exempt;
};

const EntryTable<LimitDraft, LimitConfig>& LimitTable();

}  // namespace mxward
