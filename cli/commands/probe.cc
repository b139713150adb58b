// SPDX-License-Identifier: Apache-2.0
#include "cli/probe/probe.h"

#include "base/mail_address.h"
#include "base/units.h"
#include "cli/commands/commands.h"
#include "cli/exit_status.h"
#include "cli/output/rows.h"
#include "config/config.h"
#include "config/listen_address.h"

namespace mxward::cli {
namespace {

std::string ReplyText(const SmtpReply& reply) {
  std::string text = std::to_string(reply.code);
  if (!reply.enhanced.empty()) text += " " + reply.enhanced;
  if (!reply.text.empty()) text += " " + reply.text;
  return text;
}

void WriteStep(Output& output, const ProbeStep& step) {
  output.Line("> " + Printable(step.event));
  switch (step.answer) {
    case ProbeStep::Answer::kNotSent:
      output.Line(output.Paint("  (not sent: the milter does not ask for it)", Color::kDim));
      break;
    case ProbeStep::Answer::kNotAsked:
      output.Line(output.Paint("  (sent; no answer at this stage)", Color::kDim));
      break;
    case ProbeStep::Answer::kContinue:
    case ProbeStep::Answer::kAccept:
    case ProbeStep::Answer::kOther:
      output.Line("< " + output.Paint(std::string(WordOf(step.answer)), Color::kGreen));
      break;
    case ProbeStep::Answer::kDefer:
      output.Line("< " + output.Paint(Printable(ReplyText(step.reply)), Color::kYellow));
      break;
    case ProbeStep::Answer::kReject:
      output.Line("< " + output.Paint(Printable(ReplyText(step.reply)), Color::kRed));
      break;
  }
}

Json StepItem(int attempt, const ProbeStep& step) {
  Json item;
  item.Set("attempt", attempt).Set("event", step.event).Set("answer", WordOf(step.answer));
  item.Set("reply", step.reply.code == 0 ? Json() : Json(ReplyText(step.reply)));
  return item;
}

Json RunItem(int attempt, const ProbeRun& run) {
  Json dialogue = Json::Array();
  for (const ProbeStep& step : run.steps) dialogue.Push(StepItem(attempt, step));
  Json recipients = Json::Array();
  for (const ProbeRun::Recipient& recipient : run.recipients) {
    Json item;
    item.Set("recipient", recipient.address).Set("action", WordOf(recipient.verdict));
    item.Set("reply", recipient.reply.code == 0 ? Json() : Json(ReplyText(recipient.reply)));
    recipients.Push(std::move(item));
  }
  Json item;
  item.Set("accepted", run.Accepted()).Set("recipients", std::move(recipients));
  item.Set("dialogue", std::move(dialogue));
  return item;
}

// What a deferred recipient is asked to wait, at most.
std::optional<Seconds> ToldWait(const ProbeRun& run) {
  std::optional<Seconds> wait;
  for (const ProbeRun::Recipient& recipient : run.recipients) {
    if (recipient.verdict != Verdict::kDefer) continue;
    const auto seconds = SecondsIn(recipient.reply.text);
    if (seconds) wait = std::max(wait.value_or(Seconds(0)), Seconds(*seconds));
  }
  return wait;
}

Result<ProbeMail> MailOf(const Words& words) {
  if (!words.Has("--client") || !words.Has("--from") || !words.Has("--to")) {
    return Fail(ErrorCode::kInvalid, "probe requires --client, --from and --to");
  }
  const auto client = IpAddress::Parse(words.Get("--client"));
  if (!client) {
    return Fail(ErrorCode::kInvalid,
                "--client: \"" + Printable(words.Get("--client")) + "\" is not a valid IP address");
  }
  ProbeMail mail;
  mail.client = *client;
  mail.name = words.Get("--name");
  mail.helo = words.Get("--helo");
  if (mail.helo.empty()) mail.helo = mail.name.empty() ? "[" + client->ToString() + "]" : mail.name;
  mail.sender = StripAngles(words.Get("--from"));
  for (const std::string& recipient : words.All("--to")) {
    mail.recipients.emplace_back(StripAngles(recipient));
    if (mail.recipients.back().empty()) {
      return Fail(ErrorCode::kInvalid,
                  "--to: \"" + Printable(recipient) + "\" is not a valid address");
    }
  }
  mail.user = words.Get("--user");
  return mail;
}

// The milter's address for milter_client.h; nothing when that has been complained about.
std::optional<std::string> AddressOf(Context& context, const Words& words) {
  std::string text = words.Get("--listen");
  if (text.empty()) {
    const auto config = context.LoadConfig();
    if (config == nullptr) return std::nullopt;
    text = config->milter.listen;
  }
  const auto address = ParseListenAddress(text);
  if (!address) {
    context.output().Say(address.error().message);
    return std::nullopt;
  }
  if (address->kind == ListenAddress::Kind::kFd) {
    context.output().Say("milter.listen is \"" + text +
                         "\": use --listen to give the address of that socket");
    return std::nullopt;
  }
  return address->ToLibmilter();
}

void WriteVerdict(Output& output, const ProbeRun& run) {
  for (const ProbeRun::Recipient& recipient : run.recipients) {
    const std::string address = Printable(recipient.address);
    switch (recipient.verdict) {
      case Verdict::kAccept:
        output.Line(output.Paint("accepted: " + address, Color::kGreen));
        break;
      case Verdict::kDefer:
        output.Line(output.Paint("deferred: " + address, Color::kYellow));
        break;
      case Verdict::kReject:
        output.Line(output.Paint("rejected: " + address, Color::kRed));
        break;
    }
  }
}

}  // namespace

int RunProbe(Context& context, const Words& words) {
  const auto mail = MailOf(words);
  if (!mail) return context.UsageError(mail.error().message);
  const auto address = AddressOf(context, words);
  if (!address) return kExitTrouble;
  Output& output = context.output();
  const int attempts = words.Has("--wait") ? 2 : 1;
  bool accepted = false;
  Json runs = Json::Array();
  Rows rows(output, Layout{{}, {"attempt", "event", "answer", "reply"}}, context.clock().Now());
  for (int attempt = 1; attempt <= attempts; ++attempt) {
    const auto run = Probe(*address, *mail);
    if (!run) {
      output.Say(run.error().message);
      return kExitTrouble;
    }
    for (const ProbeStep& step : run->steps) {
      if (output.format() == Format::kTable) WriteStep(output, step);
      if (output.format() == Format::kTsv) rows.Add(StepItem(attempt, step));
    }
    if (output.format() == Format::kTable) WriteVerdict(output, *run);
    runs.Push(RunItem(attempt, *run));
    accepted = run->Accepted();
    const auto wait = ToldWait(*run);
    if (accepted || !wait || attempt == attempts) break;
    output.Say("waiting " + HumanDuration(*wait + Seconds(1)) + " before the next try");
    // One more: times are kept in whole seconds.
    context.Sleep(*wait + Seconds(1));
  }
  if (output.format() == Format::kTsv) rows.End();
  if (output.format() == Format::kJson) {
    Json answer;
    answer.Set("milter", *address).Set("accepted", accepted).Set("attempts", std::move(runs));
    output.Document(answer);
  }
  return accepted ? kExitOk : kExitNegative;
}

}  // namespace mxward::cli
