// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output/rows.h"

namespace mxward::cli {

// What the answers of `replay` and `report` are written with: facts, and tables between them.

// "12.3", so many percent of all; "" of nothing.
std::string Share(std::int64_t part, std::int64_t all);
// For people; seconds is a number.
std::string DurationText(const Json& seconds);

Column TextColumn(std::string_view title, std::string_view member);
Column NumberColumn(std::string_view title, std::string_view member);
Column DurationColumn(std::string_view title, std::string_view member);  // "-" for null

// An empty line and the table; nothing without items.
void WriteTable(Output& output, std::vector<Column> columns, const std::vector<Json>& items,
                WallTime now = {});

// Unless it is 0.
void AddCount(Facts& facts, const char* name, const Json& count);

}  // namespace mxward::cli
