// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/player.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/mail_address.h"
#include "base/text.h"

namespace mxward::cli {
namespace {

// Who sends, for the report: the organisation of the name, or the network of who has none.
std::string OrganisationOf(Organisations& organisations, const SessionFacts& client) {
  if (client.name_class == NameClass::kGood) {
    std::string organisation = organisations.Of(client.client_name);
    if (!organisation.empty()) return organisation;
  }
  if (!client.client) return "(local)";
  return Prefix(*client.client, client.client->is_v4() ? 24 : 64).ToString();
}

LogFate FateOf(const maillog::Message& message, maillog::Fate fate) {
  switch (fate) {
    case maillog::Fate::kDeferred:
      return LogFate::kDeferred;
    case maillog::Fate::kRejected:
      return LogFate::kRejected;
    case maillog::Fate::kTaken:
    case maillog::Fate::kRefused:
      break;
  }
  if (message.content_rejected) return LogFate::kContentRejected;
  return message.content_deferred ? LogFate::kContentDeferred : LogFate::kTaken;
}

// Retries of one mail look alike in this: a sender may come back from another address.
std::uint64_t WaitingKey(const std::string& organisation, std::string_view sender,
                         std::string_view recipient) {
  std::string text = organisation;
  text.append("\n").append(ToLower(sender)).append("\n").append(ToLower(recipient));
  return std::hash<std::string>()(text);
}

}  // namespace

void Player::MoveTo(WallTime time) {
  clock_.AdvanceTo(time);
  stage_.Tick();
}

std::unique_ptr<Player::Live> Player::Connect(const std::shared_ptr<const SessionFacts>& client) {
  auto live = std::make_unique<Live>(stage_.engine(), client);
  live->organisation = OrganisationOf(organisations_, *client);
  live->at_connect = live->session.Connect(*client);
  return live;
}

Player::Live& Player::Begin(std::uint64_t session,
                            const std::shared_ptr<const SessionFacts>& client) {
  auto& place = live_[session];
  if (place == nullptr) place = Connect(client);
  return *place;
}

void Player::BeginMail(Live& live, const maillog::Message& message) {
  if (message.tls && !std::exchange(live.tls, true)) live.session.Tls("", "");
  if (!message.helo.empty() && message.helo != live.helo) {
    live.helo = message.helo;
    live.session.Helo(live.helo);
  }
  const bool goes_on =
      live.only_refusals && live.sender == message.sender && live.user == message.user;
  if (goes_on) return;
  MessageFacts facts;
  facts.sender = StripAngles(message.sender);
  facts.authenticated_user = message.user;
  facts.queue_id = message.queue_id;
  live.sender = message.sender;
  live.user = message.user;
  live.session.Mail(std::move(facts));
}

Decision Player::Judge(Live& live, const std::string& recipient, const std::string& queue_id) {
  Decision decision;
  if (live.at_connect.verdict != Verdict::kAccept) {
    // It would not have come as far as this.
    decision.verdict = live.at_connect.verdict;
    decision.reason = Reason::kLimit;
    return decision;
  }
  live.session.Recipient(StripAngles(recipient), queue_id, &decision);
  return decision;
}

std::optional<WallTime> Player::Settle(const Live& live, const Decision& decision, LogFate fate,
                                       const std::string& sender, const std::string& recipient) {
  const bool deferred = decision.verdict == Verdict::kDefer;
  if (waiting_.empty() && !deferred) return std::nullopt;
  const WallTime now = clock_.Now();
  const std::uint64_t key = WaitingKey(live.organisation, sender, recipient);
  const auto waiting = waiting_.find(key);
  if (waiting != waiting_.end()) {
    const WallTime first = waiting->second;
    switch (decision.verdict) {
      case Verdict::kAccept:
        ++tally_.deferred.back_in_log;
        tally_.NoteDelay(now - first, live.organisation);
        break;
      case Verdict::kReject:
        ++tally_.deferred.rejected_later;
        break;
      case Verdict::kDefer:
        // Who is not deferred by the log's server any more does not come back there.
        if (fate != LogFate::kTaken) return std::nullopt;
        waiting_.erase(waiting);
        return first;
    }
    waiting_.erase(waiting);
    return std::nullopt;
  }
  if (!deferred) return std::nullopt;
  ++tally_.deferred.mails;
  if (fate == LogFate::kTaken) return now;
  if (fate == LogFate::kRejected || fate == LogFate::kContentRejected) {
    ++tally_.deferred.turned_away;
  } else if (waiting_.size() >= kMostWaiting) {
    ++tally_.deferred.not_followed;
  } else {
    waiting_.emplace(key, now);
  }
  return std::nullopt;
}

void Player::Assume(Retry retry) {
  if (retries_.size() >= kMostRetries) {
    tally_.deferred.not_followed += retry.mails.size();
    return;
  }
  retry.number = ++retries_made_;
  retries_.push(std::move(retry));
}

void Player::PlayMessage(const std::shared_ptr<const maillog::Message>& message) {
  Live& live = Begin(message->session, message->client);
  BeginMail(live, *message);
  bool only_refusals = true;
  Retry retry;
  for (const maillog::Recipient& recipient : message->recipients) {
    if (recipient.fate == maillog::Fate::kRefused) {
      live.session.RefusedRecipient(StripAngles(recipient.address), recipient.enhanced);
      continue;
    }
    only_refusals = false;
    const Decision decision = Judge(live, recipient.address, message->queue_id);
    const LogFate fate = FateOf(*message, recipient.fate);
    tally_.NoteTry(decision, fate, live.organisation);
    if (!Tally::IsTrust(decision.reason)) {
      evidence_.Note(*live.client, live.tls, decision, fate, clock_.Now());
    }
    if (!message->helo.empty()) ++tally_.helo_known;
    if (const auto since = Settle(live, decision, fate, message->sender, recipient.address)) {
      retry.mails.push_back({recipient.address, *since});
    }
  }
  live.only_refusals = only_refusals;
  if (!only_refusals) live.session.EndMessage();
  if (retry.mails.empty()) return;
  retry.first = clock_.Now();
  retry.wait = retry_;
  retry.due = retry.first + retry.wait;
  retry.message = message;
  Assume(std::move(retry));
}

// A connection of its own, as of a server that comes back.
void Player::PlayRetry(Retry retry) {
  const auto live = Connect(retry.message->client);
  BeginMail(*live, *retry.message);
  std::vector<Mail> again;
  for (Mail& mail : retry.mails) {
    const Decision decision = Judge(*live, mail.recipient, retry.message->queue_id);
    tally_.NoteRetry(decision);
    switch (decision.verdict) {
      case Verdict::kAccept:
        ++tally_.deferred.assumed_back;
        tally_.NoteDelay(clock_.Now() - mail.first, live->organisation);
        break;
      case Verdict::kReject:
        ++tally_.deferred.rejected_later;
        break;
      case Verdict::kDefer:
        again.push_back(std::move(mail));
        break;
    }
  }
  if (again.empty()) return;
  retry.mails = std::move(again);
  retry.wait = std::max(retry_, std::min(retry.wait * 2, kLongestWait));
  retry.due = clock_.Now() + retry.wait;
  if (retry.due - retry.first > kGivesUp) {
    tally_.deferred.given_up += retry.mails.size();
    return;
  }
  Assume(std::move(retry));
}

void Player::PlayRetriesUntil(WallTime time) {
  while (!retries_.empty() && retries_.top().due <= time) {
    Retry retry = retries_.top();
    retries_.pop();
    MoveTo(retry.due);
    PlayRetry(std::move(retry));
  }
}

// These have expired; a later attempt starts again.
void Player::DropOld(WallTime now) {
  dropped_old_ = now;
  const Seconds window = stage_.engine().config()->greylist.retry_window;
  tally_.deferred.never_back +=
      std::erase_if(waiting_, [&](const auto& one) { return now - one.second > window; });
}

void Player::Play(const maillog::Step& step) {
  PlayRetriesUntil(step.time);
  MoveTo(step.time);
  if (step.time - dropped_old_ > std::chrono::hours(1)) DropOld(step.time);
  switch (step.kind) {
    case maillog::Step::Kind::kConnect:
      Begin(step.session, step.client);
      break;
    case maillog::Step::Kind::kMessage:
      PlayMessage(step.message);
      break;
    case maillog::Step::Kind::kDisconnect:
      live_.erase(step.session);
      break;
  }
}

void Player::End() {
  DropOld(clock_.Now());
  tally_.deferred.open += waiting_.size();
  waiting_.clear();
  live_.clear();
  PlayRetriesUntil(WallTime::max());
}

}  // namespace mxward::cli
