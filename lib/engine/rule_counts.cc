// SPDX-License-Identifier: Apache-2.0
#include "engine/rule_counts.h"

#include <algorithm>

namespace mxward {

void RuleCounts::Add(const std::vector<policy::RuleResult::Hit>& hits, WallTime now) {
  auto counts = counts_.Lock();
  for (const policy::RuleResult::Hit& hit : hits) {
    Count& count = (*counts)[hit.name];
    ++(hit.observed ? count.observed : count.hits);
    count.last = now;
  }
}

RuleCounts::Count RuleCounts::Of(const std::string& name) {
  auto counts = counts_.Lock();
  const auto found = counts->find(name);
  return found == counts->end() ? Count() : found->second;
}

void RuleCounts::Keep(const std::vector<RuleConfig>& rules) {
  auto counts = counts_.Lock();
  std::erase_if(*counts, [&](const auto& one) {
    return std::none_of(rules.begin(), rules.end(),
                        [&](const RuleConfig& rule) { return rule.name == one.first; });
  });
}

}  // namespace mxward
