// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/checks.h"

namespace mxward::cli::doctor {

void CheckNat(const Site& site, Report& report) {
  if (!site.running()) return;
  const Json& nat = (*site.status)["nat"];
  if (nat.is_null()) return;
  const std::string& client = nat["client"].text();
  report.Found(
      "the private address " + client + " makes " + std::to_string(nat["sessions"].integer()) +
          " of " + std::to_string(nat["of"].integer()) + " sessions within an hour",
      "An address translation or a proxy hides who connects: there is nothing about "
      "clients that could be judged, and one that misbehaves spoils it for all.",
      {"# let the translation keep the source address, or the proxy speak the PROXY "
       "protocol (smtpd_upstream_proxy_protocol, postscreen_upstream_proxy_protocol)",
       site.EditConfig("or, where it is a relay of yours, [trust] relays = [\"" + client + "\"]")});
}

}  // namespace mxward::cli::doctor
