// SPDX-License-Identifier: Apache-2.0
//
// One call of the policy, on what a test says is known.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "policy/policy.h"

namespace mxward::policy {

// As in Inputs; values, so that a test can change one thing and ask again.
struct Known {
  std::optional<std::vector<entries::Entry>> entries;
  std::optional<std::vector<limits::State>> limits;
  std::optional<StandingResult> history;
  std::optional<Evidence> evidence;
  std::optional<std::string> list_text;
  std::optional<greylist::Tuple> tuple;
  std::optional<greylist::TupleLookup> greylist;
  bool spf_identity_requested = true;
};

// facts.trust is found here, as a session does once a message.
inline std::variant<Need, Outcome> AskOnce(Facts facts, const Known& known, const Config& config,
                                           WallTime now) {
  facts.trust = TrustOf(facts.session, facts.message, config.trust);
  Inputs inputs(facts, config, now);
  inputs.entries = known.entries;
  inputs.limits = known.limits;
  inputs.history = known.history;
  if (known.evidence) inputs.SetEvidence(std::make_shared<const Evidence>(*known.evidence));
  inputs.list_text = known.list_text;
  inputs.tuple = known.tuple;
  inputs.greylist = known.greylist;
  inputs.spf_identity_requested = known.spf_identity_requested;
  return Decide(inputs);
}

}  // namespace mxward::policy
