// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "config/options.h"

namespace mxward {

// The rows of the option table, a file for each group of sections, and what they are written with.
// Only for options*.cc.

std::span<const Option> TopOptions();
std::span<const Option> MilterOptions();
std::span<const Option> TrustOptions();
std::span<const Option> ExemptOptions();
std::span<const Option> ReplyOptions();
std::span<const Option> GreylistOptions();
std::span<const Option> ScoreOptions();
std::span<const Option> NamesOptions();
std::span<const Option> LimitsOptions();
std::span<const Option> ClientsOptions();
std::span<const Option> DnsOptions();
std::span<const Option> StoreOptions();
std::span<const Option> LogOptions();
std::span<const Option> ControlOptions();
std::span<const Option> MetricsOptions();

// A word of a file and the value it stands for.
template <class E>
struct Word {
  std::string_view text;
  E value;
};

// Words<kModeWords, &Config::mode>(): kWords is an array of Word with static storage that names
// every value of the enum.
template <const auto& kWords, auto... kPath>
constexpr WordKind Words() {
  return {
      std::size(kWords), [](std::size_t index) { return kWords[index].text; },
      [](const Config& config) {
        const auto value = At<kPath...>().in(config);
        std::size_t index = 0;
        while (index + 1 < std::size(kWords) && kWords[index].value != value) ++index;
        return index;
      },
      [](Config& config, std::size_t index) { At<kPath...>().of(config) = kWords[index].value; }};
}

}  // namespace mxward
