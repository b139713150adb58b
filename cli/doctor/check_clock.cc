// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"
#include "cli/doctor/checks.h"
#include "cli/rows.h"

namespace mxward::cli::doctor {
namespace {

// What mxward itself puts up with.
constexpr Seconds kTolerance{300};

void LookForTheFuture(const Site& site, Report& report) {
  const auto clients = site.machine.AskDaemon("/v1/clients?sort=last-seen&limit=1");
  if (!clients) {
    report.Unchecked(clients.error().message);
    return;
  }
  const auto& items = (*clients)["items"].items();
  if (items.empty()) return;
  const WallTime seen = TimeOf(items.front()["last_seen"]);
  if (seen <= site.machine.Now() + kTolerance) return;
  report.Found("the database has a client that was seen " + RelativeTime(seen, site.machine.Now()) +
                   ", " + FormatTime(seen),
               "The clock was wrong then, or is now: delays and lifetimes come out wrong. Records "
               "from the future are set to now by and by.",
               {"timedatectl", "date -u"});
}

}  // namespace

void CheckClock(const Site& site, Report& report) {
  if (site.machine.ClockInStep() == false) {
    report.Found("the clock is not kept in step by NTP",
                 "A clock that is set by hours makes pending mail wait, or forgets what is known.",
                 {"timedatectl set-ntp true", "timedatectl timesync-status"});
  }
  if (site.running()) LookForTheFuture(site, report);
}

}  // namespace mxward::cli::doctor
