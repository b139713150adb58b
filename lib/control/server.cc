// SPDX-License-Identifier: Apache-2.0
#include "control/server.h"

#include <event2/listener.h>
#include <event2/thread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "control/connection.h"
#include "control/workers.h"
#include "dns/event_handles.h"

namespace mxward::control {
namespace {

constexpr Millis kPauseAfterError{1000};

// Closes a descriptor unless somebody took it.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

struct ListenerDeleter {
  void operator()(evconnlistener* listener) const { evconnlistener_free(listener); }
};

}  // namespace

// Everything the thread touches.
class Server::Loop final : public Connection::Owner, public std::enable_shared_from_this<Loop> {
 public:
  Loop(UnixListener listener, Handler handler, Log& log, Limits limits)
      : listener_(std::move(listener)),
        handler_(std::move(handler)),
        log_(log),
        limits_(limits),
        workers_(limits.aside) {}

  void Every(Millis interval, std::function<void()> work) {
    timers_.push_back(std::make_unique<Timer>(*this, interval, std::move(work)));
  }
  void HandleAside(std::function<bool(const Request&)> is_slow) { is_slow_ = std::move(is_slow); }

  Result<void> Prepare();
  void Run() noexcept;
  // From another thread.
  void AskToStop() { event_active(stop_.get(), EV_TIMEOUT, 0); }
  bool AwaitEnd(Millis limit) {
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, limit, [this] { return done_; });
  }
  bool AwaitWorkers(Millis limit) { return workers_.AwaitEnd(limit); }

  std::thread thread;

 private:
  struct Timer {
    Timer(Loop& loop, Millis interval, std::function<void()> work)
        : owner(loop), period(interval), task(std::move(work)) {}
    Loop& owner;
    Millis period;
    std::function<void()> task;
    dns::Event handle;
  };
  // The answer of a worker, and for whom it is.
  struct LateAnswer {
    std::uint64_t ticket = 0;
    Response response;
  };

  static void OnAccept(evconnlistener* listener, int fd, sockaddr* address, int length,
                       void* self) noexcept;
  static void OnAcceptError(evconnlistener* listener, void* self) noexcept;
  static void OnResume(int fd, short what, void* self) noexcept;
  static void OnTimer(int fd, short what, void* timer) noexcept;
  static void OnStop(int fd, short what, void* self) noexcept;
  static void OnLateAnswers(int fd, short what, void* self) noexcept;

  void Accept(Descriptor fd);
  std::optional<Response> Ask(Connection& connection, const Request& request) noexcept override;
  std::optional<Response> AskAside(Connection& connection, const Request& request);
  Response Handle(const Request& request);
  // From a worker.
  void Post(LateAnswer answer) noexcept;
  void DeliverLateAnswers() noexcept;
  void Over(Connection* connection) noexcept override;

  UnixListener listener_;
  Handler handler_;
  std::function<bool(const Request&)> is_slow_;
  Log& log_;
  const Limits limits_;
  Workers workers_;
  uid_t own_user_ = 0;
  OncePerMinute log_accept_error_;
  RealClock clock_;
  // Destroyed from the last to the first: what hangs on the base goes before it.
  dns::EventBase base_;
  dns::Event stop_;
  dns::Event late_;  // there are late answers; stays as long as a worker could post one
  dns::Event resume_;
  std::unique_ptr<evconnlistener, ListenerDeleter> accepting_;
  std::vector<std::unique_ptr<Timer>> timers_;
  std::vector<std::unique_ptr<Connection>> connections_;
  // By ticket, a number that is never used again: a connection that is over may leave its place in
  // memory to another one.
  std::map<std::uint64_t, Connection*> awaiting_;
  std::uint64_t last_ticket_ = 0;

  std::mutex mutex_;
  std::vector<LateAnswer> late_answers_;  // guarded by mutex_
  std::condition_variable ended_;
  bool done_ = false;  // guarded by mutex_
};

