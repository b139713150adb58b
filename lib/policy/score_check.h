// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "policy/inputs.h"

namespace mxward::policy {

// Rejects by the score of all evidence, once nothing that is under way could change that or what
// greylisting makes of it. Otherwise inputs.score is set, and the next check goes on. Pure.
Step AskScore(Inputs& inputs);

}  // namespace mxward::policy
