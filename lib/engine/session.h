// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/decision_log.h"
#include "engine/delay_header.h"
#include "engine/engine.h"
#include "engine/evidence_collector.h"
#include "engine/recipient.h"
#include "engine/session_limits.h"

namespace mxward {

// What the MTA is to do. A verdict other than accept comes with its reply.
struct Answer {
  Verdict verdict = Verdict::kAccept;
  SmtpReply reply;
};

// One SMTP connection, from CONNECT to its end, as reported by the caller. Calls come one after
// the other, from any thread. Anything may be left out or come twice: an MTA's order is not relied
// upon.
class Session {
 public:
  explicit Session(Engine& engine);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Starts again. facts.name_class is kGood for a verified name; the session recognises dynamic
  // ones apart. Only a limit with at = "connect" answers with anything but accept.
  Answer Connect(SessionFacts facts);
  void Helo(std::string_view name);
  void Tls(std::string subject, std::string issuer);
  // Begins a message and ends the one before.
  void Mail(MessageFacts facts);
  // decided, if given, becomes the decision: also one whose answer comes later, or never.
  Answer Recipient(std::string_view recipient, std::string_view queue_id,
                   Decision* decided = nullptr);
  // A recipient that the MTA itself refused, with this enhanced status code: it is only counted.
  void RefusedRecipient(std::string_view recipient, std::string_view code);
  // The text of kDelayHeader for the message that ends now; nothing: it gets none.
  std::optional<std::string> Header() const;
  // The whole message has come: the answer to it, which is the deferral held back at RCPT if there
  // is one. Ends the message.
  Answer TakeMessage();
  // The message ends without an answer: RSET, the next MAIL, the end of the session. Idempotent.
  void EndMessage();

  const Config& config() const { return *config_; }

 private:
  // What a limit with at = "connect" decides about the connection that it has counted; nothing: it
  // goes on. A client that an entry allows is not limited.
  std::optional<Decision> DecideConnection();
  // For those who read the log, and those who follow.
  void Record(const DecisionLine& line);

  Engine& engine_;
  std::shared_ptr<const Config> config_;  // pinned at CONNECT and at each MAIL
  SessionFacts facts_;
  EvidenceCollector collector_;
  SessionLimits limits_;
  MessageFacts message_;
  policy::Trust trust_ = policy::Trust::kNetwork;  // of the message; before it, of the client
  const Envelope envelope_;                        // of all that
  bool judged_ = false;  // the client is; nothing is asked about one that is trusted
  int recipients_ = 0;   // of this message, judged so far
  DelaySummary delays_;
  // The deferral of a message's first recipient that is given only at its end. Whatever passes
  // after it is refused with it.
  std::optional<Answer> held_;
  std::uint64_t held_recipients_ = 0;  // it, and those
};

}  // namespace mxward
