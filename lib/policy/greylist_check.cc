// SPDX-License-Identifier: Apache-2.0
#include "policy/greylist_check.h"

#include <algorithm>
#include <string>
#include <utility>

#include "clients/organisation.h"
#include "clients/sender_domain.h"
#include "policy/replies.h"

namespace mxward::policy {
namespace {

constexpr Seconds kFreeRetryEvery{60};

std::string NameOf(const greylist::Identities& identities) {
  return "client:" + identities.client.ToString();
}

// Of the client itself: its address, for IPv6 its /64. Never of its name, in which whoever rents a
// machine there has a share, nor of its network.
bool HasAllowance(const Inputs& in) {
  const auto& earned = in.greylist->auto_allow;
  return earned && IsAllowed(*earned, in.now, in.config.greylist);
}

// Of the organisation for which both its verified name and SPF speak. So the client has none of the
// findings about names. What it has lost itself, or made bad, others do not make up for.
bool HasAllowanceOfOrganisation(const Inputs& in) {
  const auto& earned = in.greylist->of_organisation;
  const auto& own = in.greylist->auto_allow;
  return earned && IsAllowed(*earned, in.now, in.config.greylist) &&
         !(own && IsRevoked(*own, in.now)) && in.evidence->history.standing != Standing::kBad;
}

Outcome AutoAllowed(const greylist::AutoAllowRecord& earned, std::uint64_t identity_hash,
                    std::string identity, WallTime now) {
  Outcome outcome = Accepted(Reason::kGreylistAutoAllowed, By::kGreylist);
  outcome.decision.identity = std::move(identity);
  if (now - earned.last_used > greylist::kLastSeenStep || IsFromFuture(earned, now)) {
    outcome.effects.emplace_back(TouchAutoAllow{identity_hash});
  }
  return outcome;
}

// Lets those who have an allowance pass, unless lists say as much as would be suspicious by itself.
Step AskAllowances(const Inputs& in) {
  const bool own = HasAllowance(in);
  if (!own && !HasAllowanceOfOrganisation(in)) return {};
  const int suspicious = in.config.score.greylist;
  if (in.score->listings >= suspicious) return {};
  if (in.score->max_listings >= suspicious && in.evidence->Pending()) return Need::kMoreEvidence;
  const greylist::Identities& identities = in.tuple->identities;
  if (own) {
    return AutoAllowed(*in.greylist->auto_allow, identities.client_hash, NameOf(identities),
                       in.now);
  }
  return AutoAllowed(*in.greylist->of_organisation, identities.organisation_hash,
                     "organisation:" + identities.spf, in.now);
}

Reason ReasonOf(greylist::Outcome outcome) {
  switch (outcome) {
    case greylist::Outcome::kNew:
      return Reason::kGreylistNew;
    case greylist::Outcome::kEarly:
      return Reason::kGreylistEarly;
    case greylist::Outcome::kExpired:
      return Reason::kGreylistExpired;
    case greylist::Outcome::kPassed:
      return Reason::kGreylistPassed;
    case greylist::Outcome::kKnown:
      return Reason::kGreylistKnown;
  }
  return Reason::kFailure;
}

bool IsListed(const Evidence& evidence) {
  return std::any_of(evidence.lists.begin(), evidence.lists.end(), [](const ListEvidence& said) {
    return said.of == DnsblOf::kClient && said.scored && said.meaning.score > 0;
  });
}

// Lets the retry of what was deferred through, and what passed before.
bool Accepts(greylist::Outcome outcome) {
  return outcome == greylist::Outcome::kPassed || outcome == greylist::Outcome::kKnown;
}

// The record that a try changes; nothing where it makes one.
std::optional<greylist::TupleRecord> Before(const greylist::TupleLookup& lookup, bool fold) {
  if (!fold) return lookup.record;
  return lookup.folded ? std::optional(RecordOf(*lookup.folded)) : std::nullopt;
}

// A tuple that passed counts for the organisation of its sender if SPF let its first client send
// for it, and the verified names of that client and of this one belong to it.
bool CountsForOrganisation(const Inputs& in) {
  const greylist::TupleRecord& record = *in.greylist->record;
  const greylist::Identities& identities = in.tuple->identities;
  return record.spf && identities.name_hash != 0 && record.name_hash == identities.name_hash &&
         OrganisationalDomain(SenderDomainOf(in.facts.message.sender)) == identities.name;
}

TryTuple EffectOf(const Inputs& in, const greylist::Consideration& considered) {
  const greylist::Transition& transition = considered.transition;
  const greylist::TupleLookup& lookup = *in.greylist;
  const bool begins = transition.outcome == greylist::Outcome::kNew ||
                      transition.outcome == greylist::Outcome::kExpired;
  TryTuple effect;
  effect.fold = considered.fold;
  effect.delay = in.RulesOrNone().delay;
  effect.before = Before(lookup, considered.fold);
  // Whenever first-seen is set: at the beginning, or to now because it was in the future.
  effect.must_commit_before_reply =
      !Accepts(transition.outcome) &&
      (!effect.before || effect.before->first_seen != transition.next.first_seen ||
       effect.before->state != greylist::State::kPending);
  effect.starts = !considered.fold && begins &&
                  (!lookup.record || lookup.record->state != greylist::State::kPending);
  effect.ends = transition.outcome == greylist::Outcome::kPassed;
  return effect;
}

Outcome Judged(const Inputs& in, const greylist::Consideration& considered) {
  const auto& [transition, fold, remembered] = considered;
  const greylist::TupleLookup& lookup = *in.greylist;
  const greylist::Identities& identities = in.tuple->identities;
  const bool accepts = Accepts(transition.outcome);
  Outcome outcome = Accepted(ReasonOf(transition.outcome), By::kGreylist);
  Decision& decision = outcome.decision;
  decision.delay = accepts ? transition.waited : transition.remaining;
  if (!accepts) {
    decision.verdict = Verdict::kDefer;
    decision.reply = GreylistReply(transition.remaining, in.facts, in.config);
  }
  if (fold) {
    decision.identity = NameOf(identities);
    decision.findings.push_back(
        {Check::kFolded, "", 0,
         Detail().Say(remembered ? "too many pending tuples of one client"
                                 : "too many pending tuples of one client to remember this one")});
    if (!remembered) outcome.effects.emplace_back(CountUnremembered{});
  } else if (lookup.record && transition.outcome != greylist::Outcome::kNew &&
             transition.outcome != greylist::Outcome::kExpired) {
    const char* kind = in.config.greylist.identity_network ? "network:" : "client:";
    decision.identity = lookup.by_name  ? "name:" + identities.name
                        : lookup.by_spf ? "spf:" + identities.spf
                                        : kind + identities.network.ToString();
  }
  if (transition.write) outcome.effects.emplace_back(EffectOf(in, considered));
  if (transition.outcome == greylist::Outcome::kPassed && !fold && !lookup.record->observed &&
      in.config.greylist.auto_allow_after > 0 && !IsListed(*in.evidence)) {
    outcome.effects.emplace_back(CreditAutoAllow{identities.client_hash, NameOf(identities)});
    if (CountsForOrganisation(in)) {
      outcome.effects.emplace_back(CreditOrganisation{identities.name, lookup.record->client_tag});
    }
  }
  return outcome;
}

// What passes without a look at its record.
std::optional<Outcome> Spared(const Inputs& in) {
  if (in.entry->skip_greylist != nullptr) return AllowedBy(*in.entry->skip_greylist);
  const RuleResult& rules = in.RulesOrNone();
  if (rules.greylist == RuleGreylist::kOff) {
    return Accepted(Reason::kGreylistOff, By::kRule, rules.greylist_by->name);
  }
  if (rules.greylist == RuleGreylist::kOn) return std::nullopt;
  switch (in.config.greylist.apply) {
    case GreylistApply::kOff:
      return Accepted(Reason::kGreylistOff, By::kConfig);
    case GreylistApply::kSuspicious:
      if (SuspicionOf(in.score->total, in.config.score) == Suspicion::kNone) {
        return Accepted(Reason::kNotSuspicious, By::kScore);
      }
      break;
    case GreylistApply::kAll:
      break;
  }
  return std::nullopt;
}

// Whom the greylist would defer may be known by whom SPF lets send. The null sender has no domain.
bool WantsSpfIdentity(const Inputs& in) {
  return in.config.greylist.identity_spf && !in.spf_identity_requested &&
         !in.facts.message.sender.empty();
}

}  // namespace

Step AskGreylist(Inputs& in) {
  if (auto spared = Spared(in)) return *std::move(spared);
  if (in.facts.store_absent) return FailureOutcome(in.config);
  if (!in.greylist) return Need::kGreylist;
  const auto considered = Consider(*in.greylist, in.now, in.terms(), in.facts.observing);
  if (Accepts(considered.transition.outcome)) return Judged(in, considered);
  if (auto allowed = AskAllowances(in)) return allowed;
  if (WantsSpfIdentity(in)) return Need::kSpfIdentity;
  return Judged(in, considered);
}

bool IsFreeRetry(const Inputs& in) {
  const auto& record = in.greylist->record;
  if (!record) return false;
  const auto outcome = OutcomeOf(*record, in.now, in.terms());
  return (outcome == greylist::Outcome::kEarly || outcome == greylist::Outcome::kPassed) &&
         in.now - record->last_seen >= kFreeRetryEvery;
}

bool IsKnownOrAllowed(const Inputs& in) {
  const auto& record = in.greylist->record;
  return (record && OutcomeOf(*record, in.now, in.config.greylist) == greylist::Outcome::kKnown) ||
         HasAllowance(in);
}

}  // namespace mxward::policy
