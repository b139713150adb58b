// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/checks.h"

namespace mxward::cli::doctor {

void CheckLists(const Site& site, Report& report) {
  if (!site.running()) {
    if (site.config != nullptr && !site.config->dnsbl.empty()) {
      report.Unchecked("only the running daemon knows how its DNS lists do");
    }
    return;
  }
  const auto lists = site.machine.AskDaemon("/v1/dnsbl");
  if (!lists) {
    report.Unchecked(lists.error().message);
    return;
  }
  for (const Json& list : (*lists)["items"].items()) {
    if (!list["suspended"].boolean()) continue;
    const std::string& name = list["name"].text();
    report.Found("DNS list " + name + " is " + list["condition"].text() + " since " +
                     list["since"].text() + ": " + list["detail"].text(),
                 "It adds nothing to any score until it passes its self-test.",
                 {"mxwardctl dnsbl test " + ShellQuoted(name)});
  }
  const Json& blind = (*lists)["blind"];
  if (blind["lists"].items().empty()) return;
  std::vector<std::string> commands;
  for (const Json& name : blind["lists"].items()) {
    commands.push_back("mxwardctl dnsbl test " + ShellQuoted(name.text()));
  }
  report.Found(
      blind["message"].text(),
      "What is listed does not come through: the list looks healthy, and adds nothing to any "
      "score.",
      std::move(commands));
}

}  // namespace mxward::cli::doctor
