// SPDX-License-Identifier: Apache-2.0
#include "cli/probe/probe.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "cli/probe/milter_client.h"

namespace mxward::cli {
namespace {

// What Postfix waits for a command (milter_command_timeout).
constexpr Millis kTimeout{30000};
// Any: clients choose theirs at random.
constexpr std::uint16_t kClientPort = 40000;

ProbeStep::Answer AnswerOf(const MilterReply& reply) {
  if (reply.Defers()) return ProbeStep::Answer::kDefer;
  if (reply.Rejects()) return ProbeStep::Answer::kReject;
  if (reply.answer == MilterAnswer::kContinue) return ProbeStep::Answer::kContinue;
  if (reply.answer == MilterAnswer::kAccept) return ProbeStep::Answer::kAccept;
  return ProbeStep::Answer::kOther;
}

Verdict VerdictOf(ProbeStep::Answer answer) {
  switch (answer) {
    case ProbeStep::Answer::kDefer:
      return Verdict::kDefer;
    case ProbeStep::Answer::kReject:
    case ProbeStep::Answer::kOther:
      return Verdict::kReject;
    case ProbeStep::Answer::kNotSent:
    case ProbeStep::Answer::kNotAsked:
    case ProbeStep::Answer::kContinue:
    case ProbeStep::Answer::kAccept:
      break;
  }
  return Verdict::kAccept;
}

// One connection to the milter and what was said on it.
class Dialogue {
 public:
  Dialogue(MilterClient& client, const ProbeMail& mail) : client_(client), mail_(mail) {}

  Result<ProbeRun> Run();

 private:
  void SetMacros();
  // Notes the step. False when the session ends there.
  Result<bool> Note(std::string event, MilterCommand command, MilterClient::Answer answer);
  Result<bool> Begin();
  Result<bool> Recipient(const std::string& recipient);
  Result<void> Message();
  void CloseRecipients(const ProbeStep& step);

