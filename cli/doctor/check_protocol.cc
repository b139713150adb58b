// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <set>

#include "cli/doctor/checks.h"
#include "cli/doctor/our_milter.h"

namespace mxward::cli::doctor {

void CheckProtocol(const Site& site, Report& report) {
  constexpr int kWanted = 6;
  for (const PostfixInstance& instance : site.postfix.instances) {
    std::set<std::string> seen;
    for (const OurMilter& ours : OurMilters(site, instance)) {
      std::string text = ours.milter.Setting("protocol");
      const bool own = !text.empty();
      if (!own) text = instance.Get(*ours.service, "milter_protocol");
      int version = kWanted;
      std::from_chars(text.data(), text.data() + text.size(), version);
      if (version >= kWanted) continue;
      const std::string whose =
          Whose(instance, *ours.service, own ? "smtpd_milters" : "milter_protocol");
      if (!seen.insert(whose).second) continue;
      const std::string list =
          MiltersWithout(instance, ours, ours.milter.With("protocol", "6").text);
      report.Found("the milter protocol for mxward is version " + text + " in " + whose,
                   "Before version 6 mxward does not hear of recipients that the mail server "
                   "refuses, so nobody is caught guessing addresses.",
                   {own ? instance.SetCommand(*ours.service, "smtpd_milters", list)
                        : instance.SetCommand(*ours.service, "milter_protocol", "6"),
                    instance.ReloadCommand()});
    }
  }
}

}  // namespace mxward::cli::doctor
