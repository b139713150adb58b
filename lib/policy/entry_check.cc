// SPDX-License-Identifier: Apache-2.0
#include "policy/entry_check.h"

#include <string>

#include "policy/about.h"
#include "policy/replies.h"

namespace mxward::policy {
namespace {

using entries::Action;
using entries::Entry;
using entries::Kind;

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

Privacy PrivacyOfEntry(Kind kind) {
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
              .Say(std::string(WordOf(entry.kind)))
              .Quote(PrivacyOfEntry(entry.kind), " " + entry.key)};
}

}  // namespace

entries::Question QuestionOf(const Facts& facts) {
  entries::Question question;
  question.client = facts.session.client;
  question.client_name = facts.session.client_name;
  question.claimed_name = facts.session.claimed_name;
  question.sender = facts.message.sender;
  question.null_sender = facts.message.sender.empty();
  question.recipient = facts.recipient;
  return question;
}

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

Outcome BlockedBy(const Entry& entry, const Config& config) {
  Outcome outcome;
  outcome.decision.verdict = Verdict::kReject;
  outcome.decision.reason = Reason::kBlocked;
  outcome.decision.by = By::kEntry;
  outcome.decision.source = WordOf(entry.kind);
  outcome.decision.about = AboutBlock(entry.kind);
  outcome.decision.findings.push_back(FindingOf(entry));
  outcome.decision.reply = BlockedReply(WhatIsBlocked(entry.kind), config);
  return outcome;
}

Outcome AllowedBy(const Entry& entry) {
  Outcome outcome = Accepted(Reason::kAllowed, By::kEntry, WordOf(entry.kind));
  outcome.decision.findings.push_back(FindingOf(entry));
  return outcome;
}

}  // namespace mxward::policy
