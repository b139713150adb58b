// SPDX-License-Identifier: Apache-2.0
#include "cli/output/summary.h"

#include <fmt/format.h>

#include <utility>

#include "base/units.h"

namespace mxward::cli {

std::string Share(std::int64_t part, std::int64_t all) {
  return all == 0
             ? ""
             : fmt::format("{:.1f}", 100.0 * static_cast<double>(part) / static_cast<double>(all));
}

std::string DurationText(const Json& seconds) { return HumanDuration(Seconds(seconds.integer())); }

Column TextColumn(std::string_view title, std::string_view member) {
  return {title, [member](const Json& item, WallTime) { return TextCell(item[member]); }};
}

Column NumberColumn(std::string_view title, std::string_view member) {
  return {title, [member](const Json& item, WallTime) { return TextCell(item[member]); },
          /*right=*/true};
}

Column DurationColumn(std::string_view title, std::string_view member) {
  return {title,
          [member](const Json& item, WallTime) {
            if (item[member].is_null()) return Cell{"-", Color::kDim};
            return Cell{DurationText(item[member])};
          },
          /*right=*/true};
}

void WriteTable(Output& output, std::vector<Column> columns, const std::vector<Json>& items,
                WallTime now) {
  if (items.empty()) return;
  output.Line("");
  Rows rows(output, {std::move(columns), {}}, now);
  for (const Json& item : items) rows.Add(item);
  rows.End();
}

void AddCount(Facts& facts, const char* name, const Json& count) {
  if (count.integer() > 0) facts.emplace_back(name, std::to_string(count.integer()));
}

}  // namespace mxward::cli
