// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"
#include "cli/exit_status.h"
#include "cli/output/rows.h"

namespace mxward::cli {
namespace {

std::string PauseText(const Json& pause, WallTime now) {
  if (!pause["paused"].boolean()) return "not paused";
  return "paused until " + FieldText(pause["until"]) + " (" +
         RelativeTime(TimeOf(pause["until"]), now) + "): no mail is deferred or rejected";
}

void WriteReload(Output& output, const Json& answer) {
  const auto& changed = answer["changed"].items();
  output.Line(FieldText(answer["path"]) + ": " +
              (changed.empty() ? "reloaded, no changes" : "reloaded"));
  for (const Json& option : changed) {
    output.Line("  " + FieldText(option["name"]) + ": " + FieldText(option["before"]) + " -> " +
                FieldText(option["after"]) +
                (option["needs_restart"].boolean()
                     ? output.Paint("  (needs a restart)", Color::kYellow)
                     : ""));
  }
}

}  // namespace

int RunPause(Context& context, const Words& words) {
  if (words.Has("--for") && words.Has("--end")) {
    return context.UsageError("--for and --end cannot be combined");
  }
  const bool changes = words.Has("--for") || words.Has("--end");
  const auto needs = changes ? Context::Needs::kDaemon : Context::Needs::kReading;
  const std::string method = words.Has("--for") ? "PUT" : words.Has("--end") ? "DELETE" : "GET";
  const Question question = {"/v1/pause", {{"for", words.Get("--for")}}, method};
  return context.Ask(needs, question, [&](const Json& answer) {
    context.Show(answer,
                 [&](Output& output) { output.Line(PauseText(answer, context.clock().Now())); });
    if (!answer["notice"].is_null()) context.output().Say(FieldText(answer["notice"]));
    return changes || answer["paused"].boolean() ? kExitOk : kExitNegative;
  });
}

int RunEvidenceEnable(Context& context, const Words& /*words*/) {
  const Question question = {"/v1/evidence/enable", {}, "POST"};
  return context.Ask(Context::Needs::kDaemon, question, [&](const Json& answer) {
    context.Show(answer, [&](Output& output) {
      output.Line(answer["waited"].boolean() ? "new findings count from now on"
                                             : "new findings count already");
    });
    if (!answer["notice"].is_null()) context.output().Say(FieldText(answer["notice"]));
    return kExitOk;
  });
}

int RunReload(Context& context, const Words& /*words*/) {
  return context.Ask(Context::Needs::kDaemon, {"/v1/reload", {}, "POST"}, [&](const Json& answer) {
    const Json& error = answer["error"];
    context.Show(answer, [&](Output& output) {
      if (error.is_null()) WriteReload(output, answer);
    });
    if (error.is_null()) return kExitOk;
    Output& output = context.output();
    output.Say(FieldText(error["message"]));
    for (const Json& problem : answer["problems"].items()) output.Say(FieldText(problem));
    return kExitNegative;
  });
}

}  // namespace mxward::cli
