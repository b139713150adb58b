// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/log.h"
#include "config/config.h"
#include "engine/counters.h"
#include "entries/table.h"
#include "greylist/pending_counts.h"
#include "policy/policy.h"
#include "store/environment.h"
#include "store/writer.h"

namespace mxward {

// Gathers what the policy needs, waits where it must, and applies or discards the effects. Adapter,
// scenario runner, explain and replay all decide through this. Thread-safe; outlives its sessions.
class Engine {
 public:
  // All of them outlive the engine.
  struct Services {
    const Clock& clock;
    store::Environment& environment;
    store::Writer& writer;
    Log& log;
  };
  Engine(Services services, std::shared_ptr<const Config> config);

  // Reads what is kept in memory from the store: which entries exist, a pause in force.
  Result<void> Load();

  std::shared_ptr<const Config> config() { return *config_.Lock(); }
  // The next MAIL of each session is judged by it. The caller has checked it.
  void SetConfig(std::shared_ptr<const Config> config) { *config_.Lock() = std::move(config); }

  // Until then everything goes on but nobody hears a verdict, as with mode = "observe". Survives a
  // restart.
  Result<void> Pause(WallTime until);
  Result<void> Resume();
  std::optional<WallTime> paused_until() const;

  // Adds, replaces or forgets an entry; returns when it is committed.
  Result<void> PutEntry(const entries::Entry& entry);
  Result<void> ForgetEntry(entries::Kind kind, const std::string& canonical_key);

  // Verified or not, dynamic or good: from what the MTA said to what the checks ask about.
  void ClassifyNames(SessionFacts& facts) const;

  // Runs the policy to its decision. Reads the store, changes nothing.
  struct Judged {
    policy::Outcome outcome;
    std::optional<greylist::Tuple> tuple;
    WallTime now{};  // of the decision; its effects happen at the same moment
  };
  Judged Decide(const policy::Facts& facts, const std::shared_ptr<const Config>& config);
  // Applies the effects of a decision. Waits for the commit that a deferral promises; when that
  // fails, the decision becomes that of promise 1.
  void Apply(Judged& judged, const policy::Facts& facts,
             const std::shared_ptr<const Config>& config);

  bool Observing(const Config& config) const;

  Counters& counters() { return counters_; }
  greylist::PendingCounts& pending_counts() { return pending_counts_; }
  const Clock& clock() const { return services_.clock; }
  Log& log() { return services_.log; }
  store::Environment& environment() { return services_.environment; }
  store::Writer& writer() { return services_.writer; }

 private:
  greylist::Tuple TupleOf(const policy::Facts& facts, const Config& config) const;
  bool Fulfil(policy::Need need, const policy::Facts& facts, const Config& config, WallTime now,
              policy::Known& known);
  void StoreFailed(const Error& error);
  Result<void> WritePause(std::optional<WallTime> until);

  Services services_;
  Guarded<std::shared_ptr<const Config>> config_;
  entries::Index entry_index_;
  greylist::PendingCounts pending_counts_;
  std::atomic<std::int64_t> paused_until_{0};  // seconds since 1970; 0: not paused
  Counters counters_;
  OncePerMinute log_store_failure_;
};

}  // namespace mxward
