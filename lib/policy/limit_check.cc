// SPDX-License-Identifier: Apache-2.0
#include "policy/limit_check.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "policy/about.h"
#include "policy/greylist_check.h"
#include "policy/inputs.h"

namespace mxward::policy {
namespace {

bool IsAboutClient(const LimitConfig& limit) {
  return limit.per == LimitPer::kClient || limit.per == LimitPer::kNetwork;
}

const limits::State* Find(const std::vector<limits::State>& states, const LimitConfig& limit) {
  const auto found = std::find_if(states.begin(), states.end(), [&](const limits::State& state) {
    return state.limit == limit.name;
  });
  return found == states.end() ? nullptr : &*found;
}

bool IsSpared(const LimitConfig& limit, const LimitExemption& exemption) {
  switch (limit.count) {
    case LimitCount::kConnections:
    case LimitCount::kMessages:
    case LimitCount::kRecipients:
      return exemption.free_retry;
    case LimitCount::kBadRecipients:
      return exemption.trusted_history;
    case LimitCount::kConcurrent:
      return false;
  }
  return false;
}

// "192.0.2.1: 300 of 300"
Finding FindingOf(const LimitConfig& limit, const limits::State& state, bool spared) {
  std::string text = std::to_string(state.used) + " of ";
  text += std::to_string(limit.count == LimitCount::kConcurrent ? limit.amount : limit.burst);
  if (spared) {
    text += "; spared";
  } else if (limit.action == LimitAction::kObserve) {
    text += "; only observed";
  }
  const bool adds = limit.action == LimitAction::kScore && !spared;
  Finding finding{Check::kLimit, limit.name, adds ? limit.score : 0};
  if (state.of_sender) {
    const auto [client, sender] = limits::PartsOf(state);
    finding.detail.Say(std::string(client))
        .Quote(Privacy::kSenderDomain, " " + std::string(sender));
    finding.detail.Say(": " + text);
  } else {
    finding.detail.Quote(PrivacyOf(limit.per), state.key + ": ").Say(text);
  }
  return finding;
}

std::string_view WhatIsCounted(const LimitConfig& limit) {
  switch (limit.count) {
    case LimitCount::kConnections:
      return "connections";
    case LimitCount::kConcurrent:
      return "connections at once";
    case LimitCount::kMessages:
      return "messages";
    case LimitCount::kRecipients:
      return limit.per == LimitPer::kRecipient ? "messages" : "recipients";
    case LimitCount::kBadRecipients:
      return "unknown recipients";
  }
  return "";
}

// What others have sent is not repeated to them: an address of the client at most.
std::string Whose(const LimitConfig& limit, const limits::State& state) {
  switch (limit.per) {
    case LimitPer::kClient:
    case LimitPer::kNetwork:
      return "from " + (state.of_sender ? std::string(limits::PartsOf(state).client) +
                                              " by this sender's domain"
                                        : state.key);
    case LimitPer::kSender:
      return "from this sender";
    case LimitPer::kSenderDomain:
      return "from this sender's domain";
    case LimitPer::kRecipient:
      return "to this recipient";
    case LimitPer::kUser:
      return "from this user";
    case LimitPer::kAccount:
      return "from this account";
  }
  return "";
}

}  // namespace

Privacy PrivacyOf(LimitPer per) {
  switch (per) {
    case LimitPer::kClient:
    case LimitPer::kNetwork:
      return Privacy::kNone;
    case LimitPer::kSender:
      return Privacy::kSender;
    case LimitPer::kSenderDomain:
    case LimitPer::kAccount:
      return Privacy::kSenderDomain;
    case LimitPer::kRecipient:
      return Privacy::kRecipient;
    case LimitPer::kUser:
      return Privacy::kLogin;
  }
  return Privacy::kSender;
}

bool AppliesTo(const LimitConfig& limit, Trust trust) {
  switch (trust) {
    case Trust::kNetwork:
      return false;
    case Trust::kRelay:
      return !IsAboutClient(limit);
    case Trust::kAuthenticated:
    case Trust::kCertificate:
      return !IsAboutClient(limit) && limit.per != LimitPer::kRecipient;
    case Trust::kNone:
      return true;
  }
  return true;
}

bool NeedsExemptionCheck(const std::vector<limits::State>& states, const Config& config,
                         Trust trust) {
  return std::any_of(config.limit.begin(), config.limit.end(), [&](const LimitConfig& limit) {
    if (!AppliesTo(limit, trust) || limit.count == LimitCount::kConcurrent) return false;
    const limits::State* state = Find(states, limit);
    return state != nullptr && state->over;
  });
}

LimitCheck CheckLimits(const std::vector<limits::State>& states, const Config& config, Trust trust,
                       const LimitExemption& exemption) {
  LimitCheck check;
  for (const LimitConfig& limit : config.limit) {
    const limits::State* state = AppliesTo(limit, trust) ? Find(states, limit) : nullptr;
    if (state == nullptr || !state->over) continue;
    const bool spared = IsSpared(limit, exemption);
    const bool adds = limit.action == LimitAction::kScore && !spared;
    check.findings.push_back(FindingOf(limit, *state, spared));
    if (adds) check.score += limit.score;
    if (adds && (!IsAboutClient(limit) || state->of_sender))
      check.score_of_others += std::max(0, limit.score);
    if (limit.action == LimitAction::kObserve && !spared) check.denials.push_back(*state);
    const bool rejects = limit.action == LimitAction::kReject;
    if (spared || (!rejects && limit.action != LimitAction::kDefer)) continue;
    if (check.denied != nullptr && (!rejects || check.denied->action == LimitAction::kReject)) {
      continue;
    }
    check.denied = &limit;
    check.state = state;
  }
  if (check.state != nullptr) check.denials.push_back(*check.state);
  return check;
}

std::optional<DeniedConnection> CheckConnection(const SessionFacts& session,
                                                const std::vector<limits::State>& states,
                                                const Config& config) {
  if (IsSubmissionPort(session.daemon_port)) return std::nullopt;
  const Trust trust = TrustOf(session, MessageFacts(), config.trust);
  for (const LimitConfig& limit : config.limit) {
    if (limit.at != LimitAt::kConnect || !AppliesTo(limit, trust)) continue;
    const limits::State* state = Find(states, limit);
    if (state == nullptr || !state->over) continue;
    const std::vector<limits::State> one = {*state};
    const LimitCheck check = CheckLimits(one, config, trust, LimitExemption());
    if (check.denied != nullptr) {
      DeniedConnection denied{DeniedDecision(check, config), check.denials};
      denied.decision.findings = check.findings;
      return denied;
    }
  }
  return std::nullopt;
}

Decision DeniedDecision(const LimitCheck& check, const Config& config) {
  Decision decision;
  decision.verdict =
      check.denied->action == LimitAction::kReject ? Verdict::kReject : Verdict::kDefer;
  decision.reason = Reason::kLimit;
  decision.by = By::kLimit;
  decision.source = check.denied->name;
  if (decision.verdict == Verdict::kReject)
    decision.about = check.state->of_sender ? About::kSender : AboutLimit(check.denied->per);
  decision.reply = LimitReply(*check.denied, *check.state, config);
  decision.delay = std::chrono::ceil<Seconds>(check.state->wait);
  return decision;
}

Step AskLimits(Inputs& in) {
  if (in.config.limit.empty() || in.RulesOrNone().skip.limits || in.limit) return {};
  if (!in.limits) {
    // Whose mail it is has to be known before it can be counted.
    const bool by_account =
        std::any_of(in.config.limit.begin(), in.config.limit.end(),
                    [](const LimitConfig& limit) { return limit.per == LimitPer::kAccount; });
    if (by_account && !AccountOf(in.facts, in.permissions)) return in.Want({.sender = true});
    return Need::kLimits;
  }
  LimitExemption exemption;
  if (NeedsExemptionCheck(*in.limits, in.config, in.facts.trust)) {
    if (!in.greylist) return Need::kGreylist;
    if (!in.history) return Need::kHistory;
    exemption.free_retry = IsFreeRetry(in);
    exemption.trusted_history = in.history->standing == Standing::kGood || IsKnownOrAllowed(in);
  }
  in.limit = CheckLimits(*in.limits, in.config, in.facts.trust, exemption);
  if (in.limit->denied == nullptr) return {};
  return Outcome{DeniedDecision(*in.limit, in.config), {}};
}

void AddLimitEffects(const Inputs& in, Outcome& outcome) {
  const LimitCheck& limit = *in.limit;
  if (!limit.denials.empty()) outcome.effects.emplace_back(CountDenials{limit.denials});
  if (limit.denied != nullptr) {
    // One customer that guesses addresses does not make its sending service a harvester.
    if (limit.denied->count == LimitCount::kBadRecipients && !limit.state->of_sender) {
      outcome.effects.emplace_back(NoteHarvest{});
    }
  } else if (in.greylist && IsFreeRetry(in)) {
    outcome.effects.emplace_back(ReturnConnection{});
  } else {
    outcome.effects.emplace_back(CountRecipient{});
  }
}

SmtpReply LimitReply(const LimitConfig& limit, const limits::State& state, const Config& config) {
  std::string text = "Too many ";
  // Of one recipient, its recipients are the messages that it gets.
  text += limit.per == LimitPer::kRecipient ? "messages" : WhatIsCounted(limit);
  text.append(" ").append(Whose(limit, state));
  if (limit.action == LimitAction::kReject) {
    text += " (limit " + limit.name + ")";
    if (!config.reply_contact.empty()) text += "; contact " + config.reply_contact;
    return {550, "5.7.1", text};
  }
  const auto wait = std::chrono::ceil<Seconds>(state.wait);
  text += wait.count() > 0 ? ", please try again in " + std::to_string(wait.count()) +
                                 (wait.count() == 1 ? " second" : " seconds")
                           : ", please try again later";
  text += " (limit " + limit.name + ")";
  return {451, "4.7.1", text};
}

}  // namespace mxward::policy
