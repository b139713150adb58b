// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "facts/session_facts.h"
#include "limits/limits.h"
#include "policy/facts.h"

namespace mxward {

// One session's limits: what it has counted, and what they said when it did. Used as its Session
// is: by one thread at a time. What is open is given back when it ends, however that is.
class SessionLimits {
 public:
  enum class Purpose : std::uint8_t {
    kJudge,
    kExplain,  // looks, and counts nothing
  };
  // limits outlives it.
  explicit SessionLimits(limits::Limits& limits, Purpose purpose = Purpose::kJudge)
      : limits_(&limits), purpose_(purpose) {}

  // Counts a connection, and one that is open.
  void Connect(const SessionFacts& session, policy::Trust trust, const Config& config);
  // Counts a message, as far as it is the client's.
  void Mail(const SessionFacts& session, const MessageFacts& message, policy::Trust trust,
            const Config& config);
  // Counts it for its sender, domain or user, once: a MAIL without a recipient that is judged could
  // name anybody, and is no message of theirs. Before Look().
  void Recipient(const policy::Facts& facts, const Config& config);
  // Counts it for its account (facts.account), once that is known. Before Look().
  void CountForAccount(const policy::Facts& facts, const Config& config);
  void EndMessage();
  // As if nobody had connected.
  void Reset();

  // What the limits said of connection and message, and what they say of this recipient.
  std::vector<limits::State> Look(const policy::Facts& facts, const Config& config) const;
  const std::vector<limits::State>& of_connection() const { return connection_; }

  // A recipient was judged.
  void CountRecipient(const policy::Facts& facts, const Config& config);
  // The MTA refused one as unknown.
  void NoteBadRecipient(const policy::Facts& facts, const Config& config);
  // They were turned away, or would have been.
  void CountDenials(const std::vector<limits::State>& states, const Config& config);
  // Once a session.
  void ReturnConnection(const SessionFacts& session, const Config& config);

 private:
  limits::State Count(const LimitConfig& limit, const limits::Subject& subject);

  limits::Limits* limits_;
  Purpose purpose_;
  std::vector<limits::State> connection_;
  std::vector<limits::State> message_;
  bool counted_for_sender_ = false;   // the message
  bool counted_for_account_ = false;  // likewise
  std::vector<limits::Limits::Open> open_;
  std::vector<std::string> counted_;  // names of the limits that counted the connection
};

}  // namespace mxward
