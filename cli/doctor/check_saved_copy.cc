// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/doctor/checks.h"

namespace mxward::cli::doctor {
namespace {

constexpr mode_t kGroupAndOthers = 0077;
constexpr const char* kWhy =
    "It is what a new database begins with when this one is damaged: without it the allow and "
    "block entries are lost, and with the hash key all that is known of who may pass.";

}  // namespace

void CheckSavedCopy(const Site& site, Report& report) {
  if (site.config == nullptr) {
    report.Unchecked("without its configuration, where the copy is is unknown");
    return;
  }
  const std::string& folder = site.config->store.path;
  const std::string path = folder + "/mxward.saved";
  const auto file = site.machine.Look(path);
  if (!file) {
    if (file.error().code != ErrorCode::kNotFound) {
      report.Unchecked(file.error().message);
    } else if (site.machine.Look(folder + "/data.mdb") && site.running()) {
      report.Found("there is no " + path, kWhy, {"# see the log", site.RestartCommand()});
    }
    return;
  }
  const auto around = site.machine.Look(folder);
  if (around && around->owner != file->owner) {
    report.Found(
        fmt::format("{} belongs to {}, and its folder to {}", path,
                    site.machine.UserName(file->owner), site.machine.UserName(around->owner)),
        kWhy,
        {fmt::format("chown {}: {}", ShellQuoted(site.machine.UserName(around->owner)),
                     ShellQuoted(path))});
  }
  if ((file->mode & kGroupAndOthers) != 0) {
    report.Found(fmt::format("{} is open to others than its owner (mode {:04o})", path, file->mode),
                 "Whoever has the hash key in it can tell which senders a record is about, and "
                 "look for tuples that count as one.",
                 {"chmod 0600 " + ShellQuoted(path)});
  }
  // It knows what has changed since; the file alone does not tell.
  if (site.running() && (*site.status)["store"]["saved_copy_failed"].boolean()) {
    report.Found(
        path + " is older than the last change: it could not be written", kWhy,
        {"# see the log", "df -h " + ShellQuoted(folder), "ls -ld " + ShellQuoted(folder)});
  }
}

}  // namespace mxward::cli::doctor
