// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "cli/doctor/checks.h"
#include "cli/doctor/our_milter.h"

namespace mxward::cli::doctor {
namespace {

constexpr const char* kLookup = "smtpd_peername_lookup";

void CheckPostfixLooksUp(const Site& site, Report& report) {
  for (const PostfixInstance& instance : site.postfix.instances) {
    std::set<std::string> seen;
    for (const OurMilter& ours : OurMilters(site, instance)) {
      if (instance.Get(*ours.service, kLookup) != "no") continue;
      const std::string whose = Whose(instance, *ours.service, kLookup);
      if (!seen.insert(whose).second) continue;
      report.Found(std::string(kLookup) + " is \"no\" in " + whose,
                   "No client has a name then, and mxward would hold that against everybody: it "
                   "greylists them all until it notices, and from then on names count for nothing.",
                   {instance.SetCommand(*ours.service, kLookup, "yes"), instance.ReloadCommand()});
    }
  }
}

}  // namespace

void CheckNames(const Site& site, Report& report) {
  CheckPostfixLooksUp(site, report);
  if (!site.running()) return;
  for (const Json& names : (*site.status)["names"].items()) {
    if (!names["suspended"].boolean()) continue;
    report.Found("the mail server " + names["mail_server"].text() +
                     " finds no names of its clients since " + names["since"].text() + ": " +
                     names["detail"].text(),
                 "That a client has no name is not counted until it is over; without names hardly "
                 "anybody is suspicious.",
                 {"# as the mail server's user: getent hosts 8.8.8.8",
                  std::string("# see ") + kLookup +
                      " of Postfix, its resolver, and the proxy "
                      "in front of it, if there is one"});
  }
}

}  // namespace mxward::cli::doctor
