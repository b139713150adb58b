// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cli/output/output.h"
#include "cli/output/rows.h"
#include "control/json.h"

namespace mxward::cli {

// What people are shown of the answer of GET /v1/report, on a terminal as on a page. Everything is
// printable already.

// What became of deferred mail, and how long it was held up.
Facts ReportFacts(const Json& report, WallTime now);

struct ReportTable {
  std::string_view title;
  std::vector<Column> columns;
  const std::vector<Json>* items;  // of the report
};
// Those that have items. The report outlives them.
std::vector<ReportTable> ReportTables(const Json& report);

// What is to be known to read it: where data is missing, and what is not kept.
std::vector<std::string> ReportNotes(const Json& report);

// The line to type for an item of "missed": "mxwardctl allow client 192.0.2.1".
std::string ExemptionLine(const Json& item);

}  // namespace mxward::cli