Result<void> Server::Loop::Prepare() {
  own_user_ = geteuid();
  if (evthread_use_pthreads() != 0) return Fail(ErrorCode::kInternal, "libevent: no threads");
  base_.reset(event_base_new());
  if (base_ == nullptr) return Fail(ErrorCode::kIo, "libevent: no event loop");
  stop_.reset(event_new(base_.get(), -1, 0, &OnStop, this));
  late_.reset(event_new(base_.get(), -1, 0, &OnLateAnswers, this));
  resume_.reset(event_new(base_.get(), -1, 0, &OnResume, this));
  accepting_.reset(evconnlistener_new(base_.get(), &OnAccept, this, LEV_OPT_CLOSE_ON_EXEC,
                                      /*backlog=*/0, listener_.fd()));
  if (stop_ == nullptr || late_ == nullptr || resume_ == nullptr || accepting_ == nullptr) {
    return Fail(ErrorCode::kIo, listener_.path() + ": libevent cannot listen");
  }
  evconnlistener_set_error_cb(accepting_.get(), &OnAcceptError);
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
  connections_.clear();
  accepting_.reset();
  resume_.reset();
  timers_.clear();
  // libevent closes what was freed just now on its next round.
  event_base_loop(base_.get(), EVLOOP_NONBLOCK);
  listener_.Close();
  const std::lock_guard lock(mutex_);
  done_ = true;
  ended_.notify_all();
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

void Server::Loop::OnAccept(evconnlistener* /*listener*/, int fd, sockaddr* /*address*/,
                            int /*length*/, void* self) noexcept {
  try {
    static_cast<Loop*>(self)->Accept(Descriptor(fd));
  } catch (...) {
    // Out of memory: the client finds its connection closed, or nothing happening on it.
  }
}

// Without a pause the loop would spin: with no descriptor left, the socket stays readable.
void Server::Loop::OnAcceptError(evconnlistener* listener, void* self) noexcept {
  auto* loop = static_cast<Loop*>(self);
  const std::string reason = std::strerror(errno);
  evconnlistener_disable(listener);
  const timeval pause = dns::ToTimeval(kPauseAfterError);
  event_add(loop->resume_.get(), &pause);
  std::uint64_t skipped = 0;
  if (loop->log_accept_error_.Allow(loop->clock_.Monotonic(), &skipped)) {
    loop->log_.Warning("control: cannot take a connection: " + reason);
  }
}

void Server::Loop::OnResume(int /*fd*/, short /*what*/, void* self) noexcept {
  evconnlistener_enable(static_cast<Loop*>(self)->accepting_.get());
}

void Server::Loop::Accept(Descriptor fd) {
  if (connections_.size() >= limits_.connections) {
    // Best effort: nothing of the server is spent on it.
    const std::string text = FormatHttp(
        ErrorResponse(503, "busy", "too many connections to the control socket; try again"));
    send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return;
  }
  const auto peer = PeerOf(fd.get());
  const gid_t socket_group = listener_.group();
  std::optional<Response> refusal;
  if (!peer || !MayControl(*peer, own_user_, socket_group)) {
    refusal = ErrorResponse(403, "forbidden",
                            "only root, the daemon's user and members of the group of the socket "
                            "may use it (group " +
                                std::to_string(socket_group) + ")");
  }
  connections_.push_back(std::make_unique<Connection>(*this, base_.get()));
  connections_.back()->Begin(fd.Release(), peer ? "uid " + std::to_string(peer->uid) : "", refusal,
                             limits_.deadline);
}

Response Server::Loop::Handle(const Request& request) {
  try {
    return handler_(request);
  } catch (const std::exception& exception) {
    return ErrorResponse(500, "internal", exception.what());
  }
}

std::optional<Response> Server::Loop::Ask(Connection& connection, const Request& request) noexcept {
  try {
    return is_slow_ && is_slow_(request) ? AskAside(connection, request) : Handle(request);
  } catch (const std::exception& exception) {
    return ErrorResponse(500, "internal", exception.what());
  }
}

std::optional<Response> Server::Loop::AskAside(Connection& connection, const Request& request) {
  const std::uint64_t ticket = ++last_ticket_;
  const bool started = workers_.Start([loop = shared_from_this(), request, ticket]() noexcept {
    loop->Post({ticket, loop->Handle(request)});
  });
  if (!started) {
    return ErrorResponse(503, "busy", "too many requests of this kind are under way; try again");
  }
  awaiting_.emplace(ticket, &connection);
  return std::nullopt;
}

void Server::Loop::Post(LateAnswer answer) noexcept {
  try {
    const std::lock_guard lock(mutex_);
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
    const std::lock_guard lock(mutex_);
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
      Over(connection);  // out of memory: nothing can be said
    }
  }
}

void Server::Loop::Over(Connection* connection) noexcept {
  std::erase_if(awaiting_, [&](const auto& one) { return one.second == connection; });
  const auto found = std::find_if(connections_.begin(), connections_.end(),
                                  [&](const auto& one) { return one.get() == connection; });
  if (found != connections_.end()) connections_.erase(found);
}

Server::Server(UnixListener listener, Handler handler, Log& log, Limits limits)
    : loop_(std::make_shared<Loop>(std::move(listener), std::move(handler), log, limits)) {}

Server::~Server() { Stop(Millis(3000)); }

void Server::Every(Millis interval, std::function<void()> work) {
  loop_->Every(interval, std::move(work));
}

void Server::HandleAside(std::function<bool(const Request&)> is_slow) {
  loop_->HandleAside(std::move(is_slow));
}

Result<void> Server::Start() {
  if (auto prepared = loop_->Prepare(); !prepared) return prepared;
  loop_->thread = std::thread([loop = loop_] { loop->Run(); });
  return {};
}

bool Server::Stop(Millis limit) {
  if (!loop_->thread.joinable()) return true;
  const RealClock clock;
  const MonoTime end = clock.Monotonic() + limit;
  loop_->AskToStop();
  if (!loop_->AwaitEnd(limit)) {
    loop_->thread.detach();
    return false;
  }
  loop_->thread.join();
  return loop_->AwaitWorkers(std::chrono::ceil<Millis>(end - clock.Monotonic()));
}

}  // namespace mxward::control
