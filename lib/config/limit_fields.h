// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.h"
#include "config/entry_array.h"
#include "config/limit_rate.h"

namespace mxward {

// What a [[limit]] entry may say. Reading, the manual, the sample file and dump-config go through
// the rows. Constant data: usable from any thread.

// Clients that a limit does not hold for.
struct LimitSpare {
  std::vector<Prefix> networks;
  std::vector<std::string> names;
};

// An entry as written. What is not there, or wrong, is not set.
struct LimitDraft {
  std::optional<std::string> name;
  std::optional<LimitCount> count;
  std::optional<LimitPer> per;
  std::optional<LimitRate> rate;
  std::optional<int> share, prefix_v4, prefix_v6, score;
  std::optional<LimitAction> action;
  std::optional<LimitAt> at;
  std::optional<LimitSpare> spare;
};

// What a key is, one type a kind: where it is stored and what it may be.

struct LimitNameKind {};

struct LimitWordKind {
  std::span<const std::string_view> words;
  void (*set)(LimitDraft&, std::size_t index);
};

struct LimitRateKind {};

struct LimitIntegerKind {
  std::optional<int> LimitDraft::*at;
  int min;
  int max;
};

struct LimitSpareKind {};

using LimitKind =
    std::variant<LimitNameKind, LimitWordKind, LimitRateKind, LimitIntegerKind, LimitSpareKind>;
using LimitField = EntryField<LimitConfig, LimitKind>;

// In the order of the manual.
std::span<const LimitField> LimitFields();
std::string DescribeKind(const LimitField& field);

// The words of the file for them: "bad-recipients", "sender-domain", "defer".
std::string_view LimitCountWord(LimitCount count);
std::string_view LimitPerWord(LimitPer per);
std::string_view LimitActionWord(LimitAction action);

// What the limit is called that has no name: "connections-client".
std::string DefaultLimitName(LimitCount count, LimitPer per);

inline constexpr int kDefaultLimitShare = 50;
inline constexpr int kDefaultLimitPrefixV4 = 24;
inline constexpr int kDefaultLimitPrefixV6 = 48;

}  // namespace mxward
