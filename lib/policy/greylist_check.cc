// SPDX-License-Identifier: Apache-2.0
#include "policy/greylist_check.h"

#include <algorithm>
#include <string>
#include <utility>

#include "clients/host_name.h"
#include "policy/replies.h"

namespace mxward::policy {
namespace {

constexpr Seconds kFreeRetryEvery{60};

// A name that says nothing about who sends: of a hoster, where anybody rents a machine, or below
// it.
bool IsHosterName(const std::string& name, const Config& config) {
  const auto& except = config.greylist.auto_allow_except;
  return std::any_of(except.begin(), except.end(),
                     [&](const std::string& hoster) { return IsAtOrBelow(name, hoster); });
}

// The identity that a passed tuple counts for: the name; for a client without a good one, and for
// one with a hoster's name, the client itself, never its network.
std::optional<Earn> EarningIdentity(const greylist::Identities& identities, const Config& config) {
  if (config.greylist.auto_allow_after == 0) return std::nullopt;
  if (identities.name.empty() || IsHosterName(identities.name, config)) {
    return Earn{identities.client_hash, "client:" + identities.client.ToString()};
  }
  return Earn{identities.name_hash, "name:" + identities.name};
}

// The auto-allow outcome, when one of the client's identities has earned it.
std::optional<Outcome> AutoAllowed(const Known& known, const Config& config, WallTime now) {
  const greylist::Identities& identities = known.tuple->identities;
  const auto consider = [&](const std::optional<greylist::EarnedRecord>& earned, std::uint64_t hash,
                            std::string identity) -> std::optional<Outcome> {
    if (!earned || !IsAllowed(*earned, now, config.greylist)) return std::nullopt;
    Outcome outcome;
    outcome.decision.reason = Reason::kGreylistAutoAllowed;
    outcome.decision.identity = std::move(identity);
    if (now - earned->last_used > greylist::kLastSeenStep || IsFromFuture(*earned, now)) {
      outcome.effects.emplace_back(TouchEarned{hash});
    }
    return outcome;
  };
  // What a name earned before it was listed as a hoster's does not count any more.
  if (!IsHosterName(identities.name, config)) {
    if (auto outcome = consider(known.greylist->name_earned, identities.name_hash,
                                "name:" + identities.name)) {
      return outcome;
    }
  }
  return consider(known.greylist->client_earned, identities.client_hash,
                  "client:" + identities.client.ToString());
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
                      const GreylistConfig& tuning, WallTime now) {
  const greylist::View& view = *known.greylist;
  const greylist::Identities& identities = known.tuple->identities;
  const auto [judgement, fold, remembered] = Consider(view, now, tuning, facts.observing);
  const bool begins = judgement.outcome == greylist::Outcome::kNew ||
                      judgement.outcome == greylist::Outcome::kExpired;
  if (judgement.outcome != greylist::Outcome::kKnown &&
      judgement.outcome != greylist::Outcome::kPassed) {
    if (auto allowed = AutoAllowed(known, config, now)) return *std::move(allowed);
  }

  Outcome outcome;
  Decision& decision = outcome.decision;
  decision.reason = ReasonOf(judgement.outcome);
  const bool accepted = judgement.outcome == greylist::Outcome::kPassed ||
                        judgement.outcome == greylist::Outcome::kKnown;
  decision.verdict = accepted ? Verdict::kAccept : Verdict::kDefer;
  decision.delay = accepted ? judgement.waited : judgement.remaining;
  if (fold) {
    decision.identity = "client:" + identities.client.ToString();
    decision.findings.push_back({"folded", 0,
                                 remembered ? "too many pending tuples of one client"
                                            : "too many pending tuples of one client "
                                              "to remember this one"});
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
    if (effect.ends && !fold) effect.ended_client = view.record->client_tag;
    outcome.effects.emplace_back(effect);
  }
  if (judgement.outcome == greylist::Outcome::kPassed && !fold && !view.record->observed &&
      !IsListed(*known.evidence)) {
    if (auto earn = EarningIdentity(identities, config)) outcome.effects.emplace_back(*earn);
  }
  return outcome;
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
         AutoAllowed(known, config, now).has_value();
}

}  // namespace mxward::policy
