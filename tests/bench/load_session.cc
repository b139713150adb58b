// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/load_session.h"

#include <algorithm>
#include <array>
#include <utility>

namespace mxward {
namespace {

constexpr std::array kCommands = {
    MilterCommand::kNegotiate, MilterCommand::kConnect, MilterCommand::kHelo,
    MilterCommand::kMail,      MilterCommand::kRcpt,    MilterCommand::kData,
    MilterCommand::kEndOfBody, MilterCommand::kAbort,   MilterCommand::kQuit};

MilterCommand CommandOf(int step) { return kCommands[static_cast<std::size_t>(step)]; }

std::string_view WithoutBrackets(std::string_view address) {
  return address.substr(1, address.size() - 2);
}

std::string_view DomainOf(std::string_view address) {
  return address.substr(std::min(address.find('@'), address.size() - 1) + 1);
}

}  // namespace

void LoadSession::Begin(BenchSession session, Depth depth, LoadTime now) {
  session_ = std::move(session);
  depth_ = depth;
  began_ = now;
  at_ = Step::kNegotiate;
  next_message_ = 0;
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
  bool passes = true;
  if (at_ == Step::kNegotiate) {
    auto terms = DecodeTerms(packet);
    if (!terms) return State::kBroken;
    terms_ = std::move(*terms);
  } else {
    auto reply = DecodeReply(packet);
    if (!reply) return State::kBroken;
    if (reply->answer == MilterAnswer::kProgress) return State::kWaiting;
    passes = reply->Passes();
    if (at_ == Step::kRcpt && !Recipient().refused) {
      some_passed_ |= passes;
      const std::chrono::duration<float, std::micro> took = now - rcpt_sent_;
      rcpt_answers_.push_back({std::move(*reply), took.count()});
    }
  }
  QueueFrom(After(at_, passes), now);
  return at_ == Step::kQuit ? State::kDone : State::kWaiting;
}

LoadSession::Step LoadSession::After(Step step, bool passed) {
  switch (step) {
    case Step::kNegotiate:
      return Step::kConnect;
    case Step::kConnect:
      return passed ? Step::kHelo : Step::kQuit;
    case Step::kHelo:
      return passed && !session_.messages.empty() ? Step::kMail : Step::kQuit;
    case Step::kMail:
      return passed ? Step::kRcpt : Step::kAbort;
    case Step::kRcpt:
      if (++next_recipient_ < Message().recipients.size()) return Step::kRcpt;
      return some_passed_ && depth_ >= Depth::kData ? Step::kData : Step::kAbort;
    case Step::kData:
      return passed && depth_ >= Depth::kEndOfMessage ? Step::kEndOfMessage : Step::kAbort;
    case Step::kEndOfMessage:
      return Step::kAbort;
    case Step::kAbort:
      next_recipient_ = 0;
      some_passed_ = false;
      return ++next_message_ < session_.messages.size() ? Step::kMail : Step::kQuit;
    case Step::kQuit:
      break;
  }
  return Step::kQuit;
}

void LoadSession::QueueFrom(Step step, LoadTime now) {
  while (true) {
    at_ = step;
    QueueEvent(step);
    if (step == Step::kQuit) return;
    if (IsAnswered(step)) {
      if (step == Step::kRcpt) rcpt_sent_ = now;
      return;
    }
    step = After(step, /*passed=*/true);
  }
}

bool LoadSession::IsSeen(Step step) const {
  return step != Step::kRcpt || !Recipient().refused ||
         (terms_.protocol & milter_protocol::kRejectedRcpt) != 0;
}

bool LoadSession::IsAnswered(Step step) const {
  const MilterCommand event = CommandOf(static_cast<int>(step));
  return step != Step::kAbort && IsSeen(step) && terms_.Wants(event) && terms_.Answers(event);
}

void LoadSession::QueueEvent(Step step) {
  const MilterCommand event = CommandOf(static_cast<int>(step));
  if (step == Step::kAbort || step == Step::kQuit) {
    AppendBare(output_, event);
    return;
  }
  if (!IsSeen(step)) return;
  QueueMacros(event);
  if (!terms_.Wants(event)) return;
  if (step == Step::kConnect) {
    AppendConnect(output_, {ShownName(), session_.client_address, 40000});
  } else if (step == Step::kHelo) {
    AppendHelo(output_, session_.helo);
  } else if (step == Step::kMail) {
    const std::array<std::string_view, 2> arguments = {Message().sender, "SIZE=4321"};
    AppendMail(output_, arguments);
  } else if (step == Step::kRcpt) {
    const std::array<std::string_view, 1> arguments = {Recipient().address};
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
  if (name == "_" || name == "{client_name}") return ShownName();
  if (name == "{client_ptr}") {
    return session_.claimed_name.empty() ? "unknown" : std::string_view(session_.claimed_name);
  }
  if (name == "{client_addr}") return session_.client_address;
  if (name == "{client_port}") return "40000";
  if (name == "{client_resolve}") return session_.resolved;
  if (name == "{client_connections}") return "1";
  if (name == "{daemon_addr}") return "192.0.2.25";
  if (name == "{daemon_port}") return "25";
  if (name == "{mail_mailer}") return "smtp";
  if (name == "{mail_addr}") return WithoutBrackets(Message().sender);
  if (name == "{mail_host}") return DomainOf(WithoutBrackets(Message().sender));
  if (name.starts_with("{rcpt_") && at_ == Step::kRcpt) {
    const BenchRecipient& recipient = Recipient();
    if (name == "{rcpt_mailer}") return recipient.refused ? "error" : "local";
    if (name == "{rcpt_host}") return recipient.refused ? "5.1.1" : "hq.example.org";
    if (name == "{rcpt_addr}") {
      return recipient.refused ? "User unknown in local recipient table"
                               : WithoutBrackets(recipient.address);
    }
  }
  // Postfix has a queue id from the first accepted recipient on.
  if (name == "i" && some_passed_) return "4ZqkQ31xYzz4wHk";
  return {};
}

}  // namespace mxward
