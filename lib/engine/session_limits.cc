// SPDX-License-Identifier: Apache-2.0
#include "engine/session_limits.h"

#include <algorithm>
#include <utility>

#include "policy/limit_check.h"

namespace mxward {
namespace {

limits::Subject SubjectOf(const SessionFacts& session) {
  limits::Subject subject;
  subject.client = *session.client;
  if (session.name_class == NameClass::kGood) subject.client_name = session.client_name;
  return subject;
}

limits::Subject SubjectOf(const SessionFacts& session, const MessageFacts& message) {
  limits::Subject subject = SubjectOf(session);
  subject.sender = message.sender;
  subject.user = message.authenticated_user;
  return subject;
}

limits::Subject SubjectOf(const policy::Facts& facts) {
  limits::Subject subject = SubjectOf(facts.session, facts.message);
  subject.recipient = facts.recipient;
  subject.account = facts.account;
  return subject;
}

// Whom a limit does not hold for does not count for others either: users who have logged in share
// their address with others.
bool Counts(const LimitConfig& limit, const limits::Subject& subject, policy::Trust trust) {
  return policy::AppliesTo(limit, trust) && limits::Limits::Applies(limit, subject);
}

bool IsPerClient(const LimitConfig& limit) {
  return limit.per == LimitPer::kClient || limit.per == LimitPer::kNetwork;
}

// Limits of messages for one recipient are asked when there is one.
bool IsAboutMessage(const LimitConfig& limit) {
  return limit.count == LimitCount::kMessages && limit.per != LimitPer::kRecipient;
}

bool IsAboutRecipient(const LimitConfig& limit) {
  return limit.count == LimitCount::kRecipients || limit.count == LimitCount::kBadRecipients ||
         (limit.count == LimitCount::kMessages && limit.per == LimitPer::kRecipient);
}

}  // namespace

limits::State SessionLimits::Count(const LimitConfig& limit, const limits::Subject& subject) {
  return purpose_ == Purpose::kJudge ? limits_->Take(limit, subject)
                                     : limits_->Look(limit, subject);
}

void SessionLimits::Reset() {
  connection_.clear();
  EndMessage();
  open_.clear();
  counted_.clear();
}

void SessionLimits::Connect(const SessionFacts& session, policy::Trust trust,
                            const Config& config) {
  Reset();
  if (config.limit.empty() || !session.client) return;
  const limits::Subject subject = SubjectOf(session);
  for (const LimitConfig& limit : config.limit) {
    if (!Counts(limit, subject, trust)) continue;
    if (limit.count == LimitCount::kConnections) {
      connection_.push_back(Count(limit, subject));
      if (!connection_.back().over) counted_.push_back(limit.name);
    } else if (limit.count == LimitCount::kConcurrent) {
      if (purpose_ == Purpose::kExplain) {
        connection_.push_back(limits_->Look(limit, subject));
        continue;
      }
      limits::State before;
      open_.push_back(limits_->Enter(limit, subject, &before));
      connection_.push_back(std::move(before));
    }
  }
}

void SessionLimits::Mail(const SessionFacts& session, const MessageFacts& message,
                         policy::Trust trust, const Config& config) {
  EndMessage();
  if (config.limit.empty() || !session.client) return;
  const limits::Subject subject = SubjectOf(session, message);
  for (const LimitConfig& limit : config.limit) {
    if (!IsAboutMessage(limit) || !IsPerClient(limit)) continue;
    if (Counts(limit, subject, trust)) message_.push_back(Count(limit, subject));
  }
}

void SessionLimits::Recipient(const policy::Facts& facts, const Config& config) {
  if (std::exchange(counted_for_sender_, true)) return;
  if (config.limit.empty() || !facts.session.client) return;
  const limits::Subject subject = SubjectOf(facts);
  for (const LimitConfig& limit : config.limit) {
    if (!IsAboutMessage(limit) || IsPerClient(limit) || limit.per == LimitPer::kAccount) continue;
    if (Counts(limit, subject, facts.trust)) message_.push_back(Count(limit, subject));
  }
}

void SessionLimits::CountForAccount(const policy::Facts& facts, const Config& config) {
  if (facts.account.empty() || std::exchange(counted_for_account_, true)) return;
  const limits::Subject subject = SubjectOf(facts);
  for (const LimitConfig& limit : config.limit) {
    if (limit.per != LimitPer::kAccount || !IsAboutMessage(limit)) continue;
    if (Counts(limit, subject, facts.trust)) message_.push_back(Count(limit, subject));
  }
}

void SessionLimits::EndMessage() {
  message_.clear();
  counted_for_account_ = false;
  counted_for_sender_ = false;
}

std::vector<limits::State> SessionLimits::Look(const policy::Facts& facts,
                                               const Config& config) const {
  std::vector<limits::State> states = connection_;
  states.insert(states.end(), message_.begin(), message_.end());
  const limits::Subject subject = SubjectOf(facts);
  for (const LimitConfig& limit : config.limit) {
    if (!IsAboutRecipient(limit) || !Counts(limit, subject, facts.trust)) continue;
    states.push_back(limits_->Look(limit, subject));
  }
  return states;
}

void SessionLimits::CountRecipient(const policy::Facts& facts, const Config& config) {
  const limits::Subject subject = SubjectOf(facts);
  for (const LimitConfig& limit : config.limit) {
    if (!IsAboutRecipient(limit) || !Counts(limit, subject, facts.trust)) continue;
    if (limit.count == LimitCount::kBadRecipients) {
      limits_->NoteRecipient(limit, subject, /*bad=*/false);
    } else {
      limits_->Take(limit, subject);
    }
  }
}

void SessionLimits::NoteBadRecipient(const policy::Facts& facts, const Config& config) {
  const limits::Subject subject = SubjectOf(facts);
  for (const LimitConfig& limit : config.limit) {
    if (limit.count != LimitCount::kBadRecipients) continue;
    if (limits::Limits::Applies(limit, subject)) limits_->NoteRecipient(limit, subject, true);
  }
}

void SessionLimits::CountDenials(const std::vector<limits::State>& states, const Config& config) {
  for (const limits::State& state : states) {
    for (const LimitConfig& limit : config.limit) {
      if (limit.name == state.limit) limits_->NoteDenied(limit, state);
    }
  }
}

void SessionLimits::ReturnConnection(const SessionFacts& session, const Config& config) {
  const limits::Subject subject = SubjectOf(session);
  for (const LimitConfig& limit : config.limit) {
    const auto counted = std::find(counted_.begin(), counted_.end(), limit.name);
    if (counted == counted_.end() || !limits::Limits::Applies(limit, subject)) continue;
    limits_->GiveBack(limit, subject);
    counted_.erase(counted);
  }
}

}  // namespace mxward
