// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "config/config.h"
#include "facts/decision.h"
#include "facts/session_facts.h"
#include "limits/limits.h"
#include "policy/outcome.h"
#include "policy/trust.h"

namespace mxward::policy {

struct Inputs;

// What spares a recipient some of the limits. Only asked about when a limit is over.
struct LimitExemption {
  bool free_retry = false;       // of a tuple that waits: no rate holds for it, once a minute
  bool trusted_history = false;  // known, auto-allowed, or with a good history: no harvester
};

// What the limits lead to that are over.
struct LimitCheck {
  // The limit that decides and what it says: the first that rejects, or else the first that defers.
  // Null: none does. They point into the config and the states that were checked.
  const LimitConfig* denied = nullptr;
  const limits::State* state = nullptr;
  int score = 0;                  // what others add
  int score_of_others = 0;        // the part of it that limits per sender, user or recipient add
  std::vector<Finding> findings;  // of all that are over, in the order of the config
  // What those say that turn this one away: the one that decides, and each that only observes.
  std::vector<limits::State> denials;
};

// Whose address the key of such a limit is.
Privacy PrivacyOf(LimitPer per);

// Whether a limit holds for a client of such trust: of a relay's mail nothing about the client
// does; who has logged in is limited by user and sender alone.
bool AppliesTo(const LimitConfig& limit, Trust trust);

// True when LimitExemption would matter: some limit is over that could be spared.
bool NeedsExemptionCheck(const std::vector<limits::State>& states, const Config& config,
                         Trust trust);

// states: in any order; those of limits that the config does not have are left out. Pure.
LimitCheck CheckLimits(const std::vector<limits::State>& states, const Config& config, Trust trust,
                       const LimitExemption& exemption);

// The decision of check.denied, without the findings. REQUIRES: it is not null.
Decision DeniedDecision(const LimitCheck& check, const Config& config);

// Turns away by the limit that decides. Where limits hold inputs.limit is set.
Step AskLimits(Inputs& inputs);
// What a decision means for the limits: whom it was turned away by, and whether it counts.
// REQUIRES: inputs.limit
void AddLimitEffects(const Inputs& inputs, Outcome& outcome);

// A connection that a limit turns away.
struct DeniedConnection {
  Decision decision;
  std::vector<limits::State> denials;  // LimitCheck::denials
};

// What a limit with at = "connect" says to a client before it has said anything; nothing: the
// session goes on, and everything is decided at RCPT. Never on the submission ports (465, 587),
// where users have yet to log in. Pure.
std::optional<DeniedConnection> CheckConnection(const SessionFacts& session,
                                                const std::vector<limits::State>& states,
                                                const Config& config);

// 451 4.7.1 or 550 5.7.1 with what there is too much of, whose and by which limit. Never the
// phrases that fail2ban's stock filter bans for.
SmtpReply LimitReply(const LimitConfig& limit, const limits::State& state, const Config& config);

}  // namespace mxward::policy
