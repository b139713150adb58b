// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "config/config.h"
#include "config/toml_document.h"

namespace mxward {

// All [[rule]] entries of a file; with problems, nothing useful. Reads the list files they name.
// config: the rest of the file, of which a rule may speak.
std::vector<RuleConfig> ReadRules(const TomlEntry& entry, const Config& config,
                                  std::vector<PlacedProblem>& problems);

}  // namespace mxward
