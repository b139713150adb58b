// SPDX-License-Identifier: Apache-2.0
#include "cli/output/listing.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "cli/exit_status.h"

namespace mxward::cli {
namespace {

// A slice of a listing: short to wait for, and few requests.
constexpr std::int64_t kListingSlice = 1000;
constexpr std::int64_t kTableLimit = 100;

}  // namespace

std::optional<std::int64_t> LimitOf(Context& context, const Words& words) {
  if (!words.Has("--limit")) {
    return context.output().format() == Format::kTable ? kTableLimit : kNoLimit;
  }
  const std::string text = words.Get("--limit");
  std::int64_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc() || end != text.data() + text.size() || limit < 0) {
    context.output().Say("--limit: \"" + Printable(text) + "\" is not a valid number");
    return std::nullopt;
  }
  return limit;
}

void SayCut(Output& output, std::size_t shown) {
  output.Say("showing the first " + std::to_string(shown) + "; --limit 0 shows all");
}

int PrintListing(Context& context, const Words& words, Context::Needs needs,
                 const std::string& path, Parameters parameters, Layout layout) {
  Output& output = context.output();
  const auto limit = LimitOf(context, words);
  if (!limit) return kExitUsage;
  const auto backend = context.OpenBackend(needs);
  if (backend == nullptr) return kExitTrouble;
  Rows rows(output, std::move(layout), context.clock().Now());
  parameters.emplace_back("limit", "");
  parameters.emplace_back("after", "");
  std::string& slice = parameters[parameters.size() - 2].second;
  std::string& after = parameters.back().second;
  bool more = true;
  while (more) {
    const auto left =
        *limit == kNoLimit ? kListingSlice : *limit - static_cast<std::int64_t>(rows.count());
    if (left <= 0) break;
    slice = std::to_string(std::min(kListingSlice, left));
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
  if (more) SayCut(output, rows.count());
  return rows.count() > 0 ? kExitOk : kExitNegative;
}

}  // namespace mxward::cli
