// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/doctor/checks.h"

namespace mxward::cli::doctor {
namespace {

constexpr mode_t kOthers = 0007;

// Whose the files have to be, as far as it is known.
std::optional<uid_t> WantedOwner(const Site& site, const std::string& folder) {
  if (const auto daemon = site.machine.FindDaemon()) return daemon->user;
  if (!site.config->user.empty()) {
    if (const auto account = site.machine.FindAccount(site.config->user)) return account->user;
  }
  if (const auto found = site.machine.Look(folder)) return found->owner;
  return std::nullopt;
}

}  // namespace

void CheckDatabase(const Site& site, Report& report) {
  if (site.config == nullptr) {
    report.Unchecked("without its configuration, where the database is is unknown");
    return;
  }
  const std::string& folder = site.config->store.path;
  const auto owner = WantedOwner(site, folder);
  bool any = false;
  for (const char* name : {"", "/data.mdb", "/lock.mdb", "/mxward.lock"}) {
    const std::string path = folder + name;
    const auto file = site.machine.Look(path);
    if (!file) {
      if (file.error().code != ErrorCode::kNotFound) {
        report.Unchecked(file.error().message);
        return;
      }
      continue;
    }
    any = true;
    if (owner && file->owner != *owner) {
      const std::string user = site.machine.UserName(*owner);
      report.Found(
          fmt::format("{} belongs to {}, not to {}", path, site.machine.UserName(file->owner),
                      user),
          "A daemon that cannot open or write its database lets all mail pass unjudged.",
          {"chown -R " + ShellQuoted(user) + ": " + ShellQuoted(folder), site.RestartCommand()});
      return;
    }
    // The folder keeps others from what is in it.
    if (*name == '\0' && (file->mode & kOthers) != 0) {
      report.Found(
          fmt::format("{} is open to all users of this machine (mode {:04o})", path, file->mode),
          "It tells who writes to whom.", {"chmod o= " + ShellQuoted(path)});
    }
  }
  if (!any && site.running()) {
    report.Found("there is no database at " + folder,
                 "mxward has lost it, or runs with another configuration.",
                 {site.RestartCommand()});
  }
}

}  // namespace mxward::cli::doctor
