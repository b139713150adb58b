// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "store/writer.h"
#include "tests/fake/fake_clock.h"

namespace mxward {

// A writer in front of another one that can be told to be in trouble. Waiting costs fake time only.
// Used by one thread.
class FailingWriter : public store::Writer {
 public:
  enum class Mode : std::uint8_t {
    kWorks,
    kFails,  // every commit fails at once: the disk is full
    kHangs,  // no commit ends: the disk does not answer. What is submitted waits for better times
    kFull,   // the queue is full of others: what a client submits is given up at once
  };

  FailingWriter(store::Writer& behind, FakeClock& clock) : behind_(behind), clock_(clock) {}

  void Set(Mode mode) {
    mode_ = mode;
    if (mode != Mode::kWorks) return;
    hung_since_.reset();
    for (auto& stuck : std::exchange(stuck_, {})) {
      *stuck.outcome = behind_.Submit(std::move(stuck.operation), store::Priority::kLow)->Peek();
    }
  }
  // Each commit takes so long, as long as the writer works.
  void SetDelay(Millis delay) { delay_ = delay; }

  std::unique_ptr<store::Ticket> Submit(store::Operation operation,
                                        store::Priority priority) override {
    switch (mode_) {
      case Mode::kFails:
        return store::NewDoneTicket(Fail(ErrorCode::kIo, "fake trouble: Input/output error"));
      case Mode::kHangs:
        if (!hung_since_) hung_since_ = clock_.Monotonic();
        stuck_.push_back({std::move(operation), std::make_shared<Outcome>()});
        return std::make_unique<HangingTicket>(*this, stuck_.back().outcome);
      case Mode::kWorks:
      case Mode::kFull:
        break;
    }
    auto ticket = behind_.Submit(std::move(operation), priority);
    if (delay_ == Millis(0)) return ticket;
    return std::make_unique<SlowTicket>(*this, std::move(ticket));
  }
  std::unique_ptr<store::Ticket> SubmitFor(const IpAddress& client,
                                           store::Operation operation) override {
    if (mode_ != Mode::kFull) return store::Writer::SubmitFor(client, std::move(operation));
    return store::NewDoneTicket(Fail(ErrorCode::kUnavailable, "fake trouble: the queue is full"));
  }

 private:
  using Outcome = std::optional<Result<void>>;

  // As with store::ThreadedWriter: nobody waits once the commit has taken as long as he would wait,
  // and it has failed once it has taken kStuck.
  class HangingTicket : public store::Ticket {
   public:
    HangingTicket(FailingWriter& writer, std::shared_ptr<Outcome> outcome)
        : writer_(writer), outcome_(std::move(outcome)) {}
    Result<void> Wait(Millis limit) override {
      if (outcome_->has_value()) return **outcome_;
      const auto busy = [this] { return writer_.clock_.Monotonic() - *writer_.hung_since_; };
      if (busy() < limit) writer_.clock_.Advance(limit);
      const bool failed = busy() >= store::ThreadedWriter::kStuck;
      return Fail(failed ? ErrorCode::kIo : ErrorCode::kTimeout, "fake trouble: no commit in time");
    }
    Outcome Peek() const override { return *outcome_; }

   private:
    FailingWriter& writer_;
    std::shared_ptr<Outcome> outcome_;
  };

  class SlowTicket : public store::Ticket {
   public:
    SlowTicket(FailingWriter& writer, std::unique_ptr<store::Ticket> ticket)
        : writer_(writer), ticket_(std::move(ticket)) {}
    Result<void> Wait(Millis limit) override {
      if (writer_.delay_ > limit) {
        writer_.clock_.Advance(limit);
        return Fail(ErrorCode::kTimeout, "fake trouble: no commit in time");
      }
      writer_.clock_.Advance(writer_.delay_);
      return ticket_->Wait(limit);
    }
    Outcome Peek() const override { return ticket_->Peek(); }

   private:
    FailingWriter& writer_;
    std::unique_ptr<store::Ticket> ticket_;
  };

  store::Writer& behind_;
  FakeClock& clock_;
  Mode mode_ = Mode::kWorks;
  Millis delay_{0};
  std::optional<MonoTime> hung_since_;
  struct Stuck {
    store::Operation operation;
    std::shared_ptr<Outcome> outcome;
  };
  std::vector<Stuck> stuck_;
};

}  // namespace mxward
