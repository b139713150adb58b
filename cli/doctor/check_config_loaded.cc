// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <string>
#include <vector>

#include "cli/doctor/checks.h"
#include "config/dump.h"

namespace mxward::cli::doctor {
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

void CheckConfigLoaded(const Site& site, Report& report) {
  if (!site.running() || site.config == nullptr) return;  // said by others
  const std::string running = (*site.status)["config_path"].text();
  const auto real_running = site.machine.RealPath(running);
  const auto real_here = site.machine.RealPath(site.config_path);
  const bool same =
      running == site.config_path || (real_running && real_here && *real_running == *real_here);
  if (!same) {
    report.Found("mxward runs with " + running + ", not with " + site.config_path,
                 "What is changed in one file does not count for a daemon that reads the other.",
                 {"mxwardctl --config " + ShellQuoted(running) + " doctor"});
    return;
  }
  const auto config = site.machine.AskDaemon("/v1/config");
  if (!config) {
    report.Unchecked(config.error().message);
    return;
  }
  const Unread unread = Compare((*config)["options"], *site.config);
  if (unread.count == 0) return;
  report.Found(site.config_path + " says otherwise than what mxward runs with: " + unread.names,
               "A change of the file counts when it is read.",
               {unread.needs_restart ? site.RestartCommand() : "mxwardctl reload"});
}

}  // namespace mxward::cli::doctor
