// SPDX-License-Identifier: Apache-2.0
#include "policy/greylist_check.h"

#include <algorithm>
#include <string>
#include <utility>

#include "policy/replies.h"

namespace mxward::policy {
namespace {

constexpr Seconds kFreeRetryEvery{60};

std::string NameOf(const greylist::Identities& identities) {
  return "client:" + identities.client.ToString();
}

// Of the client itself: its address, for IPv6 its /64. Never of its name, in which whoever rents a
// machine there has a share, nor of its network.
bool HasAllowance(const Known& known, const Config& config, WallTime now) {
  const auto& earned = known.greylist->earned;
  return earned && IsAllowed(*earned, now, config.greylist);
}

Outcome AutoAllowed(const Known& known, WallTime now) {
  const greylist::Identities& identities = known.tuple->identities;
  const greylist::EarnedRecord& earned = *known.greylist->earned;
  Outcome outcome;
  outcome.decision.reason = Reason::kGreylistAutoAllowed;
  outcome.decision.by = By::kGreylist;
  outcome.decision.identity = NameOf(identities);
  if (now - earned.last_used > greylist::kLastSeenStep || IsFromFuture(earned, now)) {
    outcome.effects.emplace_back(TouchEarned{identities.client_hash});
  }
  return outcome;
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
    return said.of == DnsblOf::kClient && said.counts && said.meaning.score > 0;
  });
}

}  // namespace

Outcome CheckGreylist(const Facts& facts, const Known& known, const Config& config,
                      const GreylistConfig& tuning, WallTime now, bool outweighed) {
  const greylist::View& view = *known.greylist;
  const greylist::Identities& identities = known.tuple->identities;
  const auto [judgement, fold, remembered] = Consider(view, now, tuning, facts.observing);
  const bool begins = judgement.outcome == greylist::Outcome::kNew ||
                      judgement.outcome == greylist::Outcome::kExpired;
  if (judgement.outcome != greylist::Outcome::kKnown &&
      judgement.outcome != greylist::Outcome::kPassed) {
    if (!outweighed && HasAllowance(known, config, now)) return AutoAllowed(known, now);
  }

  Outcome outcome;
  Decision& decision = outcome.decision;
  decision.reason = ReasonOf(judgement.outcome);
  decision.by = By::kGreylist;
  const bool accepted = judgement.outcome == greylist::Outcome::kPassed ||
                        judgement.outcome == greylist::Outcome::kKnown;
  decision.verdict = accepted ? Verdict::kAccept : Verdict::kDefer;
  decision.delay = accepted ? judgement.waited : judgement.remaining;
  if (fold) {
    decision.identity = NameOf(identities);
    decision.findings.push_back(
        {Check::kFolded, "", 0,
         Detail().Say(remembered ? "too many pending tuples of one client"
                                 : "too many pending tuples of one client to remember this one")});
    if (!remembered) outcome.effects.emplace_back(CountUnremembered{});
  } else if (view.record && !begins) {
    const char* kind = config.greylist.identity_network ? "network:" : "client:";
    decision.identity =
        view.by_name ? "name:" + identities.name : kind + identities.network.ToString();
  }
  if (!accepted) decision.reply = GreylistReply(judgement.remaining, facts, config);

  if (judgement.write) {
    const auto before = !fold         ? view.record
                        : view.folded ? std::optional(RecordOf(*view.folded))
                                      : std::nullopt;
    TryTuple effect;
    effect.fold = fold;
    effect.delay = known.rules ? known.rules->delay : std::nullopt;
    // Whenever first-seen is set: anew, or to now because it was in the future.
    effect.promised = !accepted && (!before || before->first_seen != judgement.next.first_seen ||
                                    before->state != greylist::State::kPending);
    effect.starts =
        !fold && begins && (!view.record || view.record->state != greylist::State::kPending);
    effect.ends = judgement.outcome == greylist::Outcome::kPassed;
    effect.before = before;
    outcome.effects.emplace_back(effect);
  }
  if (judgement.outcome == greylist::Outcome::kPassed && !fold && !view.record->observed &&
      config.greylist.auto_allow_after > 0 && !IsListed(*known.evidence)) {
    outcome.effects.emplace_back(Earn{identities.client_hash, NameOf(identities)});
  }
  return outcome;
}

bool RestsOnAllowance(const Facts& facts, const Known& known, const Config& config,
                      const GreylistConfig& tuning, WallTime now) {
  if (!HasAllowance(known, config, now)) return false;
  const auto outcome = Consider(*known.greylist, now, tuning, facts.observing).judgement.outcome;
  return outcome != greylist::Outcome::kPassed && outcome != greylist::Outcome::kKnown;
}

bool IsFreeRetry(const Facts& facts, const Known& known, const GreylistConfig& tuning,
                 WallTime now) {
  const greylist::View& view = *known.greylist;
  const auto judged = Advance(view.record, now, tuning, facts.observing).outcome;
  return view.record &&
         (judged == greylist::Outcome::kEarly || judged == greylist::Outcome::kPassed) &&
         now - view.record->last_seen >= kFreeRetryEvery;
}

bool IsKnownOrAllowed(const Facts& facts, const Known& known, const Config& config, WallTime now) {
  return Advance(known.greylist->record, now, config.greylist, facts.observing).outcome ==
             greylist::Outcome::kKnown ||
         HasAllowance(known, config, now);
}

}  // namespace mxward::policy
