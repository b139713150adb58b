// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/doctor/checks.h"
#include "cli/doctor/our_milter.h"

namespace mxward::cli::doctor {
namespace {

constexpr const char* kUnjudged = "What postscreen lets through comes in unjudged.";

void CheckPostscreenOf(const Site& site, const PostfixInstance& instance, Report& report) {
  if (!instance.HasPostscreen()) return;
  const auto ours = OurMilters(site, instance);
  if (ours.empty()) return;  // said by the check "mta"
  const auto& services = instance.services;
  const auto pass = std::find_if(services.begin(), services.end(), [](const auto& service) {
    return service.IsSmtpd() && service.type == "pass";
  });
  if (pass == services.end()) {
    report.Found(instance.Name() + " has postscreen and no \"smtpd pass\" service behind it",
                 "Nobody takes the mail that postscreen lets through.",
                 {"# in master.cf: smtpd pass - - y - - smtpd", instance.ReloadCommand()});
    return;
  }
  const bool asks = std::any_of(ours.begin(), ours.end(),
                                [&](const OurMilter& one) { return one.service == &*pass; });
  if (asks) {
    report.Note("postscreen stands before mxward in " + instance.Name(),
                "mxward sees only those whom postscreen lets through, as it should be.");
    return;
  }
  std::vector<std::string> mend;
  if (site.listen && site.listen->kind != ListenAddress::Kind::kFd) {
    Route route = RouteTo(site, instance, pass->chroot);
    mend = std::move(route.before);
    mend.push_back(instance.SetCommand(*pass, "smtpd_milters",
                                       MiltersWith(site, instance, *pass, route.address)));
    mend.push_back(instance.ReloadCommand());
  }
  report.Found(pass->Label() + " of " + instance.Name() +
                   ", behind postscreen, does not ask mxward: its smtpd_milters leave it out",
               kUnjudged, std::move(mend));
}

}  // namespace

void CheckPostscreen(const Site& site, Report& report) {
  for (const PostfixInstance& instance : site.postfix.instances) {
    CheckPostscreenOf(site, instance, report);
  }
}

}  // namespace mxward::cli::doctor
