// SPDX-License-Identifier: Apache-2.0
#include "engine/session.h"

#include <utility>

#include "base/text.h"
#include "engine/decision_log.h"
#include "greylist/sender.h"
#include "policy/limit_check.h"
#include "policy/score.h"
#include "policy/trust.h"

namespace mxward {
namespace {

// What the log says of a recipient that passes in a message whose end is a deferral: what happens
// to it. Its findings and score stay.
void DeferWithMessage(Decision& decision, const Answer& held) {
  decision.verdict = held.verdict;
  decision.reason = Reason::kMessageDeferred;
  decision.by = By::kMessage;
  decision.source.clear();
  decision.reply = held.reply;
  decision.identity.clear();
  decision.delay = Seconds(0);
}

}  // namespace

Session::Session(Engine& engine)
    : engine_(engine),
      config_(engine.config()),
      collector_(engine.NewCollector()),
      limits_(engine.limits()),
      envelope_{facts_, message_, config_, trust_, collector_, limits_} {}

Answer Session::Connect(SessionFacts facts) {
  engine_.counters().sessions.Add();
  EndMessage();
  engine_.Pin(config_);
  facts_ = std::move(facts);
  engine_.KnowClient(facts_, *config_);
  trust_ = policy::TrustOf(facts_, message_, config_->trust);
  judged_ = trust_ == policy::Trust::kNone;
  collector_.Reset();
  if (judged_) engine_.NoteClient(facts_);
  limits_.Connect(facts_, trust_, *config_);
  // Before anything is asked: a flood that a limit turns away costs no lookups.
  if (const auto decision = DecideConnection()) {
    const bool observing = engine_.Observing(*config_);
    const policy::Facts known{facts_, message_, "", observing};
    Record({*config_, known, *decision, /*told=*/"connect", engine_.environment().hash_key()});
    engine_.counters().Decision(decision->verdict, decision->reason).Add();
    if (!observing) return {decision->verdict, decision->reply};
  }
  if (judged_) collector_.Connect(facts_, config_);
  return {};
}

std::optional<Decision> Session::DecideConnection() {
  auto denied = policy::CheckConnection(facts_, limits_.of_connection(), *config_);
  if (!denied || engine_.IsClientAllowed(facts_)) return std::nullopt;
  // While nobody hears it, its recipients are counted.
  if (!engine_.Observing(*config_)) limits_.CountDenials(denied->denials, *config_);
  return std::move(denied->decision);
}

void Session::Helo(std::string_view name) {
  facts_.helo = name;
  if (judged_) collector_.Helo(name);
}

void Session::Tls(std::string subject, std::string issuer) {
  facts_.tls = true;
  facts_.certificate_subject = std::move(subject);
  facts_.certificate_issuer = std::move(issuer);
}

void Session::Mail(MessageFacts facts) {
  engine_.counters().messages.Add();
  EndMessage();
  engine_.Pin(config_);
  message_ = std::move(facts);
  // By a new configuration the client may have lost its trust.
  if (!judged_ && policy::TrustOf(facts_, {}, config_->trust) == policy::Trust::kNone) {
    judged_ = true;
    collector_.Connect(facts_, config_);
    collector_.Helo(facts_.helo);
  }
  trust_ = policy::TrustOf(facts_, message_, config_->trust);
  if (facts_.tls) engine_.NoteTls(facts_);
  if (judged_ && trust_ == policy::Trust::kNone) {
    collector_.Mail(facts_, message_.sender, config_);
    // The rest of mail has SPF evaluated where it turns out to matter (policy/score_check.h).
    if (policy::LacksTls(facts_, engine_.tls_monitor().OfferAt(ListenerOf(facts_)), *config_)) {
      collector_.AskSpf(facts_, message_);
    }
  }
  limits_.Mail(facts_, message_, trust_, *config_);
}

void Session::RefusedRecipient(std::string_view recipient, std::string_view code) {
  engine_.counters().recipients_refused.Add();
  if (!facts_.client) return;
  RecipientDecision(engine_, envelope_, recipient).NoteRefusal(code);
}

Answer Session::Recipient(std::string_view recipient, std::string_view queue_id,
                          Decision* decided) {
  Counters& counters = engine_.counters();
  const MonoTime begun = engine_.clock().Monotonic();
  if (!queue_id.empty()) message_.queue_id = queue_id;
  ++recipients_;
  counters.recipients.Add();

  RecipientDecision judged(engine_, envelope_, recipient);
  judged.Decide();
  judged.NoteEvidence();
  const policy::Facts& facts = judged.facts();
  Decision& decision = judged.decision();
  const bool lost = held_ && decision.verdict == Verdict::kAccept;
  if (lost) {
    // The message will be refused: nothing of what a pass writes has happened.
    DeferWithMessage(decision, *held_);
  } else {
    judged.Apply();
  }
  counters.Decision(decision.verdict, decision.reason).Add();
  if (facts.observing) counters.observed.Add();
  // While observing nobody was made to wait.
  if (decision.reason == Reason::kGreylistPassed && !facts.observing) {
    counters.greylist_delay.Observe(decision.delay);
  }
  counters.judging.Observe(engine_.clock().Monotonic() - begun);

  Answer answer;
  if (!facts.observing && !lost) answer = {decision.verdict, decision.reply};
  // A 451 to the first recipient would fail other sites' sender verification. Not at DATA either:
  // there libmilter leaves the transaction, and drops whatever the MTA sends next without an
  // answer.
  const bool hold = answer.verdict == Verdict::kDefer && recipients_ == 1 &&
                    IsVerificationSender(message_.sender);
  Record({*config_, facts, decision, hold || lost ? "end" : "", engine_.environment().hash_key()});
  if (hold || lost) ++held_recipients_;
  if (hold) {
    held_ = std::exchange(answer, Answer{});
  } else if (answer.verdict == Verdict::kAccept && !lost) {
    delays_.Note(decision, facts.observing);
  }
  if (decided != nullptr) *decided = std::move(decision);
  return answer;
}

void Session::Record(const DecisionLine& line) {
  LogDecision(engine_.log(), line);
  engine_.decision_feed().Note(line);
}

Answer Session::TakeMessage() {
  Answer answer = held_.value_or(Answer{});
  engine_.counters().told_at_end.Add(held_recipients_);
  EndMessage();
  return answer;
}

std::optional<std::string> Session::Header() const {
  if (!config_->add_header || held_) return std::nullopt;
  return delays_.Header(facts_.mta_name, engine_.clock().Now());
}

void Session::EndMessage() {
  collector_.EndMessage();
  limits_.EndMessage();
  const bool of_user = !message_.authenticated_user.empty();
  message_ = {};
  if (of_user) trust_ = policy::TrustOf(facts_, message_, config_->trust);
  recipients_ = 0;
  delays_ = {};
  held_.reset();
  held_recipients_ = 0;
}

}  // namespace mxward
