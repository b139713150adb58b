// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "config/config.h"
#include "config/toml_document.h"

namespace mxward {

// All [[limit]] entries of a file; with problems, nothing useful. Pure.
std::vector<LimitConfig> ReadLimits(const TomlEntry& entry, std::vector<PlacedProblem>& problems);

}  // namespace mxward
