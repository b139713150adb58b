// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <set>

#include "cli/doctor/checks.h"
#include "cli/doctor/milter_settings.h"

namespace mxward::cli::doctor {

void CheckProtocol(const Site& site, Report& report) {
  for (const PostfixInstance& instance : site.postfix.instances) {
    std::set<std::string> seen;
    for (const OurMilter& ours : OurMilters(site, instance)) {
      const std::string version = Effective(instance, ours, "protocol");
      if (!ours.reaches || !IsOldProtocol(version)) continue;
      const std::string whose = Whose(instance, *ours.service, "smtpd_milters");
      if (!seen.insert(whose).second) continue;
      report.Found(
          fmt::format("the milter protocol for mxward is version {} in {}", version, whose),
          "Before version 6 mxward does not hear of recipients that the mail server refuses, so "
          "nobody is caught guessing addresses. Verdicts do not depend on the version.",
          MendSettings(site, instance, ours));
    }
  }
}

}  // namespace mxward::cli::doctor
