// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "clients/client_sweep.h"
#include "control/api.h"
#include "control/json.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "entries/sweep.h"
#include "fake/failing_writer.h"
#include "fake/fake_clock.h"
#include "fake/fake_resolver.h"
#include "fake/memory_log.h"
#include "fake/temp_dir.h"
#include "greylist/sweep.h"

namespace mxward::scenario {

// mxward without its sockets and threads: the real engine, API and sweep over a real database, on a
// fake clock, with a writer that commits at once and can be told to be in trouble.
class World {
 public:
  struct Options {
    std::string data_file;  // what the database begins as: a copy of this data.mdb
    bool no_sync = false;   // nothing is flushed: faster, where no crash is played
  };
  World() : World(Options()) {}
  explicit World(const Options& options);

  // Changes one option, as a line of the configuration would: key = TOML. Before anything has
  // happened it is how mxward starts; later it is a reload. Throws Problem when the config is
  // refused.
  void Configure(const std::string& key, const std::string& value);

  // One more [[dnsbl]], as an inline table, or another in the place of the one of that name. Its
  // zone lists nothing until dns says otherwise.
  void AddList(const std::string& table);
  void RemoveList(const std::string& name);
  // The same for [[limit]].
  void AddLimit(const std::string& table);
  void RemoveLimit(const std::string& name);
  // The same for [[rule]].
  void AddRule(const std::string& table);
  void RemoveRule(const std::string& name);
  // Starts the self-tests that are due, and waits for them.
  void TestLists();
  void CheckNames();
  // Time passes, for the DNS as well.
  void Advance(Millis by);

  // Builds everything over the same files again; open sessions are lost. Not orderly: kill -9.
  void Restart(bool orderly = true);
  // One whole walk through the store.
  void Sweep();
  // Ends mxward in order, and copies its database to this file.
  void SaveDatabase(const std::string& data_file);
  // What mxwardctl would ask; throws Problem when the API refuses.
  Json Ask(const std::string& method, const std::string& path,
           std::map<std::string, std::string, std::less<>> query);

  struct StoreCounts {
    std::map<std::string, std::uint64_t> by_name;
  };
  StoreCounts CountStore();

  Session& SessionOf(const std::string& name);
  Session& NewSession(const std::string& name);
  void EndSession(const std::string& name) { sessions_.erase(name); }

  FakeClock& clock() { return clock_; }
  dns::FakeResolver& resolver() { return resolver_; }
  MemoryLog& log() { return log_; }
  FailingWriter& writer();
  Engine& engine();

 private:
  struct Running;

  using NamedTables = std::vector<std::pair<std::string, std::string>>;

  std::shared_ptr<const Config> ParsedConfig() const;
  void Reload(const std::shared_ptr<const Config>& config);
  static void Put(NamedTables& tables, const std::string& name, const std::string& table);
  static void Remove(NamedTables& tables, const std::string& name, const char* what);
  Running& Start();

  FakeClock clock_;
  MemoryLog log_;
  TempDir dir_;
  const bool no_sync_;
  dns::FakeResolver resolver_{clock_};
  std::map<std::string, std::string> options_;
  NamedTables lists_;            // the inline tables of all lists, in their order
  NamedTables limits_;           // likewise
  NamedTables rules_;            // likewise
  std::set<std::string> zones_;  // of all lists there ever were
  // Everything that a restart rebuilds; made when it is first needed.
  struct Running {
    std::unique_ptr<store::Environment> environment;
    std::unique_ptr<store::InlineWriter> inline_writer;
    std::unique_ptr<FailingWriter> writer;
    std::unique_ptr<Engine> engine;
    std::unique_ptr<greylist::Sweep> sweep;
    std::unique_ptr<entries::Sweep> entry_sweep;
    std::unique_ptr<ClientSweep> client_sweep;
    std::unique_ptr<control::Api> api;
  };
  std::unique_ptr<Running> running_;
  std::vector<std::unique_ptr<Engine>> ended_;  // before a restart
  std::map<std::string, std::unique_ptr<Session>> sessions_;
};

}  // namespace mxward::scenario
