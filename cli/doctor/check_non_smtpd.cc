// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/doctor/checks.h"
#include "cli/doctor/our_milter.h"

namespace mxward::cli::doctor {

void CheckNonSmtpd(const Site& site, Report& report) {
  for (const PostfixInstance& instance : site.postfix.instances) {
    // cleanup(8) asks these.
    for (const PostfixService& service : instance.services) {
      if (service.program != "cleanup") continue;
      const std::string list = instance.Get(service, "non_smtpd_milters");
      if (!NamesUs(site, instance, list, service.chroot)) continue;
      std::vector<PostfixMilter> others;
      for (PostfixMilter& milter : ParseMilterList(list)) {
        if (!NamesUs(site, instance, milter.text, service.chroot))
          others.push_back(std::move(milter));
      }
      report.Found("non_smtpd_milters of " + instance.Name() + " has mxward",
                   "Mail that this machine writes itself looks as if it came from localhost; were "
                   "it ever deferred, it would stay in the queue. There is nothing to judge.",
                   {instance.SetCommand(service, "non_smtpd_milters", FormatMilterList(others)),
                    instance.ReloadCommand()});
      break;
    }
  }
}

}  // namespace mxward::cli::doctor
