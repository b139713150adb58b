// SPDX-License-Identifier: Apache-2.0
#include "control/server.h"

#include <event2/thread.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <exception>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/thread.h"
#include "control/acceptor.h"
#include "control/connection.h"
#include "dns/event_handles.h"

namespace mxward::control {
namespace {

// Threads for work that waits for somebody else, so that its caller need not. A thread is there as
// long as its work. Thread-safe.
class Workers {
 public:
  // At most `limit` works run at the same time.
  explicit Workers(std::size_t limit) : limit_(limit) {}
  ~Workers();  // AwaitEnd(), without limit
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Runs `work`, which does not throw, on a thread of its own. False when too many run already or
  // no thread can be had: then it is not run.
  bool Start(std::function<void()> work);

  // Until no work runs any more, and all that ran is destroyed; at most `limit`. False: some still
  // run.
  bool AwaitEnd(Millis limit);

 private:
  struct State {
    Mutex mutex;
    CondVar ended;
    std::size_t running MXWARD_GUARDED_BY(mutex) = 0;
    void End() {
      const MutexLock lock(mutex);
      --running;
      ended.NotifyAll();
    }
  };

  const std::size_t limit_;
  std::shared_ptr<State> state_ = std::make_shared<State>();  // shared with the ends of threads
};

bool Workers::Start(std::function<void()> work) {
  {
    const MutexLock lock(state_->mutex);
    if (state_->running >= limit_) return false;
    ++state_->running;
  }
  try {
    std::thread([state = state_, task = std::move(work)]() mutable {
      task();
      // What it held is released before it counts as done: waiters may destroy things then.
      task = nullptr;
      state->End();
    }).detach();
  } catch (...) {
    state_->End();
    return false;
  }
  return true;
}

bool Workers::AwaitEnd(Millis limit) {
  State& state = *state_;
  const MutexLock lock(state.mutex);
  return state.ended.WaitFor(
      state.mutex, limit, [&state]() MXWARD_REQUIRES(state.mutex) { return state.running == 0; });
}

Workers::~Workers() {
  State& state = *state_;
  const MutexLock lock(state.mutex);
  state.ended.Wait(state.mutex,
                   [&state]() MXWARD_REQUIRES(state.mutex) { return state.running == 0; });
}

}  // namespace

// Everything the thread touches.
class Server::Loop final {
 public:
  Loop(UnixListener listener, Handler handler, Log& log, Limits limits)
      : listener_(std::move(listener)),
        handler_(std::move(handler)),
        log_(log),
        acceptor_({"control socket", limits.connections, limits.deadline, false},
                  {[this](int fd) { return Admit(fd); },
                   [this](Connection& connection, const Request& request) {
                     return Ask(connection, request);
                   },
                   [this](Connection* connection) { Forget(connection); }},
                  log),
        workers_(limits.workers) {}

  void Listen(TcpListener listener, Handler handler, Limits limits) {
    open_acceptors_.push_back(
        std::make_unique<OpenDoor>(std::move(listener), std::move(handler), limits, log_));
  }

  void Every(Millis interval, std::function<void()> work) {
    timers_.push_back(std::make_unique<Timer>(*this, interval, std::move(work)));
  }
  void HandleOnWorkers(std::function<bool(const Request&)> is_slow) {
    is_slow_ = std::move(is_slow);
  }

  Result<void> Prepare();
  void Start() {
    thread_.Start([this] { Run(); });
  }
  // From another thread.
  void AskToStop() {
    if (thread_.joinable()) event_active(stop_.get(), EV_TIMEOUT, 0);
  }
  bool Stop(Millis limit);

 private:
  struct Timer {
    Timer(Loop& loop, Millis interval, std::function<void()> work)
        : owner(loop), period(interval), task(std::move(work)) {}
    Loop& owner;
    Millis period;
    std::function<void()> task;
    dns::Event handle;
  };
  // A way in for everybody.
  struct OpenDoor {
    OpenDoor(TcpListener socket, Handler answer, Limits limits, Log& log)
        : listener(std::move(socket)),
          handler(std::move(answer)),
          acceptor(
              {listener.address().ToString(), limits.connections, limits.deadline, true},
              {[](int) { return Acceptor::ClientInfo(); },
               [this](Connection&, const Request& request) { return HandleBy(handler, request); },
               [](Connection*) {}},
              log) {}
    TcpListener listener;
    Handler handler;
    Acceptor acceptor;
  };
  // The answer of a worker, and for whom it is.
  struct LateAnswer {
    std::uint64_t ticket = 0;
    Response response;
  };

