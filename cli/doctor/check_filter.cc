// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/checks.h"
#include "cli/doctor/our_milter.h"

namespace mxward::cli::doctor {

void CheckFilter(const Site& site, Report& report) {
  if (!site.listen) {
    if (site.config == nullptr)
      report.Unchecked("without its configuration, where it listens is unknown");
    return;
  }
  // Only who opened it knows where it is; that the mail server reaches it shows in its log.
  if (site.listen->kind == ListenAddress::Kind::kFd) return;
  const auto asked = site.machine.AskFilter(site.listen->ToLibmilter());
  if (asked) return;
  if (asked.error().code == ErrorCode::kUnavailable && !site.running()) {
    // Not running is said already.
    if (site.status.error().code == ErrorCode::kNotFound) return;
  }
  const auto file = site.machine.Look(site.listen->path);
  if (!site.listen->path.empty() && !file && file.error().code == ErrorCode::kUnavailable) {
    report.Unchecked(file.error().message);
    return;
  }
  report.Found(
      "the filter does not answer at " + AddressText(*site.listen) + ": " + asked.error().message,
      "The mail server asks in vain, and does what default_action or F= say.",
      {site.RestartCommand(), "journalctl -u mxward -n 20"});
}

}  // namespace mxward::cli::doctor
