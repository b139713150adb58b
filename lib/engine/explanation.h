// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/clock.h"
#include "config/config.h"
#include "facts/decision.h"
#include "facts/session_facts.h"
#include "policy/evidence.h"
#include "policy/permissions.h"

namespace mxward {

// A complete decision that was not enforced and changed nothing.
struct Explanation {
  SessionFacts session;  // with its name classified
  Decision decision;     // its findings say what made up decision.score
  // Everything that was asked and found, also what adds nothing; nothing when the decision needed
  // none of it (trust, a block, an exempt recipient).
  std::optional<policy::Evidence> evidence;
  policy::Evidence::Spf spf;             // also where it only says who the client is
  policy::Permissions permissions;       // what rules, entries and limits had to know
  ScoreConfig score;                     // the thresholds in force
  std::optional<WallTime> retry_passes;  // of a deferral: when a retry would pass
  bool observing = false;                // it would not be enforced
};

}  // namespace mxward
