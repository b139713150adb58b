// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "cli/output/output.h"
#include "cli/replay/tally.h"
#include "control/json.h"

namespace mxward::cli {

// What a changed configuration does differently from the one in force, on the same log.

// Senders of whom it defers or rejects more or fewer recipients, the largest difference first; at
// most so many.
Json DifferencesJson(const Tally& in_force, const Tally& changed, std::size_t most);

// The two side by side, out of the answer of a replay: its own members, and those of "changed".
void WriteComparison(Output& output, const Json& document);

}  // namespace mxward::cli
