// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "config/config.h"
#include "policy/policy.h"

namespace mxward::policy {

// The last of all checks: what the tuple's record, and what its client has earned, lead to
// (DESIGN: "Greylisting"). tuning: config.greylist, or with a rule's delay. outweighed: an
// allowance does not count, because of what DNS lists say. Pure. REQUIRES of all: known.greylist
// and known.tuple
Outcome CheckGreylist(const Facts& facts, const Known& known, const Config& config,
                      const GreylistConfig& tuning, WallTime now, bool outweighed);

// True when nothing but an allowance would let the tuple pass.
bool RestsOnAllowance(const Facts& facts, const Known& known, const Config& config,
                      const GreylistConfig& tuning, WallTime now);

// A retry of a tuple that waits, a minute after its last try at the soonest: it costs no limit
// anything, or greylisting would use them up.
bool IsFreeRetry(const Facts& facts, const Known& known, const GreylistConfig& tuning,
                 WallTime now);

// A tuple that passed before, or a client that has earned an allowance.
bool IsKnownOrAllowed(const Facts& facts, const Known& known, const Config& config, WallTime now);

}  // namespace mxward::policy
