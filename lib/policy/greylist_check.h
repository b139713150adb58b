// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "policy/inputs.h"

namespace mxward::policy {

// The last of all checks: what the tuple's record, and what its client has earned, lead to (RFC
// 6647). Whom nothing makes suspicious, and what a rule or an allow spares, passes before that.
// Always decides or needs something. REQUIRES: inputs.evidence and score, inputs.entry
Step AskGreylist(Inputs& inputs);

// A retry of a tuple that waits, a minute after its last try at the soonest: it costs no limit
// anything, or greylisting would use them up. REQUIRES: inputs.greylist
bool IsFreeRetry(const Inputs& inputs);

// A tuple that passed before, or a client that has earned an allowance. REQUIRES: inputs.greylist
bool IsKnownOrAllowed(const Inputs& inputs);

}  // namespace mxward::policy
