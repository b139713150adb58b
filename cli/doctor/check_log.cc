// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/checks.h"

namespace mxward::cli::doctor {
namespace {

void LookForTarget(const Site& site, Report& report) {
  const bool syslog = site.config->log.target == LogTarget::kSyslog;
  if (!syslog && site.config->log.target != LogTarget::kJournal) return;
  const std::string path = syslog ? "/dev/log" : "/run/systemd/journal/socket";
  const auto file = site.machine.Look(path);
  if (file && file->kind == Machine::File::Kind::kSocket) return;
  if (!file && file.error().code == ErrorCode::kUnavailable) {
    report.Unchecked(file.error().message);
    return;
  }
  report.Found(std::string("log.target is \"") + (syslog ? "syslog" : "journal") +
                   "\", but nobody takes logs at " + path,
               "Decisions and warnings are written nowhere.",
               {syslog ? "apt-get install rsyslog" : "systemctl start systemd-journald.socket",
                site.EditConfig("or [log] target = \"stderr\"")});
}

}  // namespace

void CheckLog(const Site& site, Report& report) {
  if (site.config == nullptr) {
    report.Unchecked("without its configuration, where it logs is unknown");
  } else {
    LookForTarget(site, report);
  }
  if (!site.running()) return;
  const std::int64_t dropped = (*site.status)["log_lines_dropped"].integer();
  if (dropped == 0) return;
  report.Found(std::to_string(dropped) + " log lines were dropped since the start",
               "Whoever takes the log is too slow or stands still; mxward does not wait for it.",
               {"systemctl status rsyslog systemd-journald"});
}

}  // namespace mxward::cli::doctor
