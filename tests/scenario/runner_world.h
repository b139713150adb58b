// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "control/api.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "greylist/sweep.h"
#include "tests/fake/failing_writer.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/memory_log.h"
#include "tests/fake/temp_dir.h"

namespace mxward::scenario {

// The daemon without sockets, threads and real time: the same engine over a real database.
class World {
 public:
  World() { Start(); }

  FakeClock& clock() { return clock_; }
  MemoryLog& log() { return log_; }
  Engine& engine() { return *service_->engine; }
  FailingWriter& writer() { return service_->writer; }

  // The setting takes effect with Configure(). line: where it stands, for messages.
  void Set(const std::string& key, std::string text, int line);
  // Builds the config of all settings and loads it. Throws BadLine.
  void Configure(const std::string& file);
  void AddOwnAddress(const IpAddress& address);

  // A new process over the same files.
  void Restart();
  // One walk of the expiry through the whole store.
  void Walk();
  // Asks the control API; throws std::runtime_error with what it refused for.
  Json Ask(const std::string& method, const std::string& path,
           std::map<std::string, std::string, std::less<>> query);

  // Makes the session when there is none of that name.
  Session& OpenSession(const std::string& name);
  // Null when there is none.
  Session* FindSession(const std::string& name);
  void CloseSession(const std::string& name) { sessions_.erase(name); }

 private:
  // Everything that ends with the process.
  struct Service {
    Service(World& world, std::unique_ptr<store::Environment> opened);

    std::unique_ptr<store::Environment> environment;
    store::InlineWriter inline_writer;
    FailingWriter writer;
    std::unique_ptr<Engine> engine;
    greylist::Sweep sweep;
    control::Api api;
  };

  void Start();

  struct Setting {
    int line;
    std::string text;
  };

  TempDir dir_;
  FakeClock clock_;
  MemoryLog log_;
  std::map<std::string, Setting> settings_;
  std::vector<IpAddress> own_addresses_;
  std::shared_ptr<const Config> config_;
  std::unique_ptr<Service> service_;
  std::map<std::string, std::unique_ptr<Session>> sessions_;
};

}  // namespace mxward::scenario
