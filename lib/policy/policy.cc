// SPDX-License-Identifier: Apache-2.0
//
// The order of all checks. Each looks at the same inputs, and decides, needs something, or leaves
// it to the next one.
#include "policy/policy.h"

#include <iterator>
#include <utility>

#include "policy/about.h"
#include "policy/greylist_check.h"
#include "policy/limit_check.h"
#include "policy/score_check.h"

namespace mxward::policy {
namespace {

Step AskTrustedNetworks(Inputs& in) {
  if (in.facts.trust != Trust::kNetwork) return {};
  return Accepted(Reason::kTrustedNetwork, By::kConfig);
}

Step AskRules(Inputs& in) {
  if (in.config.rule.empty()) return {};
  if (!in.rules)
    in.rules = ApplyRules(in.facts, in.evidence.get(), in.permissions, in.config, in.now);
  if (in.rules->wants_evidence) return in.evidence ? Need::kMoreEvidence : Need::kEvidence;
  if (!in.rules->wanted.empty()) return in.Want(in.rules->wanted);
  if (in.rules->decides == nullptr) return {};
  return DecidedByRule(*in.rules, in.facts, in.config);
}

Step AskEntries(Inputs& in) {
  if (!in.entries) return Need::kEntries;
  if (!in.entry) {
    if (auto wanted = WantedByEntries(*in.entries, in.facts, in.permissions); !wanted.empty()) {
      return in.Want(std::move(wanted));
    }
    in.entry = Combine(*in.entries, in.facts, in.permissions);
  }
  if (in.entry->block != nullptr) return BlockedBy(*in.entry->block, in.config);
  if (in.entry->allow != nullptr) return AllowedBy(*in.entry->allow);
  return {};
}

// About whom nothing more is asked.
Step AskTrust(Inputs& in) {
  switch (in.facts.trust) {
    case Trust::kRelay:
      return Accepted(Reason::kTrustedRelay, By::kConfig);
    case Trust::kAuthenticated:
      return Accepted(Reason::kAuthenticated, By::kConfig);
    case Trust::kCertificate:
      return Accepted(Reason::kTrustedCertificate, By::kConfig);
    case Trust::kNetwork:
    case Trust::kNone:
      break;
  }
  if (!IsExempt(in.facts.recipient, in.config)) return {};
  return Accepted(Reason::kExemptRecipient, By::kConfig);
}

constexpr Step (*kOrder[])(Inputs&) = {
    AskTrustedNetworks,  // trust.networks
    AskRules,            // [[rule]]
    AskEntries,          // allow and block
    AskLimits,           // [[limit]]
    AskTrust,            // trust.*, exempt.recipients
    AskScore,            // names, HELO, sender's domain, history, DNS lists
    AskGreylist,
};

// What was found on the way stands before what decided, and has its effects as well.
void Complete(Inputs& in, Outcome& outcome) {
  Decision& decision = outcome.decision;
  std::vector<Finding> found;
  const auto add = [&found](const std::vector<Finding>& some) {
    found.insert(found.end(), some.begin(), some.end());
  };
  if (in.rules) add(in.rules->findings);
  if (in.limit) add(in.limit->findings);
  if (in.score) add(in.score->findings);
  if (in.score) decision.score = in.score->total;
  add(decision.findings);
  decision.findings = std::move(found);

  if (in.limit) AddLimitEffects(in, outcome);
  if (in.rules && !in.rules->hits.empty()) outcome.effects.emplace_back(CountRules{in.rules->hits});
  decision.against_client = SpeaksAgainstClient(decision, in.facts.trust, in.facts.observing);
  if (decision.against_client) outcome.effects.emplace_back(RevokeAutoAllow{});
}

}  // namespace

std::variant<Need, Outcome> Decide(Inputs& inputs) {
  for (const auto check : kOrder) {
    Step step = check(inputs);
    if (!step) continue;
    if (auto* outcome = std::get_if<Outcome>(&*step)) Complete(inputs, *outcome);
    return *std::move(step);
  }
  return FailureOutcome(inputs.config);  // not reached: the last check always says something
}

}  // namespace mxward::policy
