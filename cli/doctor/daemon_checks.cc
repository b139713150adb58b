// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "base/version.h"
#include "cli/doctor/checks.h"
#include "cli/output/rows.h"
#include "config/dump.h"
#include "control/http_message.h"

namespace mxward::cli::doctor {

void CheckConfig(const HostFacts& facts, Report& report) {
  if (facts.config_hidden) {
    report.Unchecked(facts.config_problems.front().message);
    return;
  }
  for (const ConfigProblem& problem : facts.config_problems) {
    report.Found(
        problem.ToString(),
        "mxward does not start with this file; a running daemon keeps its previous configuration.",
        {"# correct the file: see mxward.toml(5)",
         "mxwardctl check-config " + ShellQuoted(facts.config_path)});
  }
}

namespace {

void NoteState(const Json& status, Report& report) {
  if (status["version"].text() != kVersion) {
    report.Note(
        "mxward " + status["version"].text() + " is running, mxwardctl is " + std::string(kVersion),
        "An upgrade takes effect at the next start.", {"systemctl restart mxward"});
  }
  if (status["mode"].text() == "observe") {
    report.Note("mode is \"observe\": no mail is deferred or rejected",
                "That is fine while you find out what mxward would do.");
  }
  if (status["paused_until"].is_text()) {
    report.Note(
        "paused until " + status["paused_until"].text() + ": no mail is deferred or rejected",
        "The pause ends automatically.", {"mxwardctl pause --end"});
  }
}

}  // namespace

void CheckDaemon(const HostFacts& facts, Report& report) {
  if (facts.running()) {
    NoteState(*facts.status, report);
    return;
  }
  const Error& error = facts.status.error();
  if (error.code == ErrorCode::kUnavailable) {
    report.Unchecked(error.message);
  } else if (error.code == ErrorCode::kNotFound) {
    report.Found("mxward is not running: " + error.message,
                 "No mail is checked; default_action and F= decide what the mail server does "
                 "without its filter.",
                 {"systemctl start mxward", "journalctl -u mxward -n 20"});
  } else {
    report.Found("mxward does not respond: " + error.message,
                 "A daemon that hangs checks no mail and may delay it.",
                 {facts.RestartCommand(), "journalctl -u mxward -n 20"});
  }
}

namespace {

constexpr std::size_t kNamed = 6;

std::string FullName(const std::string& section, const std::string& key) {
  return section.empty() ? key : section + "." + key;
}

// The options that the file says otherwise than the daemon.
struct Unread {
  std::string names;
  std::size_t count = 0;
  bool needs_restart = false;

  void Add(const std::string& name, bool restart) {
    needs_restart = needs_restart || restart;
    ++count;
    if (count <= kNamed) names += (names.empty() ? "" : ", ") + name;
    if (count == kNamed + 1) names += ", ...";
  }
};

Unread Compare(const Json& running, const Config& file) {
  std::map<std::string, const Json*> left;
  for (const Json& option : running.items()) left.emplace(option["name"].text(), &option);
  Unread unread;
  for (const ListedOption& option : ListOptions(file)) {
    const std::string name = FullName(option.section, option.key);
    const auto found = left.find(name);
    if (found == left.end()) {
      unread.Add(name, option.needs_restart);
      continue;
    }
    if ((*found->second)["value"].text() != option.value) unread.Add(name, option.needs_restart);
    left.erase(found);
  }
  for (const auto& [name, option] : left) unread.Add(name, (*option)["needs_restart"].boolean());
  return unread;
}

}  // namespace

void CheckConfigLoaded(const HostFacts& facts, Report& report) {
  if (!facts.running() || facts.config == nullptr) return;  // said by others
  const std::string running = (*facts.status)["config_path"].text();
  const auto real_running = facts.machine.RealPath(running);
  const auto real_here = facts.machine.RealPath(facts.config_path);
  const bool same =
      running == facts.config_path || (real_running && real_here && *real_running == *real_here);
  if (!same) {
    report.Found("mxward runs with " + running + ", not with " + facts.config_path,
                 "Changes to one file have no effect on a daemon that reads another.",
                 {"mxwardctl --config " + ShellQuoted(running) + " doctor"});
    return;
  }
  const auto config = facts.machine.AskDaemon("/v1/config");
  if (!config) {
    report.Unchecked(config.error().message);
    return;
  }
  const Unread unread = Compare((*config)["options"], *facts.config);
  if (unread.count == 0) return;
  report.Found(facts.config_path + " differs from the running configuration: " + unread.names,
               "Changes take effect when the file is loaded.",
               {unread.needs_restart ? facts.RestartCommand() : "mxwardctl reload"});
}

namespace {

void LookForTarget(const HostFacts& facts, Report& report) {
  const bool syslog = facts.config->log.target == LogTarget::kSyslog;
  if (!syslog && facts.config->log.target != LogTarget::kJournal) return;
  const std::string path = syslog ? "/dev/log" : "/run/systemd/journal/socket";
  const auto file = facts.machine.Look(path);
  if (file && file->kind == Machine::File::Kind::kSocket) return;
  if (!file && file.error().code == ErrorCode::kUnavailable) {
    report.Unchecked(file.error().message);
    return;
  }
  report.Found(std::string("log.target is \"") + (syslog ? "syslog" : "journal") +
                   "\", but nothing receives logs at " + path,
               "Decisions and warnings are lost.",
               {syslog ? "apt-get install rsyslog" : "systemctl start systemd-journald.socket",
                facts.EditConfig("or [log] target = \"stderr\"")});
}

}  // namespace

void CheckLog(const HostFacts& facts, Report& report) {
  if (facts.config == nullptr) {
    report.Unchecked("without its configuration, it is not known where it logs");
  } else {
    LookForTarget(facts, report);
  }
  if (!facts.running()) return;
  const std::int64_t dropped = (*facts.status)["log_lines_dropped"].integer();
  if (dropped == 0) return;
  report.Found(std::to_string(dropped) + " log lines have been dropped since the start",
               "The log service is too slow or has stopped; mxward does not wait for it.",
               {"systemctl status rsyslog systemd-journald"});
}

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
    MXWARD_TRY(const auto clients, machine.AskDaemon("/v1/clients?sort=last-seen&limit=1" + after));
    for (const Json& item : clients["items"].items()) {
      const WallTime seen = TimeOf(item["last_seen"]);
      newest = std::max(newest.value_or(seen), seen);
    }
    const std::string& next = clients["next"].text();
    if (next.empty()) break;
    after = "&after=" + control::PercentEncode(next);
  }
  return newest;
}

void LookForTheFuture(const HostFacts& facts, Report& report) {
  const auto newest = NewestClient(facts.machine);
  if (!newest) {
    report.Unchecked(newest.error().message);
    return;
  }
  const WallTime now = facts.machine.Now();
  if (!*newest || **newest <= now + kTolerance) return;
  report.Found("the database has a client that was seen " + RelativeTime(**newest, now) + ", " +
                   FormatTime(**newest),
               "The clock was wrong then, or is wrong now: delays and lifetimes are off. Times in "
               "the future are gradually corrected to the present.",
               {"timedatectl", "date -u"});
}

}  // namespace

void CheckClock(const HostFacts& facts, Report& report) {
  if (facts.machine.ClockInStep() == false) {
    report.Found("the clock is not synchronised by NTP",
                 "A clock that jumps by hours delays pending mail, or expires records early.",
                 {"timedatectl set-ntp true", "timedatectl timesync-status"});
  }
  if (facts.running()) LookForTheFuture(facts, report);
}

}  // namespace mxward::cli::doctor
