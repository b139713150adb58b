// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/units.h"
#include "cli/doctor/checks.h"

namespace mxward::cli::doctor {
namespace {

constexpr std::int64_t kFullPercent = 80;  // as the daemon's own alarm
constexpr std::uint64_t kLeastFree = 256ULL << 20;
constexpr std::uint64_t kLeastFreeShare = 20;  // one twentieth
// Of a large disk a twentieth is more than the database can ever need.
constexpr std::uint64_t kPlenty = 10ULL << 30;

void CheckMap(const Json& store, const Site& site, Report& report) {
  const std::int64_t percent = store["used_percent"].integer();
  if (percent < kFullPercent) return;
  const auto limit = static_cast<std::uint64_t>(store["limit_bytes"].integer());
  report.Found("the database is " + std::to_string(percent) + " % full (store.map_size_max is " +
                   FormatSize(limit) + ")",
               "When it is full no new tuple or client is stored, and mail passes unjudged.",
               {site.EditConfig("[store] map_size_max = \"" + FormatSize(limit * 2) +
                                "\", or a shorter greylist.lifetime"),
                site.RestartCommand()});
}

void CheckDisk(const Site& site, Report& report) {
  const auto space = site.machine.SpaceAt(site.config->store.path);
  if (!space) {
    if (space.error().code != ErrorCode::kNotFound) report.Unchecked(space.error().message);
    return;
  }
  const std::uint64_t enough =
      std::clamp(space->total_bytes / kLeastFreeShare, kLeastFree, kPlenty);
  if (space->free_bytes >= enough) return;
  const std::uint64_t mebibytes = space->free_bytes >> 20;
  report.Found("the disk below " + site.config->store.path + " has " + std::to_string(mebibytes) +
                   " MiB left",
               "On a full disk nothing can be stored, and mail passes unjudged.",
               {"df -h " + ShellQuoted(site.config->store.path)});
}

}  // namespace

void CheckSpace(const Site& site, Report& report) {
  if (site.running()) CheckMap((*site.status)["store"], site, report);
  if (site.config == nullptr) {
    report.Unchecked("without its configuration, where the database is is unknown");
    return;
  }
  CheckDisk(site, report);
}

}  // namespace mxward::cli::doctor
