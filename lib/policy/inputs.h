// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "clients/standing.h"
#include "config/config.h"
#include "entries/entry.h"
#include "greylist/state.h"
#include "greylist/tuple.h"
#include "greylist/tuple_lookup.h"
#include "limits/limits.h"
#include "policy/entry_check.h"
#include "policy/evidence.h"
#include "policy/facts.h"
#include "policy/limit_check.h"
#include "policy/outcome.h"
#include "policy/permissions.h"
#include "policy/rules.h"
#include "policy/score.h"

namespace mxward::policy {

// All that the decision about one recipient rests on. Used by one thread; neither copied nor moved,
// for it points into itself. Facts and config outlive it.
struct Inputs {
  Inputs(const Facts& of, const Config& by, WallTime at) : facts(of), config(by), now(at) {}
  Inputs(const Inputs&) = delete;
  Inputs& operator=(const Inputs&) = delete;

  const Facts& facts;
  const Config& config;
  const WallTime now;

  // Of the session; the evidence says what came of it.
  bool helo_requested = false;
  bool spf_requested = false;

  // Identities::spf of the tuple is what came of it.
  bool spf_identity_requested = false;

  // What has been looked up. What is not set has not been asked for.
  std::optional<std::vector<entries::Entry>> entries;  // the winner of each kind
  // Of connection and message as they were counted, of recipients now.
  std::optional<std::vector<limits::State>> limits;
  std::optional<StandingResult> history;  // the client's
  // What has come so far; once nothing in it is pending, all that will come.
  std::shared_ptr<const Evidence> evidence;
  std::optional<std::string>
      list_text;  // what the top_listing list says of its listing; may be empty
  Permissions permissions;
  std::optional<greylist::Tuple> tuple;  // set together with greylist
  std::optional<greylist::TupleLookup> greylist;

  // What the checks have worked out of it, for those after them.
  std::optional<RuleResult> rules;  // where there are any
  std::optional<EntryVerdict> entry;
  std::optional<LimitCheck> limit;  // where limits hold
  std::optional<Score> score;

  // What is to be found out for Need::kPermissions.
  PermissionRequest wanted;
  Need Want(PermissionRequest request) {
    wanted = std::move(request);
    return Need::kPermissions;
  }
  // All that was wanted until now is in it, be it known or not.
  void SetPermissions(Permissions more) {
    permissions = std::move(more);
    if (rules && !rules->wanted.empty()) rules.reset();
  }

  // More of it than before: what was worked out from less is worked out again.
  void SetEvidence(std::shared_ptr<const Evidence> more) {
    evidence = std::move(more);
    score.reset();
    if (rules && rules->wants_evidence) rules.reset();
  }

  // Without rules: that none says anything.
  const RuleResult& RulesOrNone() const {
    static const RuleResult none;
    return rules ? *rules : none;
  }
  // greylist.*, with a rule's delay.
  greylist::Terms terms() const { return {config.greylist, RulesOrNone().delay}; }
};

}  // namespace mxward::policy
