// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/load_session.h"

#include <array>
#include <utility>

namespace mxward {
namespace {

constexpr std::array kCommands = {
    MilterCommand::kNegotiate, MilterCommand::kConnect, MilterCommand::kHelo, MilterCommand::kMail,
    MilterCommand::kRcpt,      MilterCommand::kData,    MilterCommand::kQuit};

MilterCommand CommandOf(int step) { return kCommands[static_cast<std::size_t>(step)]; }

std::string_view WithoutBrackets(std::string_view address) {
  return address.substr(1, address.size() - 2);
}

}  // namespace

void LoadSession::Begin(BenchMessage message, bool send_data, LoadTime now) {
  message_ = std::move(message);
  send_data_ = send_data;
  began_ = now;
  awaited_ = Step::kNegotiate;
  next_recipient_ = 0;
  some_passed_ = false;
  parser_ = MilterParser();
  rcpt_answers_.clear();
  output_.clear();
  AppendNegotiate(output_, {});
}

LoadSession::State LoadSession::Receive(std::string_view bytes, LoadTime now) {
  parser_.Feed(bytes);
  while (true) {
    auto packet = parser_.Next();
    if (!packet) return State::kBroken;
    if (!*packet) return State::kWaiting;
    const State state = OnPacket(**packet, now);
    if (state != State::kWaiting) return state;
  }
}

LoadSession::State LoadSession::OnPacket(const MilterPacket& packet, LoadTime now) {
  if (awaited_ == Step::kNegotiate) {
    auto terms = DecodeTerms(packet);
    if (!terms) return State::kBroken;
    terms_ = std::move(*terms);
    QueueFrom(Step::kConnect, now);
    return State::kWaiting;
  }
  auto reply = DecodeReply(packet);
  if (!reply) return State::kBroken;
  if (reply->answer == MilterAnswer::kProgress) return State::kWaiting;
  const bool passes = reply->Passes();
  Step next = After(awaited_);
  if (awaited_ == Step::kRcpt) {
    some_passed_ |= passes;
    const std::chrono::duration<float, std::micro> took = now - rcpt_sent_;
    rcpt_answers_.push_back({std::move(*reply), took.count()});
    next = ++next_recipient_ < message_.recipients.size() ? Step::kRcpt : After(Step::kRcpt);
  } else if (!passes) {
    next = Step::kQuit;
  }
  QueueFrom(next, now);
  return awaited_ == Step::kQuit ? State::kDone : State::kWaiting;
}

LoadSession::Step LoadSession::After(Step step) const {
  if (step == Step::kRcpt && !(send_data_ && some_passed_)) return Step::kQuit;
  return static_cast<Step>(static_cast<int>(step) + 1);
}

void LoadSession::QueueFrom(Step step, LoadTime now) {
  while (true) {
    awaited_ = step;
    QueueEvent(step);
    const MilterCommand event = CommandOf(static_cast<int>(step));
    if (step == Step::kQuit) return;
    if (terms_.Wants(event) && terms_.Answers(event)) {
      if (step == Step::kRcpt) rcpt_sent_ = now;
      return;
    }
    step = After(step);
  }
}

void LoadSession::QueueEvent(Step step) {
  const MilterCommand event = CommandOf(static_cast<int>(step));
  if (step == Step::kQuit) {
    AppendBare(output_, MilterCommand::kAbort);
    AppendBare(output_, MilterCommand::kQuit);
    return;
  }
  QueueMacros(event);
  if (!terms_.Wants(event)) return;
  if (step == Step::kConnect) {
    AppendConnect(output_, {message_.client_name, message_.client_address, 40000});
  } else if (step == Step::kHelo) {
    AppendHelo(output_, message_.client_name);
  } else if (step == Step::kMail) {
    const std::array<std::string_view, 2> arguments = {message_.sender, "SIZE=4321"};
    AppendMail(output_, arguments);
  } else if (step == Step::kRcpt) {
    const std::array<std::string_view, 1> arguments = {Recipient()};
    AppendRcpt(output_, arguments);
  } else {
    AppendBare(output_, event);
  }
}

void LoadSession::QueueMacros(MilterCommand event) {
  macros_.clear();
  for (std::string_view names = terms_.MacroNames(event); !names.empty();) {
    const std::size_t end = names.find_first_of(" ,");
    const std::string_view name = names.substr(0, end);
    if (const auto value = MacroValue(name); !value.empty()) macros_.push_back({name, value});
    names.remove_prefix(end == names.npos ? names.size() : end + 1);
  }
  AppendMacros(output_, event, macros_);
}

// What Postfix would say for a client without TLS and login; empty where it has no value.
std::string_view LoadSession::MacroValue(std::string_view name) const {
  if (name == "j" || name == "{daemon_name}") return "mx.example.org";
  if (name == "v") return "Postfix 3.7.11";
  if (name == "_" || name == "{client_name}" || name == "{client_ptr}") {
    return message_.client_name;
  }
  if (name == "{client_addr}") return message_.client_address;
  if (name == "{client_port}") return "40000";
  if (name == "{client_resolve}") return "OK";
  if (name == "{client_connections}") return "1";
  if (name == "{daemon_addr}") return "192.0.2.25";
  if (name == "{daemon_port}") return "25";
  if (name == "{mail_addr}") return WithoutBrackets(message_.sender);
  if (name == "{mail_mailer}") return "smtp";
  if (name == "{mail_host}") return std::string_view(message_.client_name).substr(5);
  if (name == "{rcpt_mailer}") return "local";
  if (name == "{rcpt_host}") return "hq.example.org";
  const bool has_recipient =
      awaited_ == Step::kRcpt && next_recipient_ < message_.recipients.size();
  if (name == "{rcpt_addr}" && has_recipient) return WithoutBrackets(Recipient());
  // Postfix has a queue id from the first accepted recipient on.
  if (name == "i" && some_passed_) return "4ZqkQ31xYzz4wHk";
  return {};
}

}  // namespace mxward
