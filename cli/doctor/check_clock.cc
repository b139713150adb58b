// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "base/units.h"
#include "cli/doctor/checks.h"
#include "cli/rows.h"
#include "control/http_message.h"

namespace mxward::cli::doctor {
namespace {

// What mxward itself puts up with.
constexpr Seconds kTolerance{300};

// So many slices of the clients are looked at; in the order of their keys, which are hashes, so
// what there is of them is a fair sample.
constexpr int kMostSlices = 40;

// When a client was seen last, of those looked at.
Result<std::optional<WallTime>> NewestClient(Machine& machine) {
  std::optional<WallTime> newest;
  std::string after;
  for (int i = 0; i < kMostSlices; ++i) {
    const auto clients = machine.AskDaemon("/v1/clients?sort=last-seen&limit=1" + after);
    if (!clients) return Fail(clients.error());
    for (const Json& item : (*clients)["items"].items()) {
      const WallTime seen = TimeOf(item["last_seen"]);
      newest = std::max(newest.value_or(seen), seen);
    }
    const std::string& next = (*clients)["next"].text();
    if (next.empty()) break;
    after = "&after=" + control::PercentEncode(next);
  }
  return newest;
}

void LookForTheFuture(const Site& site, Report& report) {
  const auto newest = NewestClient(site.machine);
  if (!newest) {
    report.Unchecked(newest.error().message);
    return;
  }
  const WallTime now = site.machine.Now();
  if (!*newest || **newest <= now + kTolerance) return;
  report.Found("the database has a client that was seen " + RelativeTime(**newest, now) + ", " +
                   FormatTime(**newest),
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
