// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/stage.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <utility>

namespace mxward::cli {

dns::AnswerPtr ReplayResolver::At(const dns::AnswerPtr& answer, MonoTime time) {
  if (answer == nullptr) return nullptr;
  auto moved = std::make_shared<dns::Answer>(*answer);
  moved->answered = time;
  return moved;
}

dns::AnswerPtr ReplayResolver::GetCached(const dns::Question& question) {
  return At(resolver_.GetCached(question), log_.Monotonic());
}

void ReplayResolver::Ask(const dns::Question& question, dns::Freshness freshness,
                         dns::Callback callback) {
  resolver_.Ask(question, freshness,
                [this, told = std::move(callback)](const dns::AnswerPtr& answer, bool from_cache) {
                  told(At(answer, log_.Monotonic()), from_cache);
                });
}

bool ReplayResolver::Wait(dns::Progress& progress, std::uint64_t seen, MonoTime until) {
  return resolver_.Wait(progress, seen, real_.Monotonic() + (until - log_.Monotonic()));
}

namespace {

// Of the log's time; the daemon does it oftener, which here would cost more than it is worth.
constexpr Seconds kSaveEvery{5};
constexpr Seconds kSweepEvery{10};
constexpr std::chrono::minutes kSweepRest{5};
constexpr Seconds kListTestsEvery{60};
constexpr Millis kDnsLimit{3000};

}  // namespace

void Stage::WarningLog::Write(LogLevel level, std::string_view line) {
  if (level == LogLevel::kInfo) return;
  auto warnings = warnings_.Lock();
  if (warnings->size() < kMostWarnings) warnings->emplace_back(line);
}

// Outstanding DNS answers are delivered before the engine that receives them is destroyed.
Stage::~Stage() {
  if (resolver_ != nullptr) resolver_->Stop(kDnsLimit);
}

Result<std::unique_ptr<Stage>> Stage::Build(const Options& options, LogClock& clock) {
  const std::shared_ptr<const Config>& config = options.config;
  std::string path = options.folder + "/mxward-replay-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) {
    return Fail(ErrorCode::kIo, options.folder + ": cannot make a directory for the database: " +
                                    std::strerror(errno) + "; set TMPDIR");
  }
  std::unique_ptr<Stage> stage(new Stage(clock));
  auto environment = store::Environment::Open({.path = path,
                                               .map_size = config->store.map_size,
                                               .map_size_max = config->store.map_size_max,
                                               .no_sync = true});
  for (const char* name : {"/data.mdb", "/lock.mdb", "/mxward.lock"}) {
    unlink((path + name).c_str());
  }
  rmdir(path.c_str());
  if (!environment) return Fail(environment.error());
  stage->environment_ = *std::move(environment);
  stage->writer_ = std::make_unique<BatchWriter>(*stage->environment_);
  if (options.dns) {
    stage->resolver_ =
        std::make_unique<dns::AresResolver>(stage->real_clock_, stage->log_, config->dns);
    stage->resolver_->SetLists(config->dnsbl);
    if (auto started = stage->resolver_->Start(); !started) return Fail("dns", started.error());
    stage->replay_resolver_ =
        std::make_unique<ReplayResolver>(*stage->resolver_, stage->real_clock_, clock);
  }
  stage->engine_ =
      std::make_unique<Engine>(Engine::Services{clock, *stage->environment_, *stage->writer_,
                                                stage->log_, stage->replay_resolver_.get()},
                               config);
  MXWARD_TRY(stage->engine_->Load());
  stage->sweep_ = std::make_unique<greylist::Sweep>(*stage->environment_, *stage->writer_,
                                                    stage->engine_->pending_counts());
  stage->client_sweep_ = std::make_unique<ClientSweep>(*stage->environment_, *stage->writer_);
  stage->expiry_.emplace(std::vector<store::ExpiryRound::Step>{
                             [sweep = stage->sweep_.get(), engine = stage->engine_.get()](
                                 WallTime now, MonoTime monotonic) {
                               return sweep->Step(engine->config(), now, monotonic);
                             },
                             [sweep = stage->client_sweep_.get(), engine = stage->engine_.get()](
                                 WallTime now, MonoTime monotonic) {
                               return sweep->Step(engine->config()->clients.lifetime, now,
                                                  monotonic);
                             }},
                         kSweepRest);
  return stage;
}

void Stage::Tick() {
  const MonoTime now = clock_.Monotonic();
  // The daemon's writer takes no longer for what nobody waits for.
  if (now > ticked_) writer_->Flush();
  ticked_ = now;
  if (now >= save_again_) {
    // Counters of limits need not outlive the replay; Engine::Save() would write them as well.
    engine_->history().Flush(engine_->config()->greylist.privacy);
    save_again_ = now + kSaveEvery;
  }
  if (resolver_ != nullptr && now >= tests_again_) {
    engine_->StartListTests();
    tests_again_ = now + kListTestsEvery;
  }
  if (now < sweep_again_) return;
  sweep_again_ = now + kSweepEvery;
  expiry_->TakeStep(clock_.Now(), now);
}

}  // namespace mxward::cli
