// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "base/units.h"
#include "config/dump.h"
#include "control/route.h"

namespace mxward::control {
namespace {

// Longer than any trouble; for more there is mode = "observe".
constexpr Seconds kMaxPause{30 * 86400};
// Of an answer that has more to say than an Error can.
constexpr int kConfigProblems = 422;

Json PauseJson(const std::optional<WallTime>& until) {
  Json answer;
  answer.Set("paused", until.has_value());
  answer.Set("until", until ? Json(FormatTime(*until)) : Json());
  return answer;
}

Answer GetPause(const Call& call) { return PauseJson(call.parts.pause.until()); }

Answer PutPause(const Call& call) {
  MXWARD_TRY(const auto lasts, call.params.Duration("for"));
  if (!lasts) return Fail(ErrorCode::kInvalid, "the parameter \"for\" is missing");
  if (*lasts <= Seconds(0) || *lasts > kMaxPause) {
    return Fail(ErrorCode::kInvalid,
                "for: must be longer than 0 and at most 30d; to observe permanently, use mode = "
                "\"observe\"");
  }
  const WallTime until = call.now + *lasts;
  const auto paused = call.parts.pause.Begin(until);
  LogChange(call, "paused until " + FormatTime(until) + ": no mail is deferred or rejected");
  Json answer = PauseJson(until);
  // It holds all the same.
  if (!paused)
    answer.Set("notice", "the pause will not survive a restart: " + paused.error().message);
  return answer;
}

Answer DeletePause(const Call& call) {
  const bool was_paused = call.parts.pause.until().has_value();
  const auto resumed = call.parts.pause.End();
  if (was_paused) LogChange(call, "the pause has ended");
  Json answer = PauseJson(std::nullopt);
  answer.Set("was_paused", was_paused);
  if (!resumed)
    answer.Set("notice", "the pause will resume after a restart: " + resumed.error().message);
  return answer;
}

Answer EnableNewFindings(const Call& call) {
  const bool waited = call.parts.new_findings.CountFrom().has_value();
  const auto enabled = call.parts.new_findings.Enable();
  if (waited) LogChange(call, "findings that an older version did not have count from now on");
  Json answer;
  answer.Set("waited", waited);
  if (!enabled) {
    answer.Set("notice", "they will wait again after a restart: " + enabled.error().message);
  }
  return answer;
}

Answer GetConfig(const Call& call) {
  const auto changed = call.params.Flag("changed");
  if (!changed) return Fail(changed.error());
  Json options = Json::Array();
  for (const ListedOption& option : ListOptions(*call.config)) {
    if (*changed && !option.changed) continue;
    Json item;
    item.Set("name", option.section.empty() ? option.key : option.section + "." + option.key);
    item.Set("value", option.value).Set("default", option.default_value);
    item.Set("changed", option.changed).Set("needs_restart", option.needs_restart);
    options.Push(std::move(item));
  }
  Json answer;
  answer.Set("path", call.hooks.config_path).Set("options", std::move(options));
  answer.Set("toml", DumpToml(*call.config, *changed));
  return answer;
}

Answer ReloadConfig(const Call& call) {
  if (!call.hooks.reload)
    return Fail(ErrorCode::kUnavailable, "this process cannot reload a configuration");
  const ReloadOutcome outcome = call.hooks.reload();
  Json answer;
  if (!outcome.done) {
    Json error;
    error.Set("code", "bad-config");
    error.Set("message", "the configuration has errors; the old one stays in force");
    Json problems = Json::Array();
    for (const std::string& problem : outcome.problems) problems.Push(problem);
    answer.Set("error", std::move(error)).Set("problems", std::move(problems));
    return JsonReply(std::move(answer), kConfigProblems);
  }
  Json changed = Json::Array();
  for (const ChangedOption& option : outcome.changed) {
    Json item;
    item.Set("name", option.name).Set("before", option.before).Set("after", option.after);
    item.Set("needs_restart", option.needs_restart);
    changed.Push(std::move(item));
  }
  answer.Set("path", call.hooks.config_path).Set("changed", std::move(changed));
  return answer;
}

}  // namespace

Routes ServiceRoutes() {
  static constexpr std::array<std::string_view, 1> kPauseParams = {"for"};
  static constexpr std::array<std::string_view, 1> kConfigParams = {"changed"};
  static constexpr std::array kRoutes = {
      Route{"POST", "/v1/evidence/enable", {}, Access::kWrites, &EnableNewFindings},
      Route{"GET", "/v1/pause", {}, Access::kReads, &GetPause},
      Route{"PUT", "/v1/pause", kPauseParams, Access::kWrites, &PutPause},
      Route{"DELETE", "/v1/pause", {}, Access::kWrites, &DeletePause},
      Route{"GET", "/v1/config", kConfigParams, Access::kReads, &GetConfig},
      Route{"POST", "/v1/reload", {}, Access::kWrites, &ReloadConfig},
  };
  return kRoutes;
}

}  // namespace mxward::control
