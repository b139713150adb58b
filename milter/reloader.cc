// SPDX-License-Identifier: Apache-2.0
#include "milter/reloader.h"

#include "base/own_addresses.h"
#include "config/loader.h"

namespace mxward {
namespace {

// The new config as far as it comes into force now: what only a restart changes stays as it is.
Config WithoutRestart(const Config& running, Config next) {
  next.user = running.user;
  next.group = running.group;
  next.milter.listen = running.milter.listen;
  next.milter.socket_mode = running.milter.socket_mode;
  next.milter.socket_group = running.milter.socket_group;
  next.store.path = running.store.path;
  next.store.map_size = running.store.map_size;
  next.store.map_size_max = running.store.map_size_max;
  next.control = running.control;
  next.metrics.listen = running.metrics.listen;
  return next;
}

}  // namespace

std::shared_ptr<const Config> LoadConfig(const std::string& path,
                                         std::vector<std::string>* problems) {
  LoadResult loaded = LoadConfigFile(path);
  if (!loaded) {
    for (const ConfigProblem& problem : loaded.error()) problems->push_back(problem.ToString());
    return nullptr;
  }
  if (loaded->trust.self || loaded->names.own_self) loaded->trust.own_addresses = OwnAddresses();
  if (const std::string name = OwnHostName(); loaded->names.own_self && !name.empty()) {
    loaded->names.own_found = {name};
  }
  return std::make_shared<const Config>(*std::move(loaded));
}

Reloader::Outcome Reloader::Reload() {
  const std::lock_guard lock(one_at_a_time_);
  Outcome outcome;
  const auto config = LoadConfig(path_, &outcome.problems);
  if (config == nullptr) {
    for (const std::string& problem : outcome.problems) log_.Error("not reloaded: " + problem);
    status_.Lock()->successful = false;
    return outcome;
  }
  const auto running = engine_.config();
  outcome.changed = Difference(*running, *config);
  const auto effective = std::make_shared<const Config>(WithoutRestart(*running, *config));
  engine_.SetConfig(effective);
  apply_(*effective);
  *status_.Lock() = {true, engine_.clock().Now()};
  std::string now;
  std::string later;
  for (const ChangedOption& option : outcome.changed) {
    std::string& list = option.needs_restart ? later : now;
    list += (list.empty() ? "" : ", ") + option.name;
  }
  log_.Info("configuration reloaded" + (now.empty() ? ", nothing changed" : "; changed: " + now));
  if (!later.empty()) log_.Warning("these changes need a restart: " + later);
  return outcome;
}

}  // namespace mxward
