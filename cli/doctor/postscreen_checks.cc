// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "cli/doctor/checks.h"
#include "cli/doctor/our_milter.h"

namespace mxward::cli::doctor {
namespace {

constexpr const char* kUnjudged = "Mail that passes postscreen is accepted unchecked.";

void CheckPostscreenOf(const HostFacts& facts, const PostfixInstance& instance, Report& report) {
  if (!instance.HasPostscreen()) return;
  const auto ours = OurMilters(facts, instance);
  if (ours.empty()) return;  // said by the check "mta"
  const auto& services = instance.services;
  const auto pass = std::find_if(services.begin(), services.end(), [](const auto& service) {
    return service.IsSmtpd() && service.type == "pass";
  });
  if (pass == services.end()) {
    report.Found(instance.Name() + " has postscreen but no \"smtpd pass\" service after it",
                 "Nothing accepts the mail that passes postscreen.",
                 {"# in master.cf: smtpd pass - - y - - smtpd", instance.ReloadCommand()});
    return;
  }
  const bool asks = std::any_of(ours.begin(), ours.end(),
                                [&](const OurMilter& one) { return one.service == &*pass; });
  if (asks) {
    report.Note("postscreen runs before mxward in " + instance.Name(),
                "mxward sees only clients that pass postscreen, as intended.");
    return;
  }
  std::vector<std::string> fix;
  if (facts.listen && facts.listen->kind != ListenAddress::Kind::kFd) {
    Route route = RouteTo(facts, instance, pass->chroot);
    fix = std::move(route.before);
    fix.push_back(instance.SetCommand(*pass, "smtpd_milters",
                                      MiltersWith(facts, instance, *pass, route.address)));
    fix.push_back(instance.ReloadCommand());
  }
  report.Found(pass->Label() + " of " + instance.Name() +
                   ", after postscreen, does not use mxward: it is missing from its smtpd_milters",
               kUnjudged, std::move(fix));
}

}  // namespace

void CheckPostscreen(const HostFacts& facts, Report& report) {
  for (const PostfixInstance& instance : facts.postfix.instances) {
    CheckPostscreenOf(facts, instance, report);
  }
}

void CheckPostscreenTests(const HostFacts& facts, Report& report) {
  constexpr std::array<std::string_view, 3> kAfter220 = {"postscreen_pipelining_enable",
                                                         "postscreen_non_smtp_command_enable",
                                                         "postscreen_bare_newline_enable"};
  for (const PostfixInstance& instance : facts.postfix.instances) {
    for (const PostfixService& service : instance.services) {
      if (service.program != "postscreen" || service.type != "inet") continue;
      std::string names;
      std::vector<std::string> fix;
      for (const std::string_view name : kAfter220) {
        if (instance.Get(service, name) != "yes") continue;
        names += (names.empty() ? "" : ", ") + std::string(name);
        fix.push_back(instance.SetCommand(service, name, "no"));
      }
      if (names.empty()) continue;
      fix.push_back(instance.ReloadCommand());
      report.Found("postscreen of " + instance.Name() + " runs tests after the greeting: " + names,
                   "Clients that pass them are deferred, as in greylisting, and are then new to "
                   "mxward: such mail is delayed twice.",
                   std::move(fix));
    }
  }
}

}  // namespace mxward::cli::doctor
