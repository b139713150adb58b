// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/config.h"
#include "facts/decision.h"
#include "policy/evidence.h"
#include "policy/facts.h"
#include "policy/permissions.h"
#include "policy/score.h"

namespace mxward::policy {

struct Outcome;

// What the rules of a config lead to for one recipient.
struct RuleResult {
  // One that matched.
  struct Hit {
    std::string name;
    bool observed = false;  // by a rule that only observes
  };

  const RuleConfig* decides = nullptr;  // in the config; null: none has an action
  RuleGreylist greylist = RuleGreylist::kUnset;
  const RuleConfig* greylist_by = nullptr;  // the rule that says so
  std::optional<Seconds> delay;
  int score = 0;
  int score_of_others = 0;       // the part of it that rules about the sender or recipient added
  About about = About::kNobody;  // whom `decides` is about, if it rejects
  RuleSkips skip;
  std::vector<Finding> findings;  // one for each that matched, in the order of the config
  std::vector<Hit> hits;
  // A rule could not be looked at without evidence, or without all of it: the rest means nothing.
  bool wants_evidence = false;
  // Likewise without this.
  PermissionRequest wanted;
  std::optional<Score> sum;  // of the evidence without what is skipped, if it was added up
};

// evidence: what is known; null: not asked for yet. None is ever wanted about somebody trusted. Of
// mail from a relay no rule matches that asks about the client. Pure, but for the time zone.
// permissions: of what was wanted by an earlier call; what is not known matches nothing.
RuleResult ApplyRules(const Facts& facts, const Evidence* evidence, const Permissions& permissions,
                      const Config& config, WallTime now);

// What the rule does, for people: "reject", "no greylisting, skip name, score 3".
std::string EffectText(const RuleConfig& rule);

// Whether recipients of one message can need more evidence than others because of the rules.
bool RulesUseEvidence(const Config& config);

// Whether the rule asks for anything about the client, or for evidence.
bool AsksAboutClient(const RuleConfig& rule);
// Whether the rule asks for a listing and this is one.
bool IsListing(const RuleConfig& rule, const ListEvidence& said);

// What the rule that decides makes of it. REQUIRES: result.decides
Outcome DecidedByRule(const RuleResult& result, const Facts& facts, const Config& config);

}  // namespace mxward::policy
