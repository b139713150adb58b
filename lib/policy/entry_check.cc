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
    case Kind::kSpfOf:
      return "Client";
    case Kind::kSender:
    case Kind::kSenderDomain:
    case Kind::kAccount:
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
    case Kind::kSpfOf:
      return Privacy::kNone;
    case Kind::kSender:
      return Privacy::kSender;
    case Kind::kSenderDomain:
    case Kind::kAccount:
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

// Whether what the entry is about is so; nothing: that has to be asked.
std::optional<bool> IsProven(const Entry& entry, const Facts& facts,
                             const Permissions& permissions) {
  if (entry.kind == Kind::kSpfOf) {
    const Permissions::Answer said = permissions.Of(entry.key);
    if (said.state == Permissions::State::kNotAsked) return std::nullopt;
    return said.Is(SpfResult::kPass);
  }
  if (entry.kind == Kind::kAccount) {
    const auto account = AccountOf(facts, permissions);
    if (!account) return std::nullopt;
    return *account == entry.key;
  }
  return true;
}

}  // namespace

entries::Question QuestionOf(const Facts& facts, std::string_view account) {
  entries::Question question;
  question.client = facts.session.client;
  question.client_name = facts.session.client_name;
  question.claimed_name = facts.session.claimed_name;
  question.sender = facts.message.sender;
  question.null_sender = facts.message.sender.empty();
  question.recipient = facts.recipient;
  // About somebody trusted nobody is asked, so that these could not be proven.
  if (facts.trust == Trust::kNone) {
    question.spf_of = true;
    question.account = account;
  }
  return question;
}

EntryVerdict Combine(const std::vector<Entry>& found, const Facts& facts,
                     const Permissions& permissions) {
  EntryVerdict verdict;
  for (const Entry& entry : found) {
    if (facts.trust == Trust::kRelay && IsAboutClient(entry.kind)) continue;
    if (IsProven(entry, facts, permissions) != true) continue;
    if (entry.action == Action::kBlock) {
      if (verdict.block == nullptr) verdict.block = &entry;
    } else if (IsAboutClient(entry.kind) || entry.kind == Kind::kAccount || entry.all) {
      if (verdict.allow == nullptr) verdict.allow = &entry;
    } else if (verdict.skip_greylist == nullptr) {
      verdict.skip_greylist = &entry;
    }
  }
  return verdict;
}

PermissionRequest WantedByEntries(const std::vector<Entry>& found, const Facts& facts,
                                  const Permissions& permissions) {
  PermissionRequest wanted;
  const EntryVerdict certain = Combine(found, facts, permissions);
  if (certain.block != nullptr) return wanted;
  for (const Entry& entry : found) {
    if (IsProven(entry, facts, permissions)) continue;
    if (entry.action == Action::kAllow && certain.allow != nullptr) continue;
    if (entry.kind == Kind::kSpfOf) {
      wanted.domains.push_back(entry.key);
    } else {
      wanted.sender = true;
    }
  }
  return wanted;
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
