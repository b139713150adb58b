// SPDX-License-Identifier: Apache-2.0
#include "milter/daemon.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/server_address.h"
#include "base/units.h"
#include "base/version.h"
#include "clients/client_sweep.h"
#include "config/hash_key_file.h"
#include "config/listen_address.h"
#include "control/api.h"
#include "control/listener.h"
#include "control/public_site.h"
#include "control/server.h"
#include "dns/ares_resolver.h"
#include "engine/engine.h"
#include "entries/sweep.h"
#include "greylist/sweep.h"
#include "metrics/timeline.h"
#include "milter/adapter.h"
#include "milter/memory.h"
#include "milter/pool_watch.h"
#include "milter/privileges.h"
#include "milter/reloader.h"
#include "milter/signals.h"
#include "milter/store_guard.h"
#include "store/expiry.h"
#include "store/writer.h"

namespace mxward {
namespace {

constexpr Millis kDrainLimit{3000};
constexpr Millis kDnsLimit{500};
constexpr Millis kAnswerLimit{50};
constexpr Millis kFlushLimit{3000};
// How long a start waits for the check of the database: longer, and it serves without.
constexpr Millis kStorePatience{3000};
constexpr Millis kControlLimit{1000};
constexpr Millis kLogLimit{1000};
// Of metrics.listen: fewer and shorter connections than the control socket's, for anybody may try.
constexpr control::Server::Limits kMetricsLimits{.connections = 16, .deadline = Millis(5000)};
constexpr Millis kSweepEvery{200};
// Between two walks through the store.
constexpr std::chrono::minutes kSweepRest{5};
// And more often where the service manager is less patient; six of these are a minute.
constexpr Millis kWatchdogEvery{10000};
// After so many of these in which libmilter finished nothing, the watchdog is not notified any
// more.
constexpr int kStalledLooks = 3;
constexpr Millis kSocketEvery{5000};
// How long the path of the milter's socket stays free before a new start makes another.
constexpr Seconds kSocketPatience{30};
constexpr Millis kUsageEvery{60000};
constexpr Millis kListTestsEvery{1000};
constexpr Millis kTimelineEvery{1000};
constexpr Millis kSaveEvery{250};
constexpr Millis kReturnMemoryEvery{10000};

std::unique_ptr<LogSink> NewSink(LogTarget target) {
  switch (target) {
    case LogTarget::kSyslog:
      return NewSyslogSink();
    case LogTarget::kJournal:
      return NewJournalSink();
    case LogTarget::kStderr:
      return NewStderrSink();
  }
  return NewStderrSink();
}

// What is wrong with the surroundings (a full disk, a second instance) may be gone at the next
// start; what is wrong with the configuration or the database will not.
int StatusOf(const Error& error) {
  return error.code == ErrorCode::kInvalid || error.code == ErrorCode::kCorrupt ? kExitConfig
                                                                                : kExitFailure;
}

std::string FolderOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

}  // namespace

// The objects of the running service, in the order in which they are built.
class Daemon {
 public:
  Daemon(const DaemonOptions& options, const Clock& clock, const ServiceManager& manager)
      : options_(options), clock_(clock), manager_(manager), started_(clock.Now()) {}

  int Run();

 private:
  Result<void> Bind();
  Result<void> BindMetrics(const std::string& listen);
  Result<void> Start();
  bool Serve();
  void Stop();

  void ServeMetrics();
  void WarnOfOpenSocket();
  control::ServiceHooks MakeHooks();
  void ApplyLog(const LogConfig& config);
  void WaitForReloads();
  void Sweep();
  void CheckUsage();
  Millis WatchdogEvery() const;
  void WatchPool();
  void WatchSocket();

  const DaemonOptions& options_;
  const Clock& clock_;
  const ServiceManager& manager_;
  WallTime started_;

