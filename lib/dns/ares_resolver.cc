// SPDX-License-Identifier: Apache-2.0
#include "dns/ares_resolver.h"

#include <ares.h>
#include <event2/event.h>
#include <event2/thread.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <optional>
#include <set>
#include <utility>

#include "base/mutex.h"
#include "base/thread.h"
#include "dns/answer_cache.h"
#include "dns/event_handles.h"
#include "dns/query_manager.h"
#include "dns/resolv_conf.h"

namespace mxward::dns {
namespace {

// How long the loop sleeps while there is nothing to do, and how often it looks at resolv.conf.
constexpr Millis kIdleTick{2000};
constexpr Millis kResolvConfInterval{2000};
// Of max_outstanding: what may wait for the loop to take it. It takes all that is there at once.
constexpr std::size_t kQueueShare = 4;

Result<std::vector<ServerAddress>> ParseServers(const std::vector<std::string>& texts) {
  std::vector<ServerAddress> servers;
  for (const std::string& text : texts) {
    auto server = ParseServerAddress(text);
    if (!server) return Fail("dns.servers", server.error());
    servers.push_back(*server);
  }
  return servers;
}

std::size_t AtLeastNothing(std::int64_t number) {
  return static_cast<std::size_t>(std::max<std::int64_t>(number, 0));
}

}  // namespace

// Everything the thread touches.
class AresResolver::Loop {
 public:
  Loop(const Clock& clock, Log& log, const DnsConfig& config, std::string resolv_conf)
      : clock_(clock),
        log_(log),
        cache_(AtLeastNothing(config.cache_entries)),
        runner_(clock, log),
        resolv_conf_(std::move(resolv_conf)),
        config_(config) {}

  Result<void> Prepare();
  AnswerPtr GetCached(const Question& question);
  void Ask(const Question& question, Freshness freshness, Callback callback);
  void SetConfig(const DnsConfig& config);
  void SetZones(std::vector<std::string> zones);
  void Start() {
    thread_.Start([this] { Run(); });
  }
  void AskToStop();
  bool Stop(Millis limit);
  Stats stats() const;
  MonoTime now() const { return clock_.Monotonic(); }

 private:
  static void OnWake(int fd, short what, void* self) noexcept;
  static void OnTick(int fd, short what, void* self) noexcept;
  void Run() noexcept;
  template <class Work>
  void Guard(const char* what, Work work) noexcept;
  void Wake() { event_active(wake_.get(), EV_TIMEOUT, 0); }
  void TakeQueue();
  void Tick();
  void ScheduleTick();
  void Configure(const DnsConfig& config);
  void LookAtResolvConf();
  void UseServers(const std::vector<ServerAddress>& servers, std::string_view source);
  void FailAtOnce(const Callback& callback, const std::string& reason);

  const Clock& clock_;
  Log& log_;
  AnswerCache cache_;
  CallbackRunner runner_;
  Counter asked_;
  Counter from_cache_;
  Counter overflows_;

  // On the loop's thread only, once it runs. Destroyed from the last to the first.
  EventBase base_;
  Event wake_;
  Event tick_;
  std::unique_ptr<QueryManager> lookups_;
  ResolvConf resolv_conf_;
  DnsConfig current_;
  std::vector<ServerAddress> servers_;
  MonoTime next_look_{};
  bool fast_ = false;

  mutable Mutex mutex_;
  std::vector<QueryManager::Request> queue_ MXWARD_GUARDED_BY(mutex_);
  std::optional<DnsConfig> new_config_ MXWARD_GUARDED_BY(mutex_);
  std::optional<std::vector<std::string>> new_zones_ MXWARD_GUARDED_BY(mutex_);
  DnsConfig config_ MXWARD_GUARDED_BY(mutex_);
  bool running_ MXWARD_GUARDED_BY(mutex_) = false;
  bool stop_ MXWARD_GUARDED_BY(mutex_) = false;

  Thread thread_;
};

Result<void> AresResolver::Loop::Prepare() {
  DnsConfig config;
  {
    const MutexLock lock(mutex_);
    config = config_;
  }
  MXWARD_TRY(ParseServers(config.servers));
  if (evthread_use_pthreads() != 0) return Fail(ErrorCode::kInternal, "libevent: no threads");
  if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
    return Fail(ErrorCode::kInternal, "c-ares cannot be initialised");
  }
  base_.reset(event_base_new());
  if (base_ == nullptr) return Fail(ErrorCode::kIo, "libevent: no event loop");
  wake_.reset(event_new(base_.get(), -1, 0, &OnWake, this));
  tick_.reset(event_new(base_.get(), -1, 0, &OnTick, this));
  if (wake_ == nullptr || tick_ == nullptr) return Fail(ErrorCode::kIo, "libevent: no timer");
  lookups_ = std::make_unique<QueryManager>(clock_, log_, cache_, runner_, base_.get());
  Configure(config);
  ScheduleTick();
  const MutexLock lock(mutex_);
  if (new_zones_) lookups_->SetZones(*std::exchange(new_zones_, std::nullopt));
  running_ = true;
  return {};
}

