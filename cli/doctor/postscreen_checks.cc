// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

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

void CheckPostscreenTests(const Site& site, Report& report) {
  constexpr std::array<std::string_view, 3> kAfter220 = {"postscreen_pipelining_enable",
                                                         "postscreen_non_smtp_command_enable",
                                                         "postscreen_bare_newline_enable"};
  for (const PostfixInstance& instance : site.postfix.instances) {
    for (const PostfixService& service : instance.services) {
      if (service.program != "postscreen" || service.type != "inet") continue;
      std::string names;
      std::vector<std::string> mend;
      for (const std::string_view name : kAfter220) {
        if (instance.Get(service, name) != "yes") continue;
        names += (names.empty() ? "" : ", ") + std::string(name);
        mend.push_back(instance.SetCommand(service, name, "no"));
      }
      if (names.empty()) continue;
      mend.push_back(instance.ReloadCommand());
      report.Found("postscreen of " + instance.Name() + " makes tests after the greeting: " + names,
                   "Who passes them is told to come back, as in greylisting, and then meets "
                   "mxward as a stranger: such mail waits twice.",
                   std::move(mend));
    }
  }
}

}  // namespace mxward::cli::doctor
