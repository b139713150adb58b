// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/milter_wire.h"
#include "tests/bench/bench_message.h"

namespace mxward {

using LoadTime = std::chrono::steady_clock::time_point;

// One session of the load client, as a state machine over bytes: the driver moves the bytes.
class LoadSession {
 public:
  enum class State { kWaiting, kDone, kBroken };

  struct RcptAnswer {
    MilterReply reply;
    float us;
  };

  // Begins a new session; `Output()` is then the offer.
  void Begin(BenchMessage message, bool send_data, LoadTime now);
  // Takes bytes of the filter and goes on as far as they allow. After kDone, Output() ends with
  // QUIT, and the connection is to be closed when it is sent.
  State Receive(std::string_view bytes, LoadTime now);

  // To be sent; the driver erases what it has sent.
  std::string& Output() { return output_; }
  LoadTime Began() const { return began_; }
  const std::vector<RcptAnswer>& RcptAnswers() const { return rcpt_answers_; }

 private:
  enum class Step { kNegotiate, kConnect, kHelo, kMail, kRcpt, kData, kQuit };

  State OnPacket(const MilterPacket& packet, LoadTime now);
  // Queues this step and the following ones up to the first that is answered.
  void QueueFrom(Step step, LoadTime now);
  void QueueEvent(Step step);
  void QueueMacros(MilterCommand event);
  std::string_view MacroValue(std::string_view name) const;
  Step After(Step step) const;
  const std::string& Recipient() const { return message_.recipients[next_recipient_]; }

  BenchMessage message_;
  bool send_data_ = false;
  LoadTime began_;
  LoadTime rcpt_sent_;
  Step awaited_ = Step::kNegotiate;
  std::size_t next_recipient_ = 0;
  bool some_passed_ = false;
  MilterTerms terms_;
  MilterParser parser_;
  std::string output_;
  std::vector<RcptAnswer> rcpt_answers_;
  std::vector<MilterMacro> macros_;  // kept for its memory
};

}  // namespace mxward
