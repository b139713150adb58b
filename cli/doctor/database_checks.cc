// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <string_view>

#include "base/units.h"
#include "cli/doctor/checks.h"

namespace mxward::cli::doctor {
namespace {

constexpr mode_t kOthers = 0007;

// Whose the files have to be, as far as it is known.
std::optional<uid_t> WantedOwner(const HostFacts& facts, const std::string& folder) {
  if (const auto daemon = facts.machine.FindDaemon()) return daemon->user;
  if (!facts.config->user.empty()) {
    if (const auto account = facts.machine.FindAccount(facts.config->user)) return account->user;
  }
  if (const auto found = facts.machine.Look(folder)) return found->owner;
  return std::nullopt;
}

}  // namespace

void CheckDatabase(const HostFacts& facts, Report& report) {
  if (facts.config == nullptr) {
    report.Unchecked("without its configuration, it is not known where the database is");
    return;
  }
  const std::string& folder = facts.config->store.path;
  const auto owner = WantedOwner(facts, folder);
  bool any = false;
  for (const char* name : {"", "/data.mdb", "/lock.mdb", "/mxward.lock"}) {
    const std::string path = folder + name;
    const auto file = facts.machine.Look(path);
    if (!file) {
      if (file.error().code != ErrorCode::kNotFound) {
        report.Unchecked(file.error().message);
        return;
      }
      continue;
    }
    any = true;
    if (owner && file->owner != *owner) {
      const std::string user = facts.machine.UserName(*owner);
      report.Found(
          fmt::format("{} belongs to {}, not to {}", path, facts.machine.UserName(file->owner),
                      user),
          "A daemon that cannot open or write its database accepts all mail unchecked.",
          {"chown -R " + ShellQuoted(user) + ": " + ShellQuoted(folder), facts.RestartCommand()});
      return;
    }
    // The folder keeps others from what is in it.
    if (*name == '\0' && (file->mode & kOthers) != 0) {
      report.Found(fmt::format("{} is accessible to all users of this machine (mode {:04o})", path,
                               file->mode),
                   "It shows who writes to whom.", {"chmod o= " + ShellQuoted(path)});
    }
  }
  if (!any && facts.running()) {
    report.Found("there is no database at " + folder,
                 "It was removed, or mxward runs with another configuration.",
                 {facts.RestartCommand()});
  }
}

namespace {

constexpr mode_t kGroupAndOthers = 0077;
constexpr const char* kWhy =
    "A new database starts from it when this one is damaged: without it the allow and block "
    "entries are lost, and, with the hash key, the whole greylist.";

}  // namespace

void CheckSavedCopy(const HostFacts& facts, Report& report) {
  if (facts.config == nullptr) {
    report.Unchecked("without its configuration, it is not known where the copy is");
    return;
  }
  const std::string& folder = facts.config->store.path;
  const std::string path = folder + "/mxward.saved";
  const auto file = facts.machine.Look(path);
  if (!file) {
    if (file.error().code != ErrorCode::kNotFound) {
      report.Unchecked(file.error().message);
    } else if (facts.machine.Look(folder + "/data.mdb") && facts.running()) {
      report.Found("there is no " + path, kWhy, {"# see the log", facts.RestartCommand()});
    }
    return;
  }
  const auto around = facts.machine.Look(folder);
  if (around && around->owner != file->owner) {
    report.Found(
        fmt::format("{} belongs to {}, and its folder to {}", path,
                    facts.machine.UserName(file->owner), facts.machine.UserName(around->owner)),
        kWhy,
        {fmt::format("chown {}: {}", ShellQuoted(facts.machine.UserName(around->owner)),
                     ShellQuoted(path))});
  }
  if ((file->mode & kGroupAndOthers) != 0) {
    report.Found(
        fmt::format("{} is accessible to others than its owner (mode {:04o})", path, file->mode),
        "With the hash key in it, anybody can test which senders a record is about, and search for "
        "tuples with equal keys.",
        {"chmod 0600 " + ShellQuoted(path)});
  }
  // It knows what has changed since; the file alone does not tell.
  if (facts.running() && (*facts.status)["store"]["saved_copy_failed"].boolean()) {
    report.Found(
        path + " is out of date: the last change could not be written", kWhy,
        {"# see the log", "df -h " + ShellQuoted(folder), "ls -ld " + ShellQuoted(folder)});
  }
}

namespace {

constexpr std::int64_t kFullPercent = 80;  // as the daemon's own alarm
constexpr std::uint64_t kLeastFree = 256ULL << 20;
constexpr std::uint64_t kLeastFreeShare = 20;  // one twentieth
// Of a large disk a twentieth is more than the database can ever need.
constexpr std::uint64_t kPlenty = 10ULL << 30;

void CheckMap(const Json& store, const HostFacts& facts, Report& report) {
  const std::int64_t percent = store["used_percent"].integer();
  if (percent < kFullPercent) return;
  const auto limit = static_cast<std::uint64_t>(store["limit_bytes"].integer());
  report.Found("the database is " + std::to_string(percent) + " % full (store.map_size_max is " +
                   FormatSize(limit) + ")",
               "When it is full, no new tuple or client is stored, and mail is accepted unchecked.",
               {facts.EditConfig("[store] map_size_max = \"" + FormatSize(limit * 2) +
                                 "\", or a shorter greylist.lifetime"),
                facts.RestartCommand()});
}

void CheckDisk(const HostFacts& facts, Report& report) {
  const auto space = facts.machine.SpaceAt(facts.config->store.path);
  if (!space) {
    if (space.error().code != ErrorCode::kNotFound) report.Unchecked(space.error().message);
    return;
  }
  const std::uint64_t enough =
      std::clamp(space->total_bytes / kLeastFreeShare, kLeastFree, kPlenty);
  if (space->free_bytes >= enough) return;
  const std::uint64_t mebibytes = space->free_bytes >> 20;
  report.Found(
      "the disk of " + facts.config->store.path + " has " + std::to_string(mebibytes) + " MiB left",
      "On a full disk nothing can be stored, and mail is accepted unchecked.",
      {"df -h " + ShellQuoted(facts.config->store.path)});
}

}  // namespace

void CheckSpace(const HostFacts& facts, Report& report) {
  if (facts.running()) CheckMap((*facts.status)["store"], facts, report);
  if (facts.config == nullptr) {
    report.Unchecked("without its configuration, it is not known where the database is");
    return;
  }
  CheckDisk(facts, report);
}

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

void CheckFiles(const HostFacts& facts, Report& report) {
  if (!facts.running() || facts.config == nullptr) return;  // said by others
  const auto daemon = facts.machine.FindDaemon();
  const auto limits = daemon ? facts.machine.Read("/proc/" + std::to_string(daemon->id) + "/limits")
                             : Result<std::string>(Fail(daemon.error()));
  if (!limits) {
    report.Unchecked(limits.error().message);
    return;
  }
  const auto files = OpenFiles(*limits);
  if (!files) return;
  // What the daemon itself allows sessions: the rest is for the database, lookups and the log.
  const std::int64_t sessions = *files * 3 / 4;
  if (sessions >= facts.config->milter.max_sessions) return;
  const std::int64_t needed = (facts.config->milter.max_sessions * 4 + 2) / 3 + 1;
  report.Found("mxward may open " + std::to_string(*files) + " files, enough for " +
                   std::to_string(sessions) + " sessions but not for milter.max_sessions, " +
                   std::to_string(facts.config->milter.max_sessions),
               "Further sessions are accepted unchecked.",
               {"systemctl edit mxward   # [Service] LimitNOFILE=" + std::to_string(needed),
                facts.RestartCommand()});
}

}  // namespace mxward::cli::doctor
