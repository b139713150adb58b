// SPDX-License-Identifier: Apache-2.0
#include "policy/policy.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "policy/about.h"
#include "policy/greylist_check.h"
#include "policy/limit_check.h"
#include "policy/replies.h"
#include "policy/score.h"
#include "policy/trust.h"

namespace mxward::policy {
namespace {

using entries::Action;
using entries::Entry;
using entries::Kind;

Outcome Accept(Reason reason, By by, std::string_view source = "") {
  Outcome outcome;
  outcome.decision.verdict = Verdict::kAccept;
  outcome.decision.reason = reason;
  outcome.decision.by = by;
  outcome.decision.source = source;
  return outcome;
}

bool IsAboutClient(Kind kind) { return AboutBlock(kind) == About::kClient; }

std::string_view WhatIsBlocked(Kind kind) {
  switch (kind) {
    case Kind::kClient:
    case Kind::kClientName:
      return "Client";
    case Kind::kSender:
    case Kind::kSenderDomain:
      return "Sender address";
    case Kind::kRecipient:
    case Kind::kRecipientDomain:
      return "Recipient address";
  }
  return "Client";
}

Privacy PrivacyOf(Kind kind) {
  switch (kind) {
    case Kind::kClient:
    case Kind::kClientName:
      return Privacy::kNone;
    case Kind::kSender:
      return Privacy::kSender;
    case Kind::kSenderDomain:
      return Privacy::kSenderDomain;
    case Kind::kRecipient:
      return Privacy::kRecipient;
    case Kind::kRecipientDomain:
      return Privacy::kRecipientDomain;
  }
  return Privacy::kSender;
}

Finding FindingOf(const Entry& entry) {
  const Check check = entry.action == Action::kBlock ? Check::kBlock : Check::kAllow;
  return {check, "", 0,
          Detail()
              .Say(std::string(entries::KindName(entry.kind)))
              .Quote(PrivacyOf(entry.kind), " " + entry.key)};
}

Outcome AllowedBy(const Entry& entry) {
  Outcome outcome = Accept(Reason::kAllowed, By::kEntry, entries::KindName(entry.kind));
  outcome.decision.findings.push_back(FindingOf(entry));
  return outcome;
}

// What the entries of all kinds together say: a block over an allow.
struct EntryVerdict {
  const Entry* block = nullptr;
  const Entry* allow = nullptr;          // accepts
  const Entry* skip_greylist = nullptr;  // a sender or recipient allow without --all
};

EntryVerdict Combine(const std::vector<Entry>& found, Trust trust) {
  EntryVerdict verdict;
  for (const Entry& entry : found) {
    if (trust == Trust::kRelay && IsAboutClient(entry.kind)) continue;
    if (entry.action == Action::kBlock) {
      if (verdict.block == nullptr) verdict.block = &entry;
    } else if (IsAboutClient(entry.kind) || entry.all) {
      if (verdict.allow == nullptr) verdict.allow = &entry;
    } else if (verdict.skip_greylist == nullptr) {
      verdict.skip_greylist = &entry;
    }
  }
  return verdict;
}

// Whether answers that are under way could still change what a score leads to. greylisting: it
// depends on whether the client is suspicious.
bool CouldChange(const Score& score, bool greylisting, const ScoreConfig& config) {
  Suspicion least = SuspicionOf(score.least, config);
  Suspicion most = SuspicionOf(score.most, config);
  if (!greylisting) {
    least = std::max(least, Suspicion::kSuspicious);
    most = std::max(most, Suspicion::kSuspicious);
  }
  return least != most;
}

const RuleResult& RulesOf(const Known& known) {
  static const RuleResult none;
  return known.rules ? *known.rules : none;
}

// Rejects by the score, or asks for the text of the listing that it quotes.
std::variant<Need, Outcome> RejectByScore(const Facts& facts, const Known& known,
                                          const Score& score, const Config& config) {
  if (score.heaviest && config.reply_list_text && !known.list_text) return Need::kListText;
  Outcome outcome;
  outcome.decision.verdict = Verdict::kReject;
  outcome.decision.reason = Reason::kScore;
  outcome.decision.about = AboutScore(score, config.score);
  outcome.decision.by = score.heaviest ? By::kList : By::kScore;
  if (score.heaviest) outcome.decision.source = known.evidence->lists[*score.heaviest].list;
  outcome.decision.reply = score.heaviest
                               ? ListedReply(known.evidence->lists[*score.heaviest], facts.session,
                                             known.list_text.value_or(""), config)
                               : SuspiciousReply(score.findings, RulesOf(known).score > 0, config);
  return outcome;
}

// greylist.delay, or a rule's.
GreylistConfig WithDelay(const GreylistConfig& config, Seconds delay) {
  GreylistConfig own = config;
  own.delay = delay;
  return own;
}

Outcome DeniedByLimit(const LimitCheck& limits, const Config& config) {
  Outcome outcome;
  outcome.decision = DeniedDecision(limits, config);
  outcome.effects.emplace_back(CountDenials{limits.denials});
  // One customer who guesses addresses makes no harvester of the service that sends for him.
  if (limits.denied->count == LimitCount::kBadRecipients && !limits.state->of_sender) {
    outcome.effects.emplace_back(NoteHarvest{});
  }
  return outcome;
}

void Shift(int by, Score& score) {
  score.total += by;
  score.most += by;
  score.least += by;
}

void AddLimits(const LimitCheck& limits, Score& score) {
  score.findings.insert(score.findings.begin(), limits.findings.begin(), limits.findings.end());
  Shift(limits.score, score);
  score.of_others += limits.score_of_others;
}

// What follows once neither an entry nor a limit has decided.
std::variant<Need, Outcome> StepBeyondLimits(const Facts& facts, const Known& known,
                                             const Config& config, WallTime now, Trust trust,
                                             const EntryVerdict& entry, const LimitCheck& limits,
                                             const GreylistConfig& tuning) {
  const RuleResult& rules = RulesOf(known);
  // 5. Those about whom nothing more is asked.
  if (trust == Trust::kRelay) return Accept(Reason::kTrustedRelay, By::kConfig);
  if (trust == Trust::kAuthenticated) return Accept(Reason::kAuthenticated, By::kConfig);
  if (trust == Trust::kCertificate) return Accept(Reason::kTrustedCertificate, By::kConfig);
  if (IsExempt(facts.recipient, config)) {
    return Accept(Reason::kExemptRecipient, By::kConfig);
  }

  // 6. Evidence and score.
  if (!known.evidence) return Need::kEvidence;
  Score score = AddUp(facts.session, *known.evidence, config, rules.skip);
  Shift(rules.score, score);
  score.of_others += rules.score_of_others;
  AddLimits(limits, score);
  const bool by_rule = rules.greylist != RuleGreylist::kUnset;
  const bool by_suspicion = entry.skip_greylist == nullptr && !by_rule &&
                            config.greylist.apply == GreylistApply::kSuspicious;
  const bool off =
      by_rule ? rules.greylist == RuleGreylist::kOff : config.greylist.apply == GreylistApply::kOff;
  // The message's other recipients are judged by the same evidence: what this one is spared by an
  // allow does not matter here.
  if (known.evidence->Pending() &&
      (RulesUseEvidence(config) ||
       CouldChange(score, config.greylist.apply == GreylistApply::kSuspicious, config.score))) {
    return Need::kMoreEvidence;
  }
  const Suspicion suspicion = SuspicionOf(score.total, config.score);
  const auto explained = [&score](Outcome outcome) {
    outcome.decision.score = score.total;
    auto& findings = outcome.decision.findings;
    findings.insert(findings.begin(), std::move_iterator(score.findings.begin()),
                    std::move_iterator(score.findings.end()));
    return outcome;
  };
  if (suspicion == Suspicion::kCertain) {
    auto rejected = RejectByScore(facts, known, score, config);
    if (const Need* need = std::get_if<Need>(&rejected)) return *need;
    return explained(std::get<Outcome>(std::move(rejected)));
  }

  // 7. Greylist.
  if (entry.skip_greylist != nullptr) return explained(AllowedBy(*entry.skip_greylist));
  if (off) {
    return explained(by_rule ? Accept(Reason::kGreylistOff, By::kRule, rules.greylist_by->name)
                             : Accept(Reason::kGreylistOff, By::kConfig));
  }
  if (by_suspicion && suspicion == Suspicion::kNone) {
    return explained(Accept(Reason::kNotSuspicious, By::kScore));
  }
  if (facts.store_absent) return explained(FailureOutcome(config));
  if (!known.greylist) return Need::kGreylist;
  const bool outweighed = score.listings >= config.score.greylist;
  if (!outweighed && score.most_listings >= config.score.greylist && known.evidence->Pending() &&
      RestsOnAllowance(facts, known, config, tuning, now)) {
    return Need::kMoreEvidence;
  }
  return explained(CheckGreylist(facts, known, config, tuning, now, outweighed));
}

Outcome DecidedByRule(const Facts& facts, const RuleConfig& rule, About about,
                      const Config& config) {
  Outcome outcome;
  outcome.decision = RuleDecision(rule, facts, config);
  outcome.decision.by = By::kRule;
  outcome.decision.source = rule.name;
  if (outcome.decision.verdict == Verdict::kReject) outcome.decision.about = about;
  return outcome;
}

Outcome DecidedByBlock(const Entry& block, const Config& config) {
  Outcome outcome;
  outcome.decision.verdict = Verdict::kReject;
  outcome.decision.reason = Reason::kBlocked;
  outcome.decision.by = By::kEntry;
  outcome.decision.source = entries::KindName(block.kind);
  outcome.decision.about = AboutBlock(block.kind);
  outcome.decision.findings.push_back(FindingOf(block));
  outcome.decision.reply = BlockedReply(WhatIsBlocked(block.kind), config);
  return outcome;
}

// Limits, and what follows once none of them has decided.
std::variant<Need, Outcome> StepFromLimits(const Facts& facts, const Known& known,
                                           const Config& config, WallTime now, Trust trust,
                                           const EntryVerdict& entry) {
  std::optional<GreylistConfig> own;
  if (const auto& delay = RulesOf(known).delay) own = WithDelay(config.greylist, *delay);
  const GreylistConfig* tuning = own ? &*own : &config.greylist;

  // 4. Limits.
  const bool limited = !config.limit.empty() && !RulesOf(known).skip.limits;
  LimitCheck limits;
  if (limited) {
    if (!known.limits) return Need::kLimits;
    LimitMercy mercy;
    if (AsksForMercy(*known.limits, config, trust)) {
      if (!known.greylist) return Need::kGreylist;
      if (!known.history) return Need::kHistory;
      mercy.retry = IsFreeRetry(facts, known, *tuning, now);
      mercy.deserved =
          known.history->standing == Standing::kGood || IsKnownOrAllowed(facts, known, config, now);
    }
    limits = CheckLimits(*known.limits, config, trust, mercy);
    if (limits.denied != nullptr) return DeniedByLimit(limits, config);
  }

  auto step = StepBeyondLimits(facts, known, config, now, trust, entry, limits, *tuning);
  auto* outcome = std::get_if<Outcome>(&step);
  if (outcome == nullptr || !limited) return step;
  if (!limits.denials.empty()) outcome->effects.emplace_back(CountDenials{limits.denials});
  // With a score they stand among what made it up.
  if (!outcome->decision.score) {
    auto& findings = outcome->decision.findings;
    findings.insert(findings.begin(), limits.findings.begin(), limits.findings.end());
  }
  if (known.greylist && IsFreeRetry(facts, known, *tuning, now)) {
    outcome->effects.emplace_back(ReturnConnection{});
  } else {
    outcome->effects.emplace_back(CountRecipient{});
  }
  return step;
}

std::variant<Need, Outcome> StepFromRules(const Facts& facts, const Known& known,
                                          const Config& config, WallTime now, Trust trust) {
  // 2. Rules.
  if (const RuleConfig* rule = RulesOf(known).decides) {
    return DecidedByRule(facts, *rule, RulesOf(known).about, config);
  }

  // 3. Blocks and allows.
  if (!known.entries) return Need::kEntries;
  const EntryVerdict entry = Combine(*known.entries, trust);
  if (entry.block != nullptr) return DecidedByBlock(*entry.block, config);
  if (entry.allow != nullptr) return AllowedBy(*entry.allow);
  return StepFromLimits(facts, known, config, now, trust, entry);
}

std::variant<Need, Outcome> StepFromTrust(const Facts& facts, const Known& known,
                                          const Config& config, WallTime now, Trust trust) {
  // 1. Trust.
  if (trust == Trust::kNetwork) return Accept(Reason::kTrustedNetwork, By::kConfig);
  if (known.failed) return FailureOutcome(config);

  if (config.rule.empty()) return StepFromRules(facts, known, config, now, trust);
  if (!known.rules) return Need::kRules;
  if (known.rules->wants_evidence) return known.evidence ? Need::kMoreEvidence : Need::kEvidence;
  auto step = StepFromRules(facts, known, config, now, trust);
  if (auto* outcome = std::get_if<Outcome>(&step); outcome && !known.rules->hits.empty()) {
    auto& findings = outcome->decision.findings;
    const auto& of_rules = known.rules->findings;
    findings.insert(findings.begin(), of_rules.begin(), of_rules.end());
    outcome->effects.emplace_back(CountRules{known.rules->hits});
  }
  return step;
}

}  // namespace

std::variant<Need, Outcome> Step(const Facts& facts, const Known& known, const Config& config,
                                 WallTime now) {
  const Trust trust = TrustOf(facts.session, facts.message, config.trust);
  auto step = StepFromTrust(facts, known, config, now, trust);
  if (auto* outcome = std::get_if<Outcome>(&step)) {
    Decision& decision = outcome->decision;
    decision.against_client = SpeaksAgainstClient(decision, trust, facts.observing);
    if (decision.against_client) outcome->effects.emplace_back(LoseEarned{});
  }
  return step;
}

std::optional<std::size_t> HeaviestListing(const Facts& facts, const Known& known,
                                           const Config& config) {
  return AddUp(facts.session, *known.evidence, config, RulesOf(known).skip).heaviest;
}

Outcome FailureOutcome(const Config& config) {
  Outcome outcome = Accept(Reason::kFailure, By::kFailure);
  if (config.on_failure == OnFailure::kTempfail) {
    outcome.decision.verdict = Verdict::kDefer;
    outcome.decision.reply = FailureReply();
  }
  return outcome;
}

}  // namespace mxward::policy
