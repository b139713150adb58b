// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "cli/doctor/checks.h"

namespace mxward::cli::doctor {

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
