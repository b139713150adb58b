// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "cli/output/output.h"
#include "control/json.h"

namespace mxward::cli {

// The answer of GET /v1/report in the output's format.
void WriteReport(Output& output, const Json& report, WallTime now);

}  // namespace mxward::cli
