// SPDX-License-Identifier: Apache-2.0
#include <sstream>
#include <string_view>

#include "cli/doctor/checks.h"

namespace mxward::cli::doctor {
namespace {

// The soft limit in /proc/PID/limits; nothing for "unlimited".
std::optional<std::int64_t> OpenFiles(const std::string& limits) {
  constexpr std::string_view kName = "Max open files";
  std::istringstream stream(limits);
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with(kName)) continue;
    std::int64_t soft = 0;
    std::istringstream numbers(line.substr(kName.size()));
    if (numbers >> soft) return soft;
  }
  return std::nullopt;
}

}  // namespace

void CheckFiles(const Site& site, Report& report) {
  if (!site.running() || site.config == nullptr) return;  // said by others
  const auto daemon = site.machine.FindDaemon();
  const auto limits = daemon ? site.machine.Read("/proc/" + std::to_string(daemon->id) + "/limits")
                             : Result<std::string>(Fail(daemon.error()));
  if (!limits) {
    report.Unchecked(limits.error().message);
    return;
  }
  const auto files = OpenFiles(*limits);
  if (!files) return;
  // What the daemon itself allows sessions: the rest is for the database, lookups and the log.
  const std::int64_t sessions = *files * 3 / 4;
  if (sessions >= site.config->milter.max_sessions) return;
  const std::int64_t needed = (site.config->milter.max_sessions * 4 + 2) / 3 + 1;
  report.Found("mxward may open " + std::to_string(*files) + " files, which is enough for " +
                   std::to_string(sessions) + " sessions and not for milter.max_sessions, " +
                   std::to_string(site.config->milter.max_sessions),
               "Sessions beyond that pass unseen.",
               {"systemctl edit mxward   # [Service] LimitNOFILE=" + std::to_string(needed),
                site.RestartCommand()});
}

}  // namespace mxward::cli::doctor