  MilterClient& client_;
  const ProbeMail& mail_;
  ProbeRun run_;
};

void Dialogue::SetMacros() {
  const bool named = !mail_.name.empty();
  client_.SetMacro("j", "localhost");
  client_.SetMacro("v", "mxwardctl probe");
  client_.SetMacro("{daemon_name}", "probe");
  client_.SetMacro("{daemon_addr}", mail_.client.is_v4() ? "127.0.0.1" : "::1");
  client_.SetMacro("{daemon_port}", "25");
  client_.SetMacro("{client_addr}", mail_.client.ToString());
  client_.SetMacro("{client_port}", std::to_string(kClientPort));
  client_.SetMacro("{client_name}", named ? mail_.name : "unknown");
  client_.SetMacro("{client_ptr}", named ? mail_.name : "unknown");
  client_.SetMacro("{client_resolve}", named ? "OK" : "FAIL");
  client_.SetMacro("{client_connections}", "1");
  client_.SetMacro("{mail_addr}", mail_.sender);
  client_.SetMacro("{mail_host}", "localhost");
  client_.SetMacro("{mail_mailer}", "smtp");
  client_.SetMacro("{rcpt_mailer}", "smtp");
  if (mail_.user.empty()) return;
  client_.SetMacro("{auth_authen}", mail_.user);
  client_.SetMacro("{auth_type}", "PLAIN");
}

Result<bool> Dialogue::Note(std::string event, MilterCommand command, MilterClient::Answer answer) {
  if (!answer) return Fail(event, answer.error());
  ProbeStep step;
  step.event = std::move(event);
  if (*answer) {
    step.answer = AnswerOf(**answer);
    step.reply = {(*answer)->code, (*answer)->enhanced, (*answer)->text};
  } else if (client_.Terms().Wants(command)) {
    step.answer = ProbeStep::Answer::kNotAsked;
  }
  run_.steps.push_back(std::move(step));
  return VerdictOf(run_.steps.back().answer) == Verdict::kAccept &&
         run_.steps.back().answer != ProbeStep::Answer::kAccept;
}

Result<bool> Dialogue::Begin() {
  const std::string address = mail_.client.ToString();
  const std::string name = mail_.name.empty() ? "unknown" : mail_.name;
  auto goes_on = Note("CONNECT " + name + "[" + address + "]", MilterCommand::kConnect,
                      client_.SendConnect({name, address, kClientPort}));
  if (!goes_on || !*goes_on) return goes_on;
  goes_on = Note("HELO " + mail_.helo, MilterCommand::kHelo, client_.SendHelo(mail_.helo));
  if (!goes_on || !*goes_on) return goes_on;
  const std::string sender = "<" + mail_.sender + ">";
  return Note("MAIL FROM:" + sender, MilterCommand::kMail, client_.SendMail(sender));
}

Result<bool> Dialogue::Recipient(const std::string& recipient) {
  client_.SetMacro("{rcpt_addr}", recipient);
  const std::string bracketed = "<" + recipient + ">";
  auto goes_on = Note("RCPT TO:" + bracketed, MilterCommand::kRcpt, client_.SendRcpt(bracketed));
  if (!goes_on) return goes_on;
  const ProbeStep& step = run_.steps.back();
  run_.recipients.push_back({recipient, VerdictOf(step.answer), step.reply});
  return goes_on;
}

// An answer for the whole message holds for every recipient that was still in it.
void Dialogue::CloseRecipients(const ProbeStep& step) {
  for (ProbeRun::Recipient& recipient : run_.recipients) {
    if (recipient.verdict != Verdict::kAccept) continue;
    recipient.verdict = VerdictOf(step.answer);
    recipient.reply = step.reply;
  }
}

// A deferral of the whole message may come as late as at its end.
Result<void> Dialogue::Message() {
  auto goes_on = Note("DATA", MilterCommand::kData, client_.SendData());
  if (!goes_on) return Fail(goes_on.error());
  CloseRecipients(run_.steps.back());
  if (!*goes_on) return {};
  goes_on = Note("END-OF-MESSAGE", MilterCommand::kEndOfBody, client_.SendEndOfBody());
  if (!goes_on) return Fail(goes_on.error());
  CloseRecipients(run_.steps.back());
  return {};
}

Result<ProbeRun> Dialogue::Run() {
  MXWARD_TRY(client_.Negotiate());
  SetMacros();
  MXWARD_TRY(auto goes_on, Begin());
  if (!goes_on) {
    for (const std::string& recipient : mail_.recipients)
      run_.recipients.push_back({recipient, {}, {}});
    CloseRecipients(run_.steps.back());
  }
  bool any = false;
  for (std::size_t i = 0; goes_on && i < mail_.recipients.size(); ++i) {
    MXWARD_TRY(Recipient(mail_.recipients[i]));
    any = any || run_.recipients.back().verdict == Verdict::kAccept;
  }
  if (any) {
    MXWARD_TRY(Message());
  }
  // The answers are known; whether the farewell arrives does not matter.
  if (client_.SendAbort()) (void)client_.SendQuit();
  return std::move(run_);
}

}  // namespace

bool ProbeRun::Accepted() const {
  return std::all_of(recipients.begin(), recipients.end(), [](const Recipient& recipient) {
    return recipient.verdict == Verdict::kAccept;
  });
}

Result<ProbeRun> Probe(const std::string& address, const ProbeMail& mail) {
  MXWARD_TRY(auto client, MilterClient::Connect(address, kTimeout));
  return Dialogue(*client, mail).Run();
}

std::optional<std::int64_t> SecondsIn(const std::string& text) {
  std::optional<std::int64_t> largest;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at < end;) {
    std::int64_t number = 0;
    const auto [rest, error] = std::from_chars(at, end, number);
    if (error == std::errc() && number >= 0) largest = std::max(largest.value_or(0), number);
    at = rest == at ? at + 1 : rest;
  }
  return largest;
}

}  // namespace mxward::cli
