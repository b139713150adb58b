// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "base/units.h"
#include "control/route.h"
#include "policy/limit_check.h"

namespace mxward::control {
namespace {

using limits::HotKey;

const LimitConfig* Find(const std::vector<LimitConfig>& limits, std::string_view name) {
  const auto found = std::find_if(limits.begin(), limits.end(),
                                  [&](const LimitConfig& limit) { return limit.name == name; });
  return found == limits.end() ? nullptr : &*found;
}

// Of a harvester's key the client is nobody's address.
Json KeyWithoutAddresses(const limits::State& state, const LimitConfig& limit) {
  if (policy::PrivacyOf(limit.per) != Privacy::kNone) return {};
  return state.of_sender ? Json(limits::PartsOf(state).client) : Json(state.key);
}

Json LimitItem(const HotKey& hot_key, const LimitConfig& limit, WallTime now, bool addresses) {
  const limits::State& state = hot_key.state;
  Json item;
  item.Set("limit", state.limit);
  item.Set("key", addresses ? Json(state.key) : KeyWithoutAddresses(state, limit));
  item.Set("state", state.over ? "over" : "near").Set("used", state.used);
  item.Set("of", limit.count == LimitCount::kConcurrent ? limit.amount : limit.burst);
  item.Set("action", WordOf(limit.action));
  item.Set("since", FormatTime(hot_key.since));
  const auto wait = std::chrono::ceil<Seconds>(state.wait);
  // Nobody knows when a connection ends.
  item.Set("until", wait > Seconds(0) ? Json(FormatTime(now + wait)) : Json());
  item.Set("denied", hot_key.denied);
  return item;
}

// The order of an answer, so that a later slice goes on where the one before ended.
bool IsBefore(const HotKey& a, const HotKey& b) {
  if (a.state.over != b.state.over) return a.state.over;
  if (a.denied != b.denied) return a.denied > b.denied;
  return std::tie(a.state.limit, a.state.key) < std::tie(b.state.limit, b.state.key);
}

Answer GetLimits(const Call& call) {
  MXWARD_TRY(const auto limit, call.params.Integer("limit", kDefaultItems, 1, kMaxItems));
  MXWARD_TRY(const auto after, call.params.Integer("after", 0, 0, INT32_MAX));

  return ListLimits(call, static_cast<std::size_t>(after), static_cast<std::size_t>(limit),
                    /*addresses=*/true);
}

Answer ResetLimits(const Call& call) {
  const auto key = call.params.NeededText("key");
  if (!key) return Fail(key.error());
  const auto& configured = call.config->limit;
  std::vector<std::string_view> names;
  names.reserve(configured.size());
  for (const LimitConfig& limit : configured) names.push_back(limit.name);
  const auto only = call.params.Word("limit", names);
  if (!only) return Fail(only.error());

  std::size_t reset = 0;
  for (const LimitConfig& limit : configured) {
    if (*only && names[**only] != limit.name) continue;
    reset += call.parts.limits.Reset(limit, *key);
  }
  if (reset > 0) {
    const bool show_key = call.config->log.addresses == LogAddresses::kFull;
    LogChange(call, "limit counters reset" + (show_key ? " for " + EscapeForLog(*key) : "") +
                        (*only ? ", only " + std::string(names[**only]) : ""));
  }
  Json answer;
  answer.Set("key", *key).Set("limit", *only ? Json(names[**only]) : Json());
  answer.Set("reset", reset);
  return answer;
}

}  // namespace

Json ListLimits(const Call& call, std::size_t begin, std::size_t most, bool addresses) {
  const auto& configured = call.config->limit;
  std::vector<HotKey> hot_keys = call.parts.limits.List(configured);
  const auto over = std::count_if(hot_keys.begin(), hot_keys.end(),
                                  [](const HotKey& hot_key) { return hot_key.state.over; });
  begin = std::min(hot_keys.size(), begin);
  const std::size_t end = std::min(hot_keys.size(), begin + most);
  const auto last = hot_keys.begin() + static_cast<std::ptrdiff_t>(end);
  std::partial_sort(hot_keys.begin(), last, hot_keys.end(), &IsBefore);
  Json items = Json::Array();
  for (std::size_t i = begin; i < end; ++i) {
    if (const LimitConfig* of = Find(configured, hot_keys[i].state.limit)) {
      items.Push(LimitItem(hot_keys[i], *of, call.now, addresses));
    }
  }
  Json answer;
  answer.Set("items", std::move(items));
  answer.Set("next", end < hot_keys.size() ? Json(std::to_string(end)) : Json());
  answer.Set("configured", configured.size());
  answer.Set("over", over).Set("near", static_cast<std::int64_t>(hot_keys.size()) - over);
  return answer;
}

Routes LimitsRoutes() {
  static constexpr std::array<std::string_view, 2> kLimitsParams = {"limit", "after"};
  static constexpr std::array<std::string_view, 2> kResetParams = {"key", "limit"};
  static constexpr std::array kRoutes = {
      Route{"GET", "/v1/limits", kLimitsParams, Access::kDaemonState, &GetLimits},
      Route{"POST", "/v1/limits/reset", kResetParams, Access::kWrites, &ResetLimits},
  };
  return kRoutes;
}

}  // namespace mxward::control
