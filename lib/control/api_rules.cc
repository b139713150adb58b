// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/units.h"
#include "control/route.h"
#include "policy/rules.h"

namespace mxward::control {
namespace {

Json RuleItem(const RuleConfig& rule, const RuleCounts::Count& count) {
  Json item;
  item.Set("rule", rule.name).Set("effect", policy::EffectText(rule));
  item.Set("observe", rule.observe);
  item.Set("hits", static_cast<std::int64_t>(count.hits));
  item.Set("observed", static_cast<std::int64_t>(count.observed));
  item.Set("last", count.last ? Json(FormatTime(*count.last)) : Json());
  return item;
}

Answer GetRules(const Call& call) {
  MXWARD_TRY(const auto limit, call.params.Integer("limit", kDefaultItems, 1, kMaxItems));
  MXWARD_TRY(const auto after, call.params.Integer("after", 0, 0, INT32_MAX));

  const auto& rules = call.config->rule;
  const std::size_t begin = std::min(rules.size(), static_cast<std::size_t>(after));
  const std::size_t end = std::min(rules.size(), begin + static_cast<std::size_t>(limit));
  Json items = Json::Array();
  for (std::size_t i = begin; i < end; ++i) {
    items.Push(RuleItem(rules[i], call.parts.rule_counts.Of(rules[i].name)));
  }
  Json answer;
  answer.Set("items", std::move(items));
  answer.Set("next", end < rules.size() ? Json(std::to_string(end)) : Json());
  answer.Set("configured", rules.size());
  return answer;
}

}  // namespace

Routes RulesRoutes() {
  static constexpr std::array<std::string_view, 2> kRulesParams = {"limit", "after"};
  static constexpr std::array kRoutes = {
      Route{"GET", "/v1/rules", kRulesParams, Access::kDaemonState, &GetRules},
  };
  return kRoutes;
}

}  // namespace mxward::control
