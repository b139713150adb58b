// SPDX-License-Identifier: Apache-2.0
#include "policy/about.h"

#include <algorithm>

#include "policy/rules.h"

namespace mxward::policy {
namespace {

int OfClient(const Score& score) { return score.total - score.of_others; }

bool ListsClient(const RuleConfig& rule, const Evidence& evidence) {
  return std::any_of(evidence.lists.begin(), evidence.lists.end(), [&](const ListEvidence& said) {
    return said.of != DnsblOf::kSenderDomain && IsListing(rule, said);
  });
}

}  // namespace

About AboutBlock(entries::Kind kind) {
  switch (kind) {
    case entries::Kind::kClient:
    case entries::Kind::kClientName:
    case entries::Kind::kSpfOf:
      return About::kClient;
    case entries::Kind::kSender:
    case entries::Kind::kSenderDomain:
    case entries::Kind::kAccount:
      return About::kSender;
    case entries::Kind::kRecipient:
    case entries::Kind::kRecipientDomain:
      return About::kRecipient;
  }
  return About::kNobody;
}

About AboutLimit(LimitPer per) {
  switch (per) {
    case LimitPer::kClient:
    case LimitPer::kNetwork:
      return About::kClient;
    case LimitPer::kSender:
    case LimitPer::kSenderDomain:
    case LimitPer::kUser:
    case LimitPer::kAccount:
      return About::kSender;
    case LimitPer::kRecipient:
      return About::kRecipient;
  }
  return About::kNobody;
}

About AboutScore(const Score& score, const ScoreConfig& config) {
  return OfClient(score) >= config.reject ? About::kClient : About::kSender;
}

About AboutRule(const RuleConfig& rule, const Score& score, const Evidence* evidence) {
  if (!rule.sender.empty() || !rule.spf.empty() || !rule.account.empty()) return About::kSender;
  if (rule.score_min && OfClient(score) < *rule.score_min) return About::kSender;
  if (!rule.listed.empty() && (evidence == nullptr || !ListsClient(rule, *evidence))) {
    return About::kSender;
  }
  if (AsksAboutClient(rule)) return About::kClient;
  return rule.recipient.empty() ? About::kNobody : About::kRecipient;
}

bool SpeaksAgainstClient(const Decision& decision, Trust trust, bool observing) {
  return decision.verdict == Verdict::kReject && decision.about == About::kClient &&
         decision.by != By::kLimit && trust == Trust::kNone && !observing;
}

}  // namespace mxward::policy
