// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <set>

#include "base/units.h"
#include "cli/doctor/checks.h"
#include "cli/doctor/milter_settings.h"

namespace mxward::cli::doctor {
namespace {

std::string Why(const Config& config) {
  return fmt::format(
      "An answer may take {} (dns.deadline and store.deadline). A mail server that gives up before "
      "does for the rest of the session what default_action or F= say.",
      FormatDuration(LongestAnswer(config)));
}

void CheckTimeoutsOf(const Site& site, const PostfixInstance& instance, Report& report) {
  std::set<std::string> seen;
  for (const OurMilter& ours : OurMilters(site, instance)) {
    if (!ours.reaches) continue;  // that has to be mended first
    for (const std::string_view name : {"connect_timeout", "command_timeout"}) {
      const std::string time = Effective(instance, ours, name);
      if (!IsTooShort(*site.config, time)) continue;
      const std::string what = fmt::format("{} for mxward is {} in {}", name, time,
                                           Whose(instance, *ours.service, "smtpd_milters"));
      if (!seen.insert(what).second) continue;
      report.Found(what, Why(*site.config), MendSettings(site, instance, ours));
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
    CheckTimeoutsOf(site, instance, report);
  }
  const SendmailFilter* filter = OurFilter(site);
  if (filter == nullptr) return;
  for (const char what : {'S', 'R'}) {
    if (filter->Timeout(what) > LongestAnswer(*site.config)) continue;
    report.Found(fmt::format("Sendmail waits {} for its filter {} (T={})",
                             FormatDuration(filter->Timeout(what)), filter->name, what),
                 Why(*site.config),
                 {"# in /etc/mail/sendmail.mc: T=S:10s;R:10s in INPUT_MAIL_FILTER",
                  "make -C /etc/mail && systemctl restart sendmail"});
  }
}

}  // namespace mxward::cli::doctor
