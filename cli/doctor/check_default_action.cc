// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <set>

#include "cli/doctor/checks.h"
#include "cli/doctor/milter_settings.h"

namespace mxward::cli::doctor {
namespace {

void CheckDefaultActionOf(const Site& site, const PostfixInstance& instance, Report& report) {
  std::set<std::string> seen;
  for (const OurMilter& ours : OurMilters(site, instance)) {
    // What is said of the one filter goes before what is said of all.
    const std::string action = Effective(instance, ours, "default_action");
    if (!ours.reaches || action == "accept") continue;
    const std::string whose = Whose(instance, *ours.service, "smtpd_milters");
    if (!seen.insert(whose).second) continue;
    report.Found(fmt::format("default_action for mxward is {} in {}", action, whose),
                 "While mxward is down or restarts, no mail comes in.",
                 MendSettings(site, instance, ours));
  }
}

}  // namespace

void CheckDefaultAction(const Site& site, Report& report) {
  for (const PostfixInstance& instance : site.postfix.instances) {
    CheckDefaultActionOf(site, instance, report);
  }
  const SendmailFilter* filter = OurFilter(site);
  if (filter == nullptr || filter->flags.empty()) return;
  report.Found("Sendmail's filter " + filter->name + " has F=" + filter->flags,
               "While mxward is down or restarts, no mail comes in.",
               {"# in /etc/mail/sendmail.mc: take F=" + filter->flags + " out of INPUT_MAIL_FILTER",
                "make -C /etc/mail && systemctl restart sendmail"});
}

}  // namespace mxward::cli::doctor
