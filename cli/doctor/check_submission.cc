// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/checks.h"
#include "cli/doctor/our_milter.h"

namespace mxward::cli::doctor {

void CheckSubmission(const Site& site, Report& report) {
  for (const PostfixInstance& instance : site.postfix.instances) {
    for (const OurMilter& ours : OurMilters(site, instance)) {
      if (!ours.service->IsSubmission()) continue;
      const std::string what = ours.service->Label() + " of " + instance.Name() +
                               ", where users send their mail, asks mxward as well";
      if (site.config != nullptr && !site.config->trust.authenticated) {
        report.Note(what,
                    "trust.authenticated is off: users are judged and deferred like strangers.",
                    {site.EditConfig("[trust] authenticated = true"), "mxwardctl reload"});
      } else {
        report.Note(what,
                    "Who has logged in is not judged (trust.authenticated); limits per user and "
                    "sender hold.");
      }
    }
  }
}

}  // namespace mxward::cli::doctor
