// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/probe/milter_wire.h"
#include "tests/bench/bench_message.h"

namespace mxward {

using LoadTime = std::chrono::steady_clock::time_point;

// One session of the load client, as a state machine over bytes: the driver moves the bytes.
class LoadSession {
 public:
  enum class State { kWaiting, kDone, kBroken };

  // How far a message goes of which a recipient passed.
  enum class Depth : std::uint8_t { kRcpt, kData, kEndOfMessage };

  // Of a recipient that the MTA did not refuse itself.
  struct RcptAnswer {
    MilterReply reply;
    float us;
  };

  // Begins a new session; `Output()` is then the offer.
  void Begin(BenchSession session, Depth depth, LoadTime now);
  // Takes bytes of the filter and goes on as far as they allow. After kDone, Output() ends with
  // QUIT, and the connection is to be closed when it is sent.
  State Receive(std::string_view bytes, LoadTime now);

  // To be sent; the driver erases what it has sent.
  std::string& Output() { return output_; }
  LoadTime Began() const { return began_; }
  const std::vector<RcptAnswer>& RcptAnswers() const { return rcpt_answers_; }

 private:
  enum class Step {
    kNegotiate,
    kConnect,
    kHelo,
    kMail,
    kRcpt,
    kData,
    kEndOfMessage,
    kAbort,
    kQuit
  };

  State OnPacket(const MilterPacket& packet, LoadTime now);
  // Queues this step and the following ones up to the first that is answered, or the end.
  void QueueFrom(Step step, LoadTime now);
  // What comes after a step that was answered, or that needs no answer; moves on to the next
  // recipient or message.
  Step After(Step step, bool passed);
  bool IsSeen(Step step) const;  // by this filter, were it to want the event
  bool IsAnswered(Step step) const;
  void QueueEvent(Step step);
  void QueueMacros(MilterCommand event);
  std::string_view MacroValue(std::string_view name) const;
  std::string_view ShownName() const {
    return session_.client_name.empty() ? "unknown" : std::string_view(session_.client_name);
  }
  const BenchMessage& Message() const { return session_.messages[next_message_]; }
  const BenchRecipient& Recipient() const { return Message().recipients[next_recipient_]; }

  BenchSession session_;
  Depth depth_ = Depth::kRcpt;
  LoadTime began_;
  LoadTime rcpt_sent_;
  Step at_ = Step::kNegotiate;  // queued last
  std::size_t next_message_ = 0;
  std::size_t next_recipient_ = 0;
  bool some_passed_ = false;  // of this message
  MilterTerms terms_;
  MilterParser parser_;
  std::string output_;
  std::vector<RcptAnswer> rcpt_answers_;
  std::vector<MilterMacro> macros_;  // kept for its memory
};

}  // namespace mxward