void AresResolver::Loop::Run() noexcept {
  // Signals are for others; and a server that closes a TCP connection is no reason to die.
  sigset_t signals;
  sigfillset(&signals);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  event_base_loop(base_.get(), EVLOOP_NO_EXIT_ON_EMPTY);
  Guard("the last answers", [this] {
    TakeQueue();
    lookups_->End("the resolver has stopped");
  });
  tick_.reset();
  // libevent lets go of what has just been freed on its next round.
  event_base_loop(base_.get(), EVLOOP_NONBLOCK);
  ares_library_cleanup();
}

template <class Work>
void AresResolver::Loop::Guard(const char* what, Work work) noexcept {
  try {
    work();
  } catch (const std::exception& error) {
    log_.Error(std::string("dns: ") + what + ": " + error.what());
  } catch (...) {
    log_.Error(std::string("dns: ") + what + " failed");
  }
}

AnswerPtr AresResolver::Loop::GetCached(const Question& question) {
  AnswerPtr known = cache_.Find(question, clock_.Monotonic());
  if (known == nullptr) return nullptr;
  asked_.Add();
  from_cache_.Add();
  return known;
}

void AresResolver::Loop::Ask(const Question& question, Freshness freshness, Callback callback) {
  asked_.Add();
  const MonoTime now = clock_.Monotonic();
  if (freshness == Freshness::kCached) {
    if (const AnswerPtr known = cache_.Find(question, now)) {
      from_cache_.Add();
      runner_.Tell(callback, known, /*from_cache=*/true);
      return;
    }
  }
  const char* refusal = nullptr;
  {
    const MutexLock lock(mutex_);
    if (!running_ || stop_) {
      refusal = "the resolver does not run";
    } else if (queue_.size() >= kQueueShare * AtLeastNothing(config_.max_outstanding)) {
      refusal = "too many questions under way";
      overflows_.Add();
    } else {
      if (queue_.empty()) Wake();
      queue_.push_back({question, std::move(callback), now});
      return;
    }
  }
  FailAtOnce(callback, refusal);
}

void AresResolver::Loop::FailAtOnce(const Callback& callback, const std::string& reason) {
  auto answer = std::make_shared<Answer>();
  answer->failure = reason;
  answer->not_queried = true;
  answer->answered = clock_.Monotonic();
  runner_.Tell(callback, answer, /*from_cache=*/false);
}

void AresResolver::Loop::SetConfig(const DnsConfig& config) {
  cache_.SetMaxEntries(AtLeastNothing(config.cache_entries));
  const MutexLock lock(mutex_);
  config_ = config;
  if (!running_ || stop_) return;
  new_config_ = config;
  Wake();
}

void AresResolver::Loop::SetZones(std::vector<std::string> zones) {
  const MutexLock lock(mutex_);
  new_zones_ = std::move(zones);
  if (running_ && !stop_) Wake();
}

void AresResolver::Loop::AskToStop() {
  if (!thread_.joinable()) return;
  const MutexLock lock(mutex_);
  stop_ = true;
  Wake();
}

bool AresResolver::Loop::Stop(Millis limit) {
  AskToStop();
  return thread_.Join(limit);
}

void AresResolver::Loop::OnWake(int /*fd*/, short /*what*/, void* self) noexcept {
  auto* loop = static_cast<Loop*>(self);
  std::optional<DnsConfig> config;
  std::optional<std::vector<std::string>> zones;
  {
    const MutexLock lock(loop->mutex_);
    if (loop->stop_) {
      event_base_loopbreak(loop->base_.get());
      return;
    }
    config = std::exchange(loop->new_config_, std::nullopt);
    zones = std::exchange(loop->new_zones_, std::nullopt);
  }
  loop->Guard("questions", [&] {
    if (zones) loop->lookups_->SetZones(*std::move(zones));
    if (config) loop->Configure(*config);
    loop->TakeQueue();
    if (!loop->fast_) loop->ScheduleTick();
  });
}

void AresResolver::Loop::TakeQueue() {
  std::vector<QueryManager::Request> requests;
  {
    const MutexLock lock(mutex_);
    requests.swap(queue_);
  }
  for (QueryManager::Request& request : requests) lookups_->Ask(std::move(request));
}

