// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/checks.h"
#include "config/config.h"
#include "config/entry_array.h"

namespace mxward {

// What a [[rule]] entry may say. Reading, the manual, the sample file and dump-config go through
// the rows. Constant data: usable from any thread.

// What a key is, one type a kind: where it is stored and what it may be. Lists of one item may be
// written without brackets.

struct RuleTextKind {
  std::string RuleConfig::*at;
  CheckText check;  // nullptr: looked at when the action is known
};

struct RulePatternsKind {
  match::Patterns RuleConfig::*at;
  match::Subject subject;
  std::string_view items;  // "addresses and domains"
};

struct RuleTextsKind {
  std::vector<std::string> RuleConfig::*at;
  std::string_view items;
};

struct RuleFlagKind {
  std::variant<std::optional<bool> RuleConfig::*, bool RuleConfig::*> at;
};

struct RuleWordKind {
  std::span<const std::string_view> words;
  void (*set)(RuleConfig&, std::size_t index);
};

struct RuleIntegerKind {
  int RuleConfig::*at;
  int min;
  int max;
};

struct RuleScoreRangeKind {};
struct RuleNameClassesKind {};
struct RulePortsKind {};
struct RuleTimesKind {};
struct RuleCodeKind {};
struct RuleDelayKind {};
struct RuleSkipKind {};

using RuleKind =
    std::variant<RuleTextKind, RulePatternsKind, RuleTextsKind, RuleFlagKind, RuleWordKind,
                 RuleIntegerKind, RuleScoreRangeKind, RuleNameClassesKind, RulePortsKind,
                 RuleTimesKind, RuleCodeKind, RuleDelayKind, RuleSkipKind>;
using RuleField = EntryField<RuleConfig, RuleKind>;

// In the order of the manual: the matchers, then the effects.
std::span<const RuleField> RuleFields();
std::string DescribeKind(const RuleField& field);

std::string_view RuleActionWord(RuleAction action);  // "", "accept", "defer", "reject"

// A word of `skip`, but for those of a single list ("dnsbl:NAME").
struct RuleSkipWord {
  std::string_view word;
  bool RuleSkips::*at;
};
std::span<const RuleSkipWord> RuleSkipWords();
inline constexpr std::string_view kSkipList = "dnsbl:";

// What stands for a list file among patterns.
inline constexpr std::string_view kListFile = "file:";

// The reply of a rule that says nothing else.
inline constexpr std::string_view kRuleRejects = "Rejected by local policy";
inline constexpr std::string_view kRuleDefers = "Not now by local policy, please try again later";

}  // namespace mxward
