// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "config/config.h"
#include "config/entry_array.h"

namespace mxward {

// What the rules of a config say, for entry_array.h. Pure.
std::vector<EntryValues> RuleValues(const Config& config);

}  // namespace mxward