void AresResolver::Loop::OnTick(int /*fd*/, short /*what*/, void* self) noexcept {
  auto* loop = static_cast<Loop*>(self);
  loop->Guard("timers", [loop] { loop->Tick(); });
  loop->ScheduleTick();
}

void AresResolver::Loop::Tick() {
  // Should a wake-up have been lost.
  TakeQueue();
  if (clock_.Monotonic() >= next_look_) LookAtResolvConf();
  lookups_->Tick();
}

void AresResolver::Loop::ScheduleTick() {
  fast_ = lookups_->busy();
  const timeval pause = ToTimeval(fast_ ? QueryManager::kTick : kIdleTick);
  event_add(tick_.get(), &pause);
}

void AresResolver::Loop::Configure(const DnsConfig& config) {
  current_ = config;
  resolv_conf_.Forget();
  if (config.servers.empty()) {
    LookAtResolvConf();
    return;
  }
  const auto servers = ParseServers(config.servers);
  if (servers) {
    UseServers(*servers, "dns.servers");
  } else {
    log_.Error(servers.error().message + "; the servers stay as they are");
    UseServers(std::vector(servers_), "");
  }
}

void AresResolver::Loop::LookAtResolvConf() {
  next_look_ = clock_.Monotonic() + kResolvConfInterval;
  if (!current_.servers.empty()) return;
  const auto found = resolv_conf_.Changed();
  if (!found) return;
  UseServers(found->servers, resolv_conf_.path());
  for (const std::string& server : found->unusable) {
    log_.Warning("dns: the name server " + server + " of " + resolv_conf_.path() +
                 " is not asked: its address has a zone, which is not supported; set dns.servers "
                 "to another address of it");
  }
}

void AresResolver::Loop::UseServers(const std::vector<ServerAddress>& servers,
                                    std::string_view source) {
  lookups_->SetServers(servers, {current_.deadline, AtLeastNothing(current_.max_outstanding)});
  if (servers == servers_) return;
  servers_ = servers;
  std::string names;
  for (const ServerAddress& server : servers) {
    names += (names.empty() ? "" : ", ") + server.ToString();
  }
  log_.Info("dns: asking " + names + " (" + std::string(source) + ")");
}

AresResolver::Stats AresResolver::Loop::stats() const {
  Stats stats;
  stats.asked = asked_.value();
  stats.from_cache = from_cache_.value();
  stats.failures = runner_.failures();
  stats.callback_errors = runner_.errors();
  stats.cache_entries = cache_.entries();
  stats.cache_bytes = cache_.bytes();
  stats.refused = overflows_.value();
  {
    const MutexLock lock(mutex_);
    if (!running_) return stats;
  }
  stats.joined = lookups_->joined();
  stats.refused += lookups_->refused();
  stats.late = lookups_->late();
  stats.outstanding = lookups_->outstanding();
  stats.servers = lookups_->servers();
  return stats;
}

bool AresResolver::IsWell() const {
  const std::vector<ServerStatus> servers = stats().servers;
  return std::any_of(servers.begin(), servers.end(),
                     [](const ServerStatus& server) { return server.state == ServerState::kUp; });
}

AresResolver::AresResolver(const Clock& clock, Log& log, const DnsConfig& config,
                           std::string resolv_conf)
    : loop_(std::make_unique<Loop>(clock, log, config, std::move(resolv_conf))) {}

AresResolver::~AresResolver() { loop_->AskToStop(); }

Result<void> AresResolver::Start() {
  MXWARD_TRY(loop_->Prepare());
  loop_->Start();
  return {};
}

bool AresResolver::Stop(Millis limit) { return loop_->Stop(limit); }

void AresResolver::SetConfig(const DnsConfig& config) { loop_->SetConfig(config); }

void AresResolver::SetLists(const std::vector<DnsblConfig>& lists) {
  std::set<std::string> zones;
  for (const DnsblConfig& list : lists) zones.insert(list.zone);
  loop_->SetZones({zones.begin(), zones.end()});
}

AnswerPtr AresResolver::GetCached(const Question& question) { return loop_->GetCached(question); }

void AresResolver::Ask(const Question& question, Freshness freshness, Callback callback) {
  loop_->Ask(question, freshness, std::move(callback));
}

bool AresResolver::Wait(Progress& progress, std::uint64_t seen, MonoTime until) {
  const auto left = std::chrono::ceil<Millis>(until - loop_->now());
  return progress.WaitPast(seen, std::max(left, Millis(0)));
}

AresResolver::Stats AresResolver::stats() const { return loop_->stats(); }

}  // namespace mxward::dns
