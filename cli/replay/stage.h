// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/log.h"
#include "base/result.h"
#include "cli/replay/batch_writer.h"
#include "clients/client_sweep.h"
#include "config/config.h"
#include "dns/ares_resolver.h"
#include "dns/resolver.h"
#include "engine/engine.h"
#include "greylist/sweep.h"
#include "store/environment.h"
#include "store/expiry.h"

namespace mxward::cli {

// The time of the log that is replayed: it is advanced explicitly, and never set back. Wall
// and monotonic clock go alike. One thread moves it, any reads it.
class LogClock : public Clock {
 public:
  WallTime Now() const override { return WallTime(Seconds(seconds_.load())); }
  MonoTime Monotonic() const override { return MonoTime(Seconds(seconds_.load())); }

  void AdvanceTo(WallTime time) {
    seconds_.store(std::max(seconds_.load(), time.time_since_epoch().count()));
  }

 private:
  // Not 0, which is what a forgotten MonoTime holds.
  std::atomic<std::int64_t> seconds_{86400};
};

// A real resolver for who lives on the log's time: what it answers has come now by that, and waits
// last as long as they would. The log's time stands still meanwhile.
class ReplayResolver : public dns::Resolver {
 public:
  // All outlive it. real: the clock of the resolver.
  ReplayResolver(dns::Resolver& resolver, const Clock& real, const LogClock& log)
      : resolver_(resolver), real_(real), log_(log) {}

  dns::AnswerPtr GetCached(const dns::Question& question) override;
  void Ask(const dns::Question& question, dns::Freshness freshness,
           dns::Callback callback) override;
  bool Wait(dns::Progress& progress, std::uint64_t seen, MonoTime until) override;

 private:
  static dns::AnswerPtr At(const dns::AnswerPtr& answer, MonoTime time);

  dns::Resolver& resolver_;
  const Clock& real_;
  const LogClock& log_;
};

// mxward without its sockets and threads, on the log's time: the real engine and sweeps over a
// database that is empty at first and gone at the end. Its files have no names any more once they
// are open, so that nothing is left of them however the program ends.
class Stage {
 public:
  struct Options {
    std::shared_ptr<const Config> config;  // as it is, but for store.path
    std::string folder;                    // where the database is made
    bool dns = false;                      // ask the DNS, as it is now
  };
  // clock outlives it.
  static Result<std::unique_ptr<Stage>> Build(const Options& options, LogClock& clock);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  Engine& engine() { return *engine_; }
  // What the daemon does every now and then, by the clock. Cheap when nothing is due.
  void Tick();
  // Whether all could be written so far.
  const Result<void>& outcome() const { return writer_->outcome(); }
  // What the engine warned of; the first kMostWarnings.
  std::vector<std::string> warnings() { return log_.warnings(); }

  static constexpr std::size_t kMostWarnings = 20;

 private:
  // Keeps warnings, and drops the line for each decision.
  class WarningLog : public Log {
   public:
    void Write(LogLevel level, std::string_view line) override;
    std::vector<std::string> warnings() { return *warnings_.Lock(); }

   private:
    Guarded<std::vector<std::string>> warnings_;
  };

  explicit Stage(LogClock& clock) : clock_(clock) {}

  LogClock& clock_;
  const RealClock real_clock_;
  WarningLog log_;
  std::unique_ptr<dns::AresResolver> resolver_;
  std::unique_ptr<ReplayResolver> replay_resolver_;
  std::unique_ptr<store::Environment> environment_;
  std::unique_ptr<BatchWriter> writer_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<greylist::Sweep> sweep_;
  std::unique_ptr<ClientSweep> client_sweep_;
  std::optional<store::ExpiryRound> expiry_;
  MonoTime ticked_{};
  MonoTime tests_again_{};  // of DNS lists
  MonoTime save_again_{};
  MonoTime sweep_again_{};
};

}  // namespace mxward::cli
