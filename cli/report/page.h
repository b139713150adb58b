// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/clock.h"
#include "control/json.h"

namespace mxward::cli {

// The answer of GET /v1/report as one page of HTML. Nothing is fetched from anywhere, no script
// runs, it follows the reader's choice of light or dark, and what the network sent is escaped.
std::string ReportPage(const Json& report, WallTime now);

}  // namespace mxward::cli
