// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "config/options.h"

namespace mxward {

// Two options whose values, each good by itself, do not go together.
struct Conflict {
  const Option* first;
  const Option* second;  // nullptr: first does not go with an entry, such as a [[limit]]
  std::string message;   // names both and their values
};

std::vector<Conflict> FindConflicts(const Config& config);

}  // namespace mxward
