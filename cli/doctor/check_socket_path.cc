// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "cli/doctor/checks.h"
#include "cli/doctor/mta_lines.h"
#include "cli/doctor/our_milter.h"

namespace mxward::cli::doctor {
namespace {

constexpr const char* kInVain = "It asks in vain, and does what default_action says with all mail.";

std::string HowPostfixLooks(const PostfixInstance& instance, const OurMilter& ours) {
  const bool absolute = ours.milter.address.find(":/") != std::string::npos;
  std::string text = ours.service->Label() + " of " + instance.Name() + " looks for mxward at ";
  text += ours.path.empty() ? ours.milter.address : ours.path;
  if (ours.path.empty()) return text;
  if (absolute && ours.service->chroot) {
    text += " (" + ours.milter.address + " inside its chroot)";
  } else if (!absolute) {
    text += " (" + ours.milter.address + " below queue_directory)";
  }
  return text;
}

void CheckSocketPathOf(const Site& site, const PostfixInstance& instance, Report& report) {
  // Services that look at the same place are one mistake.
  std::map<std::string, bool> seen;
  for (const OurMilter& ours : OurMilters(site, instance)) {
    if (ours.reaches || !seen.emplace(ours.path + "\n" + ours.milter.text, true).second) continue;
    Route route = RouteTo(site, instance, ours.service->chroot);
    std::vector<std::string> mend = std::move(route.before);
    if (route.address != ours.milter.address) {
      mend.push_back(
          instance.SetCommand(*ours.service, "smtpd_milters",
                              MiltersWith(site, instance, *ours.service, route.address)));
      mend.push_back(instance.ReloadCommand());
    }
    report.Found(
        HowPostfixLooks(instance, ours) + ", and mxward listens at " + AddressText(*site.listen),
        kInVain, std::move(mend));
  }
}

}  // namespace

void CheckSocketPath(const Site& site, Report& report) {
  if (!site.listen || site.listen->kind == ListenAddress::Kind::kFd) return;
  for (const PostfixInstance& instance : site.postfix.instances) {
    CheckSocketPathOf(site, instance, report);
  }
  const SendmailFilter* filter = OurFilter(site);
  if (filter == nullptr || Reaches(site, *filter)) return;
  report.Found("Sendmail looks for mxward at " + filter->socket + ", and mxward listens at " +
                   AddressText(*site.listen),
               "It asks in vain, and does what F= says with all mail.",
               {"# in /etc/mail/sendmail.mc: " + SendmailMcLine(*site.listen),
                "make -C /etc/mail && systemctl restart sendmail"});
}

}  // namespace mxward::cli::doctor
