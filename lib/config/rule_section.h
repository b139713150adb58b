// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/entry_array.h"

namespace mxward {

// What a [[rule]] entry may say. Constant data: usable from any thread.

// "2..5", "2..", "..5"
struct RuleScoreRange {
  std::optional<int> min, max;
};

// "554 5.7.1"
struct RuleReplyCode {
  int code = 0;
  std::string enhanced;
};

// An entry as written.
struct RuleDraft {
  std::optional<std::string> name;
  std::optional<match::Patterns> client, client_name, helo, sender, recipient;
  std::optional<std::vector<NameClass>> name_class;
  std::optional<bool> authenticated, tls;
  std::optional<RuleScoreRange> score;
  std::optional<std::vector<std::string>> listed;
  std::optional<std::vector<SpfResult>> spf;
  std::optional<std::vector<std::string>> spf_of, account;
  std::optional<std::vector<int>> port;
  std::optional<std::vector<std::string>> daemon;
  std::optional<std::vector<TimeWindow>> time;
  std::optional<RuleAction> action;
  std::optional<std::string> text;
  std::optional<RuleReplyCode> code;
  std::optional<RuleGreylist> greylist;
  std::optional<Seconds> delay;
  std::optional<int> add_score;
  std::optional<RuleSkips> skip;
  std::optional<bool> stop, observe;
};

// Reads the list files that rules name. The rest of the file, of which a rule may speak, has to be
// read before.
const EntryTable<RuleDraft, RuleConfig>& RuleTable();

// A word of `skip`, but for those of a single list ("dnsbl:NAME").
struct RuleSkipWord {
  std::string_view word;
  bool RuleSkips::*at;
};
std::span<const RuleSkipWord> RuleSkipWords();
inline constexpr std::string_view kSkipList = "dnsbl:";

}  // namespace mxward
