// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"
#include "cli/exit_status.h"
#include "cli/output/layouts.h"
#include "cli/output/listing.h"

namespace mxward::cli {
namespace {

Parameters TupleParameters(const Words& words) {
  return {{"client", words.Get("--client")},
          {"sender", words.Get("--sender")},
          {"recipient", words.Get("--recipient")},
          {"older_than", words.Get("--older-than")},
          {"younger_than", words.Get("--younger-than")}};
}

}  // namespace

int RunList(Context& context, const Words& words) {
  Parameters parameters = TupleParameters(words);
  parameters.emplace_back("state", words.Get("--state"));
  return PrintListing(context, words, Context::Needs::kReading, "/v1/tuples", std::move(parameters),
                      TupleLayout());
}

int RunPending(Context& context, const Words& words) {
  if (words.Has("--overdue") && words.Has("--never")) {
    return context.UsageError("--overdue and --never cannot be combined");
  }
  Parameters parameters = TupleParameters(words);
  parameters.emplace_back("progress", words.Has("--never")     ? "never"
                                      : words.Has("--overdue") ? "overdue"
                                                               : "");
  return PrintListing(context, words, Context::Needs::kReading, "/v1/pending",
                      std::move(parameters), PendingLayout());
}

int RunEntries(Context& context, const Words& words) {
  return PrintListing(context, words, Context::Needs::kReading, "/v1/entries",
                      {{"kind", words.Get("--kind")}, {"action", words.Get("--action")}},
                      EntryLayout());
}

int RunRules(Context& context, const Words& words) {
  return PrintListing(context, words, Context::Needs::kDaemon, "/v1/rules", {}, RuleLayout());
}

int RunLimits(Context& context, const Words& words) {
  return PrintListing(context, words, Context::Needs::kDaemon, "/v1/limits", {}, LimitLayout());
}

int RunLimitsReset(Context& context, const Words& words) {
  const Question question = {
      "/v1/limits/reset", {{"key", words.Get("KEY")}, {"limit", words.Get("--limit")}}, "POST"};
  return context.Ask(Context::Needs::kDaemon, question, [&](const Json& answer) {
    const std::int64_t reset = answer["reset"].integer();
    context.Show(answer, [&](Output& output) {
      const std::string key = FieldText(answer["key"]);
      output.Line(reset == 0 ? "nothing was counted for " + key
                             : std::to_string(reset) + (reset == 1 ? " counter" : " counters") +
                                   " of " + key + " reset");
    });
    return reset > 0 ? kExitOk : kExitNegative;
  });
}

}  // namespace mxward::cli
