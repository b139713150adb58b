// SPDX-License-Identifier: Apache-2.0
#include "policy/score_check.h"

#include <algorithm>
#include <utility>

#include "clients/verified_helos.h"
#include "policy/about.h"
#include "policy/replies.h"

namespace mxward::policy {
namespace {

// Whether answers that are under way could still change what a score leads to. greylisting: it
// depends on whether the client is suspicious.
bool CouldChange(const Score& score, bool greylisting, const ScoreConfig& config) {
  Suspicion lowest = SuspicionOf(score.min_total, config);
  Suspicion highest = SuspicionOf(score.max_total, config);
  if (!greylisting) {
    lowest = std::max(lowest, Suspicion::kSuspicious);
    highest = std::max(highest, Suspicion::kSuspicious);
  }
  return lowest != highest;
}

// Whether SPF is to be evaluated: where it could still change what the score leads to. A message
// without TLS has had it begun at MAIL; an ordinary one takes no question.
bool WantsSpf(const Inputs& in, bool greylisting) {
  const ScoreConfig& config = in.config.score;
  if (in.spf_requested || in.evidence->spf.asked || in.RulesOrNone().skip.spf ||
      in.score->total < config.greylist) {
    return false;
  }
  const bool lacks_tls = LacksTls(in.facts.session, in.evidence->tls_offer, in.config);
  const int own = in.score->own;
  Score could = *in.score;
  could.max_total += std::min(own + WorstSpf(config, lacks_tls), config.own_limit) -
                     std::min(own, config.own_limit);
  return CouldChange(could, greylisting, config) && !CouldChange(*in.score, greylisting, config);
}

// Whether the address of the HELO name is to be looked up: where a missing reverse name is what
// makes the client suspicious, and the HELO name could outweigh it.
bool WantsHeloAddress(const Inputs& in, bool greylisting) {
  const ScoreConfig& config = in.config.score;
  const SessionFacts& session = in.facts.session;
  if (in.helo_requested || in.evidence->helo.asked || in.RulesOrNone().skip.helo ||
      config.helo_verified == 0) {
    return false;
  }
  const auto& findings = in.score->findings;
  const auto name = std::find_if(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.check == Check::kRdnsNone;
  });
  if (name == findings.end() || name->score <= 0) return false;
  const int own = in.score->own;
  const int less = own - std::min(name->score, -config.helo_verified);
  Score could = *in.score;
  could.min_total += std::min(less, config.own_limit) - std::min(own, config.own_limit);
  return CouldChange(could, greylisting, config) &&
         CanVerifyHelo(session.helo, *session.client, in.config, session.mta_name);
}

// The sum of what is known of client, sender and lists, and of what rules and limits add.
Score ScoreOf(const Inputs& in) {
  const RuleResult& rules = in.RulesOrNone();
  Score score =
      rules.sum ? *rules.sum : ComputeScore(in.facts.session, *in.evidence, in.config, rules.skip);
  Shift(rules.score, rules.score_of_others, score);
  if (in.limit) Shift(in.limit->score, in.limit->score_of_others, score);
  return score;
}

// Asks for the text of the listing that the rejection quotes.
std::variant<Need, Outcome> Reject(const Inputs& in) {
  const Score& score = *in.score;
  if (score.top_listing && in.config.reply_list_text && !in.list_text) return Need::kListText;
  Outcome outcome;
  Decision& decision = outcome.decision;
  decision.verdict = Verdict::kReject;
  decision.reason = Reason::kScore;
  decision.about = AboutScore(score, in.config.score);
  decision.by = score.top_listing ? By::kList : By::kScore;
  if (score.top_listing) {
    const ListEvidence& said = in.evidence->lists[*score.top_listing];
    decision.source = said.list;
    decision.reply = ListedReply(said, in.facts.session, in.list_text.value_or(""), in.config);
    return outcome;
  }
  std::vector<Finding> findings;
  if (in.limit) findings = in.limit->findings;
  findings.insert(findings.end(), score.findings.begin(), score.findings.end());
  decision.reply = SuspiciousReply(findings, in.RulesOrNone().score > 0, in.config);
  return outcome;
}

}  // namespace

Step AskScore(Inputs& in) {
  if (in.evidence == nullptr) return Need::kEvidence;
  if (!in.score) in.score = ScoreOf(in);
  // The message's other recipients are judged by the same evidence: what this one is spared by an
  // allow does not matter here.
  const bool greylisting = in.config.greylist.apply == GreylistApply::kSuspicious;
  if (in.evidence->Pending() &&
      (RulesUseEvidence(in.config) || CouldChange(*in.score, greylisting, in.config.score))) {
    return Need::kMoreEvidence;
  }
  if (WantsHeloAddress(in, greylisting)) return Need::kHeloAddress;
  if (WantsSpf(in, greylisting)) return Need::kSpf;
  if (SuspicionOf(in.score->total, in.config.score) == Suspicion::kReject) return Reject(in);
  return {};
}

}  // namespace mxward::policy
