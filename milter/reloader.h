// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/log.h"
#include "base/mutex.h"
#include "config/dump.h"
#include "engine/engine.h"
#include "metrics/snapshot.h"

namespace mxward {

// Reads the configuration again (SIGUSR1, mxwardctl reload). A file with an error changes nothing
// and is logged. Thread-safe.
class Reloader {
 public:
  struct Outcome {
    std::vector<std::string> problems;  // not empty: nothing was changed
    std::vector<ChangedOption> changed;
  };
  // apply: what else follows from a new config (the log). Engine and log outlive the reloader.
  Reloader(std::string path, Engine& engine, Log& log, std::function<void(const Config&)> apply)
      : path_(std::move(path)),
        engine_(engine),
        log_(log),
        apply_(std::move(apply)),
        status_(metrics::ReloadStatus{true, engine.clock().Now()}) {}

  Outcome Reload();
  metrics::ReloadStatus status() { return *status_.Lock(); }

 private:
  const std::string path_;
  Engine& engine_;
  Log& log_;
  const std::function<void(const Config&)> apply_;
  Mutex one_at_a_time_;
  Guarded<metrics::ReloadStatus> status_;
};

// Reads and checks the file as the daemon uses it: with the machine's own addresses looked up.
// Nothing when it has errors; those are in *problems, "file:line:column: message".
std::shared_ptr<const Config> LoadConfig(const std::string& path,
                                         std::vector<std::string>* problems);

}  // namespace mxward