  static void OnTimer(int fd, short what, void* timer) noexcept;
  static void OnStop(int fd, short what, void* self) noexcept;
  static void OnLateAnswers(int fd, short what, void* self) noexcept;

  void Run() noexcept;
  Acceptor::ClientInfo Admit(int fd) const;
  std::optional<Response> Ask(Connection& connection, const Request& request);
  std::optional<Response> AskAside(Connection& connection, const Request& request);
  static Response HandleBy(const Handler& handler, const Request& request);
  // From a worker.
  void Post(LateAnswer answer) noexcept;
  void DeliverLateAnswers() noexcept;
  // The connection is over.
  void Forget(Connection* connection);

  UnixListener listener_;
  Handler handler_;
  std::function<bool(const Request&)> is_slow_;
  Log& log_;
  uid_t own_user_ = 0;
  // Destroyed from the last to the first: what hangs on the base goes before it.
  dns::EventBase base_;
  dns::Event stop_;
  dns::Event late_;  // there are late answers; stays as long as a worker could post one
  std::vector<std::unique_ptr<Timer>> timers_;
  Acceptor acceptor_;
  std::vector<std::unique_ptr<OpenDoor>> open_acceptors_;
  // By ticket, a number that is never used again: a connection that is over may leave its place in
  // memory to another one.
  std::map<std::uint64_t, Connection*> awaiting_;
  std::uint64_t last_ticket_ = 0;

  Mutex mutex_;
  std::vector<LateAnswer> late_answers_ MXWARD_GUARDED_BY(mutex_);

