// SPDX-License-Identifier: Apache-2.0
#include "policy/outcome.h"

#include "policy/replies.h"

namespace mxward::policy {

Outcome Accepted(Reason reason, By by, std::string_view source) {
  Outcome outcome;
  outcome.decision.verdict = Verdict::kAccept;
  outcome.decision.reason = reason;
  outcome.decision.by = by;
  outcome.decision.source = source;
  return outcome;
}

Outcome FailureOutcome(const Config& config) {
  Outcome outcome = Accepted(Reason::kFailure, By::kFailure);
  if (config.on_failure == OnFailure::kTempfail) {
    outcome.decision.verdict = Verdict::kDefer;
    outcome.decision.reply = FailureReply();
  }
  return outcome;
}

}  // namespace mxward::policy
