// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <set>

#include "base/units.h"
#include "cli/doctor/checks.h"
#include "cli/doctor/our_milter.h"

namespace mxward::cli::doctor {
namespace {

// "30s", "1m", "5": Postfix's default unit for these is the second.
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

// The longest that a callback may take.
Millis LongestAnswer(const Config& config) { return config.dns.deadline + config.store.deadline; }

std::string Why(const Config& config) {
  return "An answer may take " + FormatDuration(LongestAnswer(config)) +
         " (dns.deadline and store.deadline); a mail server that gives up before goes on without "
         "mxward for the rest of the session.";
}

void CheckPostfix(const Site& site, const PostfixInstance& instance, Report& report) {
  std::set<std::string> seen;
  for (const OurMilter& ours : OurMilters(site, instance)) {
    for (const std::string name : {"connect_timeout", "command_timeout"}) {
      const std::string own = ours.milter.Setting(name);
      const std::string text = own.empty() ? instance.Get(*ours.service, "milter_" + name) : own;
      const auto time = ParsePostfixTime(text);
      if (!time || *time > LongestAnswer(*site.config)) continue;
      const std::string whose = Whose(instance, *ours.service, "smtpd_milters");
      if (!seen.insert(whose + name).second) continue;
      const std::string list = MiltersWithout(instance, ours, ours.milter.With(name, "15s").text);
      report.Found(
          name + " for mxward is " + text + " in " + whose, Why(*site.config),
          {instance.SetCommand(*ours.service, "smtpd_milters", list), instance.ReloadCommand()});
    }
  }
}

}  // namespace

void CheckTimeouts(const Site& site, Report& report) {
  if (site.config == nullptr) {
    report.Unchecked("without its configuration, how long mxward takes is unknown");
    return;
  }
  for (const PostfixInstance& instance : site.postfix.instances) {
    CheckPostfix(site, instance, report);
  }
  const SendmailFilter* filter = OurFilter(site);
  if (filter == nullptr) return;
  for (const char what : {'S', 'R'}) {
    if (filter->Timeout(what) > LongestAnswer(*site.config)) continue;
    report.Found(std::string("Sendmail waits ") + FormatDuration(filter->Timeout(what)) +
                     " for its filter " + filter->name + " (T=" + what + ")",
                 Why(*site.config),
                 {"# in /etc/mail/sendmail.mc: T=S:10s;R:10s in INPUT_MAIL_FILTER",
                  "make -C /etc/mail && systemctl restart sendmail"});
  }
}

}  // namespace mxward::cli::doctor