  Workers workers_;
  Thread thread_;
};

Result<void> Server::Loop::Prepare() {
  own_user_ = geteuid();
  if (evthread_use_pthreads() != 0) return Fail(ErrorCode::kInternal, "libevent: no threads");
  base_.reset(event_base_new());
  if (base_ == nullptr) return Fail(ErrorCode::kIo, "libevent: no event loop");
  stop_.reset(event_new(base_.get(), -1, 0, &OnStop, this));
  late_.reset(event_new(base_.get(), -1, 0, &OnLateAnswers, this));
  if (stop_ == nullptr || late_ == nullptr) return Fail(ErrorCode::kIo, "libevent: no events");
  if (auto opened = acceptor_.Open(base_.get(), listener_.fd()); !opened) {
    return Fail(listener_.path(), opened.error());
  }
  for (const auto& open : open_acceptors_) {
    MXWARD_TRY(open->acceptor.Open(base_.get(), open->listener.fd()));
  }
  for (const auto& timer : timers_) {
    timer->handle.reset(event_new(base_.get(), -1, EV_PERSIST, &OnTimer, timer.get()));
    const timeval period = dns::ToTimeval(timer->period);
    if (timer->handle == nullptr || event_add(timer->handle.get(), &period) != 0) {
      return Fail(ErrorCode::kIo, "libevent: no timer");
    }
  }
  return {};
}

void Server::Loop::Run() noexcept {
  // A client that goes away while it is written to is no reason to die.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  event_base_loop(base_.get(), EVLOOP_NO_EXIT_ON_EMPTY);
  awaiting_.clear();
  acceptor_.Close();
  for (const auto& open : open_acceptors_) open->acceptor.Close();
  timers_.clear();
  // libevent closes what has just been freed on its next round.
  event_base_loop(base_.get(), EVLOOP_NONBLOCK);
  listener_.Close();
  for (const auto& open : open_acceptors_) open->listener.Close();
}

bool Server::Loop::Stop(Millis limit) {
  const RealClock clock;
  const MonoTime end = clock.Monotonic() + limit;
  AskToStop();
  return thread_.Join(limit) &&
         workers_.AwaitEnd(std::chrono::ceil<Millis>(end - clock.Monotonic()));
}

void Server::Loop::OnStop(int /*fd*/, short /*what*/, void* self) noexcept {
  event_base_loopbreak(static_cast<Loop*>(self)->base_.get());
}

void Server::Loop::OnTimer(int /*fd*/, short /*what*/, void* timer) noexcept {
  auto* self = static_cast<Timer*>(timer);
  try {
    self->task();
  } catch (const std::exception& exception) {
    self->owner.log_.Error(std::string("control: a timer's work failed: ") + exception.what());
  } catch (...) {
    self->owner.log_.Error("control: a timer's work failed");
  }
}

Acceptor::ClientInfo Server::Loop::Admit(int fd) const {
  // All strangers together are one holder.
  constexpr std::uint64_t kStrangers = std::numeric_limits<std::uint64_t>::max();
  const auto peer = PeerOf(fd);
  const gid_t socket_group = listener_.group();
  const auto role =
      peer ? RoleOf(*peer, own_user_, socket_group, listener_.read_group()) : std::nullopt;
  Acceptor::ClientInfo client;
  if (peer) client.peer = "uid " + std::to_string(peer->uid);
  if (role) {
    client.role = *role;
    client.holder = peer->uid;
    return client;
  }
  client.holder = kStrangers;
  const auto read_group = listener_.read_group();
  client.refusal = ErrorResponse(
      403, "forbidden",
      "only root, the daemon's user and members of the group of the socket may use it (group " +
          std::to_string(socket_group) +
          (read_group ? ", and to read: group " + std::to_string(*read_group) : "") + ")");
  return client;
}

Response Server::Loop::HandleBy(const Handler& handler, const Request& request) {
  try {
    return handler(request);
  } catch (const std::exception& exception) {
    return ErrorResponse(500, "internal", exception.what());
  }
}

std::optional<Response> Server::Loop::Ask(Connection& connection, const Request& request) {
  return is_slow_ && is_slow_(request) ? AskAside(connection, request)
                                       : HandleBy(handler_, request);
}

std::optional<Response> Server::Loop::AskAside(Connection& connection, const Request& request) {
  const std::uint64_t ticket = ++last_ticket_;
  const bool started = workers_.Start([this, request, ticket]() noexcept {
    Post({ticket, HandleBy(handler_, request)});
  });
  if (!started) {
    return ErrorResponse(503, "busy", "too many requests of this kind are in progress; try again");
  }
  awaiting_.emplace(ticket, &connection);
  return std::nullopt;
}

void Server::Loop::Post(LateAnswer answer) noexcept {
  try {
    const MutexLock lock(mutex_);
    late_answers_.push_back(std::move(answer));
  } catch (...) {
    return;  // out of memory: the connection ends at its deadline
  }
  // Without a loop that still runs, nothing comes of it.
  event_active(late_.get(), EV_TIMEOUT, 0);
}

void Server::Loop::OnLateAnswers(int /*fd*/, short /*what*/, void* self) noexcept {
  static_cast<Loop*>(self)->DeliverLateAnswers();
}

void Server::Loop::DeliverLateAnswers() noexcept {
  std::vector<LateAnswer> answers;
  {
    const MutexLock lock(mutex_);
    answers.swap(late_answers_);
  }
  for (const LateAnswer& answer : answers) {
    const auto asker = awaiting_.find(answer.ticket);
    if (asker == awaiting_.end()) continue;  // it has gone
    Connection* connection = asker->second;
    awaiting_.erase(asker);
    try {
      connection->Answer(answer.response);
    } catch (...) {
      acceptor_.End(connection);  // out of memory: nothing can be said
    }
  }
}

void Server::Loop::Forget(Connection* connection) {
  std::erase_if(awaiting_, [&](const auto& one) { return one.second == connection; });
}

Server::Server(UnixListener listener, Handler handler, Log& log, Limits limits)
    : loop_(std::make_unique<Loop>(std::move(listener), std::move(handler), log, limits)) {}

Server::~Server() { loop_->AskToStop(); }

void Server::Every(Millis interval, std::function<void()> work) {
  loop_->Every(interval, std::move(work));
}

void Server::Listen(TcpListener listener, Handler handler, Limits limits) {
  loop_->Listen(std::move(listener), std::move(handler), limits);
}

void Server::HandleOnWorkers(std::function<bool(const Request&)> is_slow) {
  loop_->HandleOnWorkers(std::move(is_slow));
}

Result<void> Server::Start() {
  MXWARD_TRY(loop_->Prepare());
  loop_->Start();
  return {};
}

bool Server::Stop(Millis limit) { return loop_->Stop(limit); }

}  // namespace mxward::control
