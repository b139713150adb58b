// SPDX-License-Identifier: Apache-2.0
#include "config/rule_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/rule_fields.h"

namespace mxward {
namespace {

// The rule as it would be with no more than what it has to say.
RuleConfig Plain(const RuleConfig& rule) {
  RuleConfig plain;
  plain.action = rule.action;
  const bool rejects = rule.action == RuleAction::kReject;
  plain.code = rejects ? 550 : 451;
  plain.enhanced = rejects ? "5.7.1" : "4.7.1";
  plain.text = rejects ? kRuleRejects : kRuleDefers;
  return plain;
}

bool AlwaysSaidOfRules(std::string_view key) { return key == "name" || key == "action"; }

// Of patterns from a list file, which are not shown.
std::string Behind(const RuleField& field, const RuleConfig& rule) {
  const auto* kind = std::get_if<RulePatternsKind>(&field.kind);
  if (kind == nullptr) return {};
  const match::Patterns& patterns = rule.*kind->at;
  const auto& items = patterns.items();
  const bool from_file = std::any_of(items.begin(), items.end(), [](const std::string& item) {
    return item.starts_with(kListFile);
  });
  if (!from_file) return {};
  return fmt::format("{} patterns, #{:08x}", patterns.size(), patterns.digest() & 0xffffffffU);
}

}  // namespace

std::vector<EntryValues> RuleValues(const Config& config) {
  std::vector<EntryValues> out;
  for (const RuleConfig& rule : config.rule) {
    EntryValues entry;
    entry.name = rule.name;
    const RuleConfig plain = Plain(rule);
    for (const RuleField& field : RuleFields()) {
      OptionText value = field.text(rule);
      if (value.empty()) continue;
      OptionText without = AlwaysSaidOfRules(field.key) ? OptionText() : field.text(plain);
      EntryValue said{field.key, std::move(value), std::move(without)};
      said.behind = Behind(field, rule);
      entry.values.push_back(std::move(said));
    }
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace mxward
