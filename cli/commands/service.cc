// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"
#include "cli/exit_status.h"
#include "cli/output/rows.h"

namespace mxward::cli {
namespace {

std::string PauseText(const Json& pause, WallTime now) {
  if (!pause["paused"].boolean()) return "not paused";
  return "paused until " + FieldText(pause["until"]) + " (" +
         RelativeTime(TimeOf(pause["until"]), now) + "): nobody is deferred or rejected";
}

void WriteReload(Output& output, const Json& answer) {
  const auto& changed = answer["changed"].items();
  output.Line(FieldText(answer["path"]) + ": " +
              (changed.empty() ? "read again, nothing has changed" : "read again"));
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
    return context.UsageError("--for and --end exclude each other");
  }
  const bool changes = words.Has("--for") || words.Has("--end");
  const auto backend =
      context.OpenBackend(changes ? Context::Needs::kDaemon : Context::Needs::kReading);
  if (backend == nullptr) return kExitTrouble;
  const std::string method = words.Has("--for") ? "PUT" : words.Has("--end") ? "DELETE" : "GET";
  const auto reply = backend->Ask(method, "/v1/pause", {{"for", words.Get("--for")}});
  if (!reply) return context.Report(reply.error());
  Output& output = context.output();
  if (output.format() == Format::kTable) {
    output.Line(PauseText(reply->json, context.clock().Now()));
  } else {
    output.Document(reply->json);
  }
  if (!reply->json["notice"].is_null()) output.Say(FieldText(reply->json["notice"]));
  return changes || reply->json["paused"].boolean() ? kExitYes : kExitNo;
}

int RunReload(Context& context, const Words& /*words*/) {
  const auto backend = context.OpenBackend(Context::Needs::kDaemon);
  if (backend == nullptr) return kExitTrouble;
  const auto reply = backend->Ask("POST", "/v1/reload");
  if (!reply) return context.Report(reply.error());
  Output& output = context.output();
  const Json& error = reply->json["error"];
  if (output.format() != Format::kTable) {
    output.Document(reply->json);
  } else if (error.is_null()) {
    WriteReload(output, reply->json);
  }
  if (error.is_null()) return kExitYes;
  output.Say(FieldText(error["message"]));
  for (const Json& problem : reply->json["problems"].items()) output.Say(FieldText(problem));
  return kExitNo;
}

}  // namespace mxward::cli
