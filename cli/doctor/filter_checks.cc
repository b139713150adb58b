// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <set>

#include "base/units.h"
#include "cli/doctor/checks.h"
#include "cli/doctor/our_milter.h"

namespace mxward::cli::doctor {
namespace {

// Settings of mxward's entry in smtpd_milters: "default_action", "connect_timeout",
// "command_timeout", "protocol".

// As it counts: that of the one filter, or else what is said of all ("milter_default_action").
std::string Effective(const PostfixInstance& instance, const OurMilter& ours,
                      std::string_view name) {
  std::string own = ours.milter.Setting(name);
  return own.empty() ? instance.Get(*ours.service, "milter_" + std::string(name)) : own;
}

// The longest that an answer may take.
Millis LongestAnswer(const Config& config) { return config.dns.deadline + config.store.deadline; }

// "30s", "1m", "5": Postfix's default unit for these is the second. Nothing for what is not a time.
std::optional<Seconds> ParsePostfixTime(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  switch (end == text.data() + text.size() ? 's' : *end) {
    case 'w':
      return Seconds(number * 7 * 86400);
    case 'd':
      return Seconds(number * 86400);
    case 'h':
      return Seconds(number * 3600);
    case 'm':
      return Seconds(number * 60);
    default:
      return Seconds(number);
  }
}

bool IsTooShort(const Config& config, std::string_view time) {
  const auto parsed = ParsePostfixTime(time);
  return parsed && *parsed <= LongestAnswer(config);
}

constexpr int kProtocol = 6;
// False for what is not a number.
bool IsOldProtocol(std::string_view version) {
  int number = kProtocol;
  std::from_chars(version.data(), version.data() + version.size(), number);
  return number < kProtocol;
}

// The commands that put all of its settings right. All at once, so that what one check advises does
// not undo what another one did. facts.config may be null; then nothing is known about timeouts.
std::vector<std::string> FixSettings(const HostFacts& facts, const PostfixInstance& instance,
                                     const OurMilter& ours) {
  PostfixMilter right = ours.milter;
  for (const std::string_view name : {"connect_timeout", "command_timeout"}) {
    if (facts.config == nullptr) break;
    if (IsTooShort(*facts.config, Effective(instance, ours, name))) right = right.With(name, "15s");
  }
  if (Effective(instance, ours, "default_action") != "accept") {
    right = right.With("default_action", "accept");
  }
  if (IsOldProtocol(Effective(instance, ours, "protocol"))) {
    right = right.With("protocol", std::to_string(kProtocol));
  }
  return {instance.SetCommand(*ours.service, "smtpd_milters",
                              MiltersWithout(instance, ours, right.text)),
          instance.ReloadCommand()};
}

}  // namespace

void CheckFilter(const HostFacts& facts, Report& report) {
  if (!facts.listen) {
    if (facts.config == nullptr)
      report.Unchecked("without its configuration, it is not known where it listens");
    return;
  }
  // Only who opened it knows where it is; that the mail server reaches it shows in its log.
  if (facts.listen->kind == ListenAddress::Kind::kFd) return;
  const auto asked = facts.machine.AskFilter(facts.listen->ToLibmilter());
  if (asked) return;
  if (asked.error().code == ErrorCode::kUnavailable && !facts.running()) {
    // Not running is said already.
    if (facts.status.error().code == ErrorCode::kNotFound) return;
  }
  const auto file = facts.machine.Look(facts.listen->path);
  if (!facts.listen->path.empty() && !file && file.error().code == ErrorCode::kUnavailable) {
    report.Unchecked(file.error().message);
    return;
  }
  report.Found(
      "the milter does not respond at " + AddressText(*facts.listen) + ": " + asked.error().message,
      "The mail server cannot use it, and falls back to default_action or F=.",
      {facts.RestartCommand(), "journalctl -u mxward -n 20"});
}

namespace {

void CheckDefaultActionOf(const HostFacts& facts, const PostfixInstance& instance, Report& report) {
  std::set<std::string> seen;
  for (const OurMilter& ours : OurMilters(facts, instance)) {
    // What is said of the one filter goes before what is said of all.
    const std::string action = Effective(instance, ours, "default_action");
    if (!ours.reaches || action == "accept") continue;
    const std::string whose = Whose(instance, *ours.service, "smtpd_milters");
    if (!seen.insert(whose).second) continue;
    report.Found(fmt::format("default_action for mxward is {} in {}", action, whose),
                 "While mxward is down or restarting, no mail is accepted.",
                 FixSettings(facts, instance, ours));
  }
}

}  // namespace

void CheckDefaultAction(const HostFacts& facts, Report& report) {
  for (const PostfixInstance& instance : facts.postfix.instances) {
    CheckDefaultActionOf(facts, instance, report);
  }
  const SendmailFilter* filter = OurFilter(facts);
  if (filter == nullptr || filter->flags.empty()) return;
  report.Found("Sendmail's filter " + filter->name + " has F=" + filter->flags,
               "While mxward is down or restarting, no mail is accepted.",
               {"# in /etc/mail/sendmail.mc: take F=" + filter->flags + " out of INPUT_MAIL_FILTER",
                "make -C /etc/mail && systemctl restart sendmail"});
}

namespace {

std::string Why(const Config& config) {
  return fmt::format(
      "An answer may take {} (dns.deadline and store.deadline). A mail server that gives up "
      "earlier falls back to default_action or F= for the rest of the session.",
      FormatDuration(LongestAnswer(config)));
}

void CheckTimeoutsOf(const HostFacts& facts, const PostfixInstance& instance, Report& report) {
  std::set<std::string> seen;
  for (const OurMilter& ours : OurMilters(facts, instance)) {
    if (!ours.reaches) continue;  // that has to be fixed first
    for (const std::string_view name : {"connect_timeout", "command_timeout"}) {
      const std::string time = Effective(instance, ours, name);
      if (!IsTooShort(*facts.config, time)) continue;
      const std::string what = fmt::format("{} for mxward is {} in {}", name, time,
                                           Whose(instance, *ours.service, "smtpd_milters"));
      if (!seen.insert(what).second) continue;
      report.Found(what, Why(*facts.config), FixSettings(facts, instance, ours));
    }
  }
}

}  // namespace

void CheckTimeouts(const HostFacts& facts, Report& report) {
  if (facts.config == nullptr) {
    report.Unchecked("without its configuration, it is not known how long mxward may take");
    return;
  }
  for (const PostfixInstance& instance : facts.postfix.instances) {
    CheckTimeoutsOf(facts, instance, report);
  }
  const SendmailFilter* filter = OurFilter(facts);
  if (filter == nullptr) return;
  for (const char what : {'S', 'R'}) {
    if (filter->Timeout(what) > LongestAnswer(*facts.config)) continue;
    report.Found(fmt::format("Sendmail waits {} for its filter {} (T={})",
                             FormatDuration(filter->Timeout(what)), filter->name, what),
                 Why(*facts.config),
                 {"# in /etc/mail/sendmail.mc: T=S:10s;R:10s in INPUT_MAIL_FILTER",
                  "make -C /etc/mail && systemctl restart sendmail"});
  }
}

void CheckProtocol(const HostFacts& facts, Report& report) {
  for (const PostfixInstance& instance : facts.postfix.instances) {
    std::set<std::string> seen;
    for (const OurMilter& ours : OurMilters(facts, instance)) {
      const std::string version = Effective(instance, ours, "protocol");
      if (!ours.reaches || !IsOldProtocol(version)) continue;
      const std::string whose = Whose(instance, *ours.service, "smtpd_milters");
      if (!seen.insert(whose).second) continue;
      report.Found(
          fmt::format("the milter protocol for mxward is version {} in {}", version, whose),
          "Before version 6 mxward is not informed of recipients that the mail server refuses, so "
          "clients that guess addresses are not detected. Verdicts do not depend on the version.",
          FixSettings(facts, instance, ours));
    }
  }
}

}  // namespace mxward::cli::doctor
