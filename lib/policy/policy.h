// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>

#include "policy/inputs.h"

namespace mxward::policy {

// Asks all checks, in their order, until one decides or needs something: then look that up and call
// again. Reads and writes nothing but inputs; the same input gives the same answer.
std::variant<Need, Outcome> Decide(Inputs& inputs);

}  // namespace mxward::policy
