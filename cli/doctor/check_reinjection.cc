// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/checks.h"
#include "cli/doctor/our_milter.h"

namespace mxward::cli::doctor {

void CheckReinjection(const Site& site, Report& report) {
  for (const PostfixInstance& instance : site.postfix.instances) {
    for (const OurMilter& ours : OurMilters(site, instance)) {
      if (!IsReinjection(instance, *ours.service)) continue;
      report.Found(ours.service->Label() + " of " + instance.Name() +
                       ", which is not open to others, asks mxward as well",
                   "What a content filter gives back was judged when it came in; deferred now, it "
                   "stays in the queue.",
                   {instance.OverrideCommand(*ours.service, "smtpd_milters",
                                             MiltersWithout(instance, ours, "")),
                    instance.ReloadCommand()});
    }
  }
}

}  // namespace mxward::cli::doctor
