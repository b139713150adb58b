// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/config.h"
#include "entries/entry.h"
#include "facts/decision.h"
#include "policy/evidence.h"
#include "policy/score.h"
#include "policy/trust.h"

namespace mxward::policy {

// Whom a rejection is about, for each of its reasons. All pure.

// By a block of that kind.
About AboutBlock(entries::Kind kind);
// By a limit: whom it counts for. A user is one who sends.
About AboutLimit(LimitPer per);
// By the score: about the client if what is known of the client alone reaches score.reject.
About AboutScore(const Score& score, const ScoreConfig& config);
// By a rule that has matched. One that asks about the sender is about the sender; one that looks at
// evidence is about the client only if the client's own evidence is enough to match it. score: what
// the rule compared; evidence: null where none is wanted.
About AboutRule(const RuleConfig& rule, const Score& score, const Evidence* evidence);

// True for a rejection that the client has earned by itself: what makes its history bad and
// suspends what it has earned. A limit says only that there was too much of something; of whom one
// trusts the mail is somebody else's; and what was not enforced (observing) has not happened.
bool SpeaksAgainstClient(const Decision& decision, Trust trust, bool observing);

}  // namespace mxward::policy