  std::optional<control::UnixListener> control_listener_;
  std::optional<control::TcpListener> metrics_listener_;
  std::optional<MilterAdapter> adapter_;
  std::optional<AsyncLog> log_;
  std::optional<StoreGuard> store_guard_;
  std::unique_ptr<store::Environment> environment_;
  std::optional<store::ThreadedWriter> writer_;
  std::optional<dns::AresResolver> resolver_;
  std::optional<Engine> engine_;
  std::optional<metrics::Timeline> timeline_;
  std::optional<Reloader> reloader_;
  std::optional<greylist::Sweep> sweep_;
  std::optional<entries::Sweep> entry_sweep_;
  std::optional<ClientSweep> client_sweep_;
  std::optional<control::Api> api_;
  std::optional<control::PublicSite> public_site_;
  std::optional<control::Server> server_;
  LogTarget log_target_ = LogTarget::kStderr;
  std::atomic<bool> libmilter_ended_{false};
  // Only the control loop's.
  std::optional<store::ExpiryRound> expiry_;
  bool space_alarm_ = false;
  std::optional<PoolWatch> pool_watch_;
  std::atomic<bool> pool_stalled_{false};
  std::optional<MonoTime> socket_free_since_;  // only the control loop's
  std::atomic<bool> socket_lost_{false};
};

int Daemon::Run() {
  Result<void> ready = Bind();
  if (ready) ready = Start();
  if (!ready) {
    std::fprintf(stderr, "mxward: %s\n", ready.error().message.c_str());
    if (log_) log_->Error(ready.error().message);
    Stop();
    return StatusOf(ready.error());
  }
  const bool served = Serve();
  Stop();
  return served ? 0 : kExitTempfail;
}

// As the user that started us: sockets, folders, then the final user.
Result<void> Daemon::Bind() {
  const Config& config = *options_.config;
  RaiseFileLimit();
  auto listen = ParseListenAddress(config.milter.listen);
  if (!listen) return Fail("milter.listen", listen.error());
  std::vector<std::string> own;
  for (const std::string& socket : {listen->path, config.control.socket}) {
    if (geteuid() != 0 || socket.empty()) continue;
    MXWARD_TRY(auto made, MakeRunFolder(FolderOf(socket)));
    if (made) own.push_back(FolderOf(socket));
    own.push_back(socket);
    own.push_back(socket + ".lock");
  }
  adapter_.emplace(
      MilterAdapter::Options{*listen, config.milter.socket_mode, config.milter.socket_group});
  MXWARD_TRY(adapter_->Open());
  auto control = control::UnixListener::Bind(
      {config.control.socket, 0660, config.control.socket_group, config.control.read_group});
  if (!control) return Fail("control.socket", control.error());
  control_listener_.emplace(*std::move(control));
  if (auto bound = BindMetrics(config.metrics.listen); !bound) {
    return Fail("metrics.listen", bound.error());
  }
  return DropPrivileges(config, own);
}

Result<void> Daemon::BindMetrics(const std::string& listen) {
  if (listen.empty()) return {};
  MXWARD_TRY(const auto address, ParseServerAddress(listen));
  MXWARD_TRY(auto listener, control::TcpListener::Bind(address));
  metrics_listener_.emplace(std::move(listener));
  return {};
}

Result<void> Daemon::Start() {
  const std::shared_ptr<const Config>& config = options_.config;
  const auto hash_key = ReadHashKeyFile(config->store.hash_key_file);
  if (!hash_key) return Fail("store.hash_key_file", hash_key.error());
  log_.emplace(NewSink(config->log.target));
  log_target_ = config->log.target;
  ApplyLog(config->log);
  store_guard_.emplace(clock_, *log_);
  MXWARD_TRY(environment_, store_guard_->Start({.path = config->store.path,
                                                .map_size = config->store.map_size,
                                                .map_size_max = config->store.map_size_max,
                                                .hash_key = *hash_key,
                                                .keep_copy = true},
                                               kStorePatience));
  writer_.emplace(*environment_, *log_, clock_);
  resolver_.emplace(clock_, *log_, config->dns);
  resolver_->SetLists(config->dnsbl);
  if (auto started = resolver_->Start(); !started) return Fail("dns", started.error());
  engine_.emplace(Engine::Services{clock_, *environment_, *writer_, *log_, &*resolver_}, config);
  MXWARD_TRY(engine_->Load());
  store_guard_->OnReady([this] {
    if (auto loaded = engine_->Load(); !loaded) log_->Error(loaded.error().message);
  });
  timeline_.emplace(engine_->counters(), clock_);
  reloader_.emplace(options_.config_path, *engine_, *log_, [this](const Config& changed) {
    ApplyLog(changed.log);
    resolver_->SetConfig(changed.dns);
    resolver_->SetLists(changed.dnsbl);
  });
  sweep_.emplace(*environment_, *writer_, engine_->pending_counts(),
                 engine_->NewExpiredUnretriedCallback());
  entry_sweep_.emplace(*environment_, *writer_);
  client_sweep_.emplace(*environment_, *writer_);
  expiry_.emplace(
      std::vector<store::ExpiryRound::Step>{
          [this](WallTime now, MonoTime monotonic) {
            return sweep_->Step(engine_->config(), now, monotonic,
                                engine_->pending_room().lost_retention());
          },
          [this](WallTime now, MonoTime monotonic) { return entry_sweep_->Step(now, monotonic); },
          [this](WallTime now, MonoTime monotonic) {
            return client_sweep_->Step(engine_->config()->clients.lifetime, now, monotonic);
          }},
      kSweepRest);
  api_.emplace(engine_->parts(), MakeHooks());
  server_.emplace(
      *std::move(control_listener_),
      [this](const control::Request& request) { return api_->Handle(request); }, *log_);
  server_->HandleOnWorkers(&control::Api::IsSlow);
  if (metrics_listener_) ServeMetrics();
  server_->Every(kSweepEvery, [this] { Sweep(); });
  server_->Every(kListTestsEvery, [this] {
    engine_->StartListTests();
    engine_->CheckNames();
  });
  server_->Every(kTimelineEvery, [this] { timeline_->Tick(); });
  server_->Every(kSaveEvery, [this] { engine_->Save(); });
  server_->Every(kUsageEvery, [this] { CheckUsage(); });
  server_->Every(kReturnMemoryEvery, ReturnFreeMemory);
  pool_watch_.emplace(adapter_->self_connect(), [this] { return adapter_->finished(); });
  server_->Every(WatchdogEvery(), [this] { WatchPool(); });
  server_->Every(kSocketEvery, [this] { WatchSocket(); });
  MXWARD_TRY(server_->Start());
  std::thread([this] { WaitForReloads(); }).detach();
  return {};
}

void Daemon::ServeMetrics() {
  const ServerAddress& address = metrics_listener_->address();
  log_->Info("metrics on http://" + address.ToString() + "/metrics");
  if (!address.address.IsLoopback()) {
    log_->Warning(
        "metrics.listen = \"" + address.ToString() +
        "\" is served without a password: restrict it with a firewall to your monitoring");
  }
  public_site_.emplace(*api_, engine_->parts().config);
  server_->Listen(
      *std::move(metrics_listener_),
      [this](const control::Request& request) { return public_site_->Handle(request); },
      kMetricsLimits);
}

// Whoever connects there is believed to be a mail server.
void Daemon::WarnOfOpenSocket() {
  const auto listen = ParseListenAddress(options_.config->milter.listen);
  const bool inet =
      listen->kind == ListenAddress::Kind::kInet || listen->kind == ListenAddress::Kind::kInet6;
  const auto address = IpAddress::Parse(listen->host);
  if (!inet || listen->host == "localhost" || (address && address->IsLoopback())) return;
  log_->Warning(
      "milter.listen = \"" + options_.config->milter.listen +
      "\" takes whoever connects for a mail server: restrict it with a firewall to yours");
}

// False when it ended although nobody asked for that.
bool Daemon::Serve() {
  const Config& config = *options_.config;
  log_->Info("mxward " + std::string(kVersion) + " listens on " +
             ParseListenAddress(config.milter.listen)->ToLibmilter() + ", control socket " +
             config.control.socket + ", database " + config.store.path + ", configuration " +
             options_.config_path + (config.mode == Mode::kObserve ? "; observing only" : ""));
  WarnOfOpenSocket();
  if (geteuid() == 0) {
    log_->Warning("runs as root, which it does not need; set user, or start it as another user");
  }
  if (const auto until = engine_->parts().pause.until()) {
    log_->Warning("paused until " + FormatTime(*until) + ": verdicts are not enforced");
  }
  signals::Take();
  manager_.Tell("READY=1\nSTATUS=serving");
  // Not joined: see MilterAdapter::Stop().
  std::thread([this] {
    // libmilter's own threads inherit it.
    signals::Block();
    adapter_->Run(*engine_);
    libmilter_ended_.store(true);
    signals::End();
  }).detach();
  signals::WaitForEnd();
  const bool asked = signals::WasAskedToEnd();
  manager_.Tell("STOPPING=1");
  if (!asked && libmilter_ended_.load()) log_->Error("libmilter exited unexpectedly");
  adapter_->Stop();
  return asked;
}

// Decisions under way are answered, then what is queued is committed and flushed.
void Daemon::Stop() {
  // Waits for the DNS fail at once.
  if (resolver_ && !resolver_->Stop(kDnsLimit)) log_->Warning("the resolver did not stop in time");
  if (adapter_ && !adapter_->Drain(kDrainLimit)) {
    log_->Warning("some decisions did not finish in time");
  }
  // A callback has ended a moment before libmilter has written its answer.
  if (adapter_) std::this_thread::sleep_for(kAnswerLimit);
  // Where it goes on, its timer may save at the same time: both may.
  if (server_ && !server_->Stop(kControlLimit)) {
    log_->Warning("the control server did not end in time");
  }
  if (engine_) engine_->Save(/*all=*/true);
  const bool flushed = !writer_ || writer_->Stop(kFlushLimit);
  if (!flushed) log_->Warning("the database was not flushed in time");
  if (store_guard_) store_guard_->Stop(flushed);
  if (adapter_) adapter_->RemoveSocket();
  if (log_) {
    log_->Info("exiting");
    log_->Stop(kLogLimit);
  }
}

control::ServiceHooks Daemon::MakeHooks() {
  control::ServiceHooks hooks;
  hooks.version = kVersion;
  hooks.started = started_;
  hooks.config_path = options_.config_path;
  hooks.listening = ParseListenAddress(options_.config->milter.listen)->ToLibmilter();
  hooks.reload = [this] {
    Reloader::Outcome outcome = reloader_->Reload();
    control::ReloadOutcome answer;
    answer.done = outcome.problems.empty();
    answer.problems = std::move(outcome.problems);
    answer.changed = std::move(outcome.changed);
    return answer;
  };
  // Asked on the control loop, which sweeps as well.
  hooks.sweep_totals = [this] { return sweep_->totals(); };
  hooks.timeline = [this](metrics::Timeline::Window window) { return timeline_->Look(window); };
  hooks.writer_stats = [this] { return writer_->stats(); };
  hooks.pool_stalled = [this] { return pool_stalled_.load(); };
  hooks.socket_lost = [this] { return socket_lost_.load(); };
  hooks.store_check = [this] { return store_guard_->status(); };
  hooks.log_dropped = [this] { return log_->dropped(); };
  hooks.dns_stats = [this] { return resolver_->stats(); };
  hooks.reload_status = [this] { return reloader_->status(); };
  hooks.current_sessions = [this] { return static_cast<std::uint64_t>(adapter_->sessions()); };
  return hooks;
}

void Daemon::ApplyLog(const LogConfig& config) {
  log_->set_json(config.format == LogFormat::kJson);
  if (std::exchange(log_target_, config.target) != config.target) {
    log_->SetSink(NewSink(config.target));
  }
}

void Daemon::WaitForReloads() {
  for (;;) {
    signals::WaitForReload();
    try {
      reloader_->Reload();
    } catch (const std::exception& error) {
      log_->Error(std::string("not reloaded: ") + error.what());
    }
  }
}

void Daemon::Sweep() {
  engine_->pending_room().Trim(*environment_, *writer_);
  expiry_->TakeStep(clock_.Now(), clock_.Monotonic());
}

void Daemon::CheckUsage() {
  const auto usage = environment_->GetUsage();
  if (!usage) return;
  const bool high = usage->used_bytes > usage->limit_bytes / 5 * 4;
  if (high && !space_alarm_) {
    log_->Warning("the database uses " + HumanSize(usage->used_bytes) + " of the " +
                  HumanSize(usage->limit_bytes) + " of store.map_size_max; raise it in time");
  }
  space_alarm_ = high;
}

Millis Daemon::WatchdogEvery() const {
  const Millis asked = manager_.watchdog() / 6;
  return asked > Millis(0) ? std::min(asked, kWatchdogEvery) : kWatchdogEvery;
}

void Daemon::WatchPool() {
  const bool stalled = pool_watch_->Look() >= kStalledLooks;
  if (!stalled) manager_.Tell("WATCHDOG=1");
  if (stalled == pool_stalled_.exchange(stalled)) return;
  if (stalled) {
    log_->Error(
        "libmilter has not answered for " +
        HumanDuration(std::chrono::duration_cast<Seconds>(WatchdogEvery() * kStalledLooks)) +
        ", not even mxward itself: the mail server is waiting; the service manager's "
        "watchdog, if there is one, restarts mxward");
  } else {
    log_->Warning("libmilter answers again");
  }
}

// libmilter cannot open another: that takes a new start.
void Daemon::WatchSocket() {
  const SocketFile::State state = adapter_->LookAtSocket();
  const std::string path = ParseListenAddress(options_.config->milter.listen)->path;
  const bool lost = state != SocketFile::State::kThere;
  if (lost != socket_lost_.exchange(lost)) {
    if (!lost) {
      log_->Warning(path + " is there again");
    } else if (state == SocketFile::State::kTaken) {
      log_->Error(path +
                  " is not mxward's any more: something else was put there, and the mail "
                  "server does not reach mxward; remove it and restart mxward");
    } else {
      log_->Error(path +
                  " is gone, and the mail server does not reach mxward; if it is not back in " +
                  HumanDuration(kSocketPatience) +
                  ", mxward exits, so that the service manager "
                  "starts it again");
    }
  }
  if (state != SocketFile::State::kGone) return socket_free_since_.reset();
  const MonoTime now = clock_.Monotonic();
  if (!socket_free_since_) socket_free_since_ = now;
  if (now - *socket_free_since_ < kSocketPatience) return;
  log_->Error("exiting with status 75: " + path + " is gone");
  socket_free_since_.reset();
  signals::End();
}

int RunDaemon(const DaemonOptions& options, const Clock& clock, const ServiceManager& manager) {
  // Never destroyed: threads of libmilter, or one that hangs in a sink, may still use it when the
  // process ends.
  static Daemon* const daemon = new Daemon(options, clock, manager);
  return daemon->Run();
}

}  // namespace mxward
