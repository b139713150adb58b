// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/layouts.h"
#include "cli/listing.h"

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
    return context.UsageError("--overdue and --never exclude each other");
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

}  // namespace mxward::cli
