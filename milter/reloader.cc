// SPDX-License-Identifier: Apache-2.0
#include "milter/reloader.h"

#include "base/own_addresses.h"
#include "config/loader.h"
#include "config/options.h"

namespace mxward {
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
  const MutexLock lock(one_at_a_time_);
  Outcome outcome;
  const auto config = LoadConfig(path_, &outcome.problems);
  if (config == nullptr) {
    for (const std::string& problem : outcome.problems) log_.Error("not reloaded: " + problem);
    status_.Lock()->successful = false;
    return outcome;
  }
  const auto running = engine_.config();
  outcome.changed = Difference(*running, *config);
  const auto effective = std::make_shared<const Config>(AfterReload(*running, *config));
  engine_.SetConfig(effective);
  apply_(*effective);
  *status_.Lock() = {true, engine_.clock().Now()};
  std::string now;
  std::string later;
  for (const ChangedOption& option : outcome.changed) {
    std::string& list = option.needs_restart ? later : now;
    list += (list.empty() ? "" : ", ") + option.name;
  }
  const std::string none = later.empty() ? ", nothing changed" : ", nothing takes effect yet";
  log_.Info("configuration reloaded" + (now.empty() ? none : "; changed: " + now));
  if (!later.empty()) log_.Warning("these changes need a restart: " + later);
  return outcome;
}

}  // namespace mxward
