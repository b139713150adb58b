// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <optional>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/layouts.h"
#include "cli/rows.h"

namespace mxward::cli {
namespace {

// A slice of a listing: short to wait for, and few requests.
constexpr std::int64_t kSlice = 1000;
constexpr std::int64_t kTableLimit = 100;
constexpr std::int64_t kNoLimit = 0;

std::optional<std::int64_t> LimitOf(const Words& words, Format format) {
  if (!words.Has("--limit")) return format == Format::kTable ? kTableLimit : kNoLimit;
  const std::string text = words.Get("--limit");
  std::int64_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc() || end != text.data() + text.size() || limit < 0) return std::nullopt;
  return limit;
}

// Prints a listing slice by slice as it comes.
int List(Context& context, const Words& words, const std::string& path, Parameters parameters,
         Layout layout) {
  Output& output = context.output();
  const auto limit = LimitOf(words, output.format());
  if (!limit)
    return context.UsageError("--limit: \"" + Printable(words.Get("--limit")) + "\" is no number");
  const auto backend = context.OpenBackend(Context::Needs::kReading);
  if (backend == nullptr) return kExitTrouble;
  Rows rows(output, std::move(layout), context.clock().Now());
  parameters.emplace_back("limit", "");
  parameters.emplace_back("after", "");
  std::string& slice = parameters[parameters.size() - 2].second;
  std::string& after = parameters.back().second;
  bool more = true;
  while (more) {
    const auto left =
        *limit == kNoLimit ? kSlice : *limit - static_cast<std::int64_t>(rows.count());
    if (left <= 0) break;
    slice = std::to_string(std::min(kSlice, left));
    const auto reply = backend->Ask("GET", path, parameters);
    if (!reply) {
      rows.Flush();
      return context.Report(reply.error());
    }
    for (const Json& item : reply->json["items"].items()) rows.Add(item);
    after = reply->json["next"].text();
    more = !after.empty();
    // The first rows are worth more than columns that fit the last ones.
    if (rows.count() > 0) rows.Flush();
  }
  rows.End();
  if (more) {
    output.Say("the first " + std::to_string(rows.count()) + " are shown, --limit 0 shows all");
  }
  return rows.count() > 0 ? kExitYes : kExitNo;
}

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
  return List(context, words, "/v1/tuples", std::move(parameters), TupleLayout());
}

int RunPending(Context& context, const Words& words) {
  if (words.Has("--overdue") && words.Has("--never")) {
    return context.UsageError("--overdue and --never exclude each other");
  }
  Parameters parameters = TupleParameters(words);
  parameters.emplace_back("progress", words.Has("--never")     ? "never"
                                      : words.Has("--overdue") ? "overdue"
                                                               : "");
  return List(context, words, "/v1/pending", std::move(parameters), PendingLayout());
}

int RunEntries(Context& context, const Words& words) {
  return List(context, words, "/v1/entries",
              {{"kind", words.Get("--kind")}, {"action", words.Get("--action")}}, EntryLayout());
}

}  // namespace mxward::cli
