// SPDX-License-Identifier: Apache-2.0
#include "control/acceptor.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>

#include "base/descriptor.h"

namespace mxward::control {
namespace {

constexpr Millis kPauseAfterError{1000};

}  // namespace

Acceptor::Acceptor(Options options, Calls calls, Log& log)
    : options_(std::move(options)), calls_(std::move(calls)), log_(log) {}

Result<void> Acceptor::Open(event_base* base, int fd) {
  base_ = base;
  resume_.reset(event_new(base, -1, 0, &OnResume, this));
  accepting_.reset(
      evconnlistener_new(base, &OnAccept, this, LEV_OPT_CLOSE_ON_EXEC, /*backlog=*/0, fd));
  if (resume_ == nullptr || accepting_ == nullptr) {
    return Fail(ErrorCode::kIo, options_.name + ": libevent cannot listen");
  }
  evconnlistener_set_error_cb(accepting_.get(), &OnAcceptError);
  return {};
}

void Acceptor::Close() {
  connections_.clear();
  accepting_.reset();
  resume_.reset();
}

void Acceptor::OnAccept(evconnlistener* /*listener*/, int fd, sockaddr* /*address*/, int /*length*/,
                        void* self) noexcept {
  try {
    static_cast<Acceptor*>(self)->Accept(fd);
  } catch (...) {
    // Out of memory: the client finds its connection closed, or nothing happening on it.
  }
}

// Without a pause the loop would spin: with no descriptor left, the socket stays readable.
void Acceptor::OnAcceptError(evconnlistener* listener, void* self) noexcept {
  auto* acceptor = static_cast<Acceptor*>(self);
  const std::string reason = std::strerror(errno);
  evconnlistener_disable(listener);
  const timeval pause = dns::ToTimeval(kPauseAfterError);
  event_add(acceptor->resume_.get(), &pause);
  std::uint64_t skipped = 0;
  if (acceptor->log_accept_error_.Allow(acceptor->clock_.Monotonic(), &skipped)) {
    acceptor->log_.Warning(acceptor->options_.name + ": cannot accept a connection: " + reason);
  }
}

void Acceptor::OnResume(int /*fd*/, short /*what*/, void* self) noexcept {
  evconnlistener_enable(static_cast<Acceptor*>(self)->accepting_.get());
}

std::size_t Acceptor::CountOf(std::uint64_t holder) const {
  return static_cast<std::size_t>(
      std::count_if(connections_.begin(), connections_.end(),
                    [&](const auto& one) { return one->client().holder == holder; }));
}

bool Acceptor::MakeRoom(const ClientInfo& client) {
  const bool full = connections_.size() >= options_.connections;
  if (options_.oldest_gives_way) {
    if (full) OnClosed(connections_.front().get());
    return true;
  }
  if (client.role != Role::kOwner) {
    return !full && CountOf(client.holder) < std::max<std::size_t>(1, options_.connections / 4);
  }
  if (!full) return true;
  Connection* gives_way = nullptr;
  std::size_t most = 0;
  for (const auto& one : connections_) {
    if (one->client().role == Role::kOwner) continue;
    const std::size_t held = CountOf(one->client().holder);
    if (held <= most) continue;
    most = held;
    gives_way = one.get();
  }
  if (gives_way != nullptr) OnClosed(gives_way);
  return gives_way != nullptr;
}

void Acceptor::Accept(int accepted) {
  Descriptor fd(accepted);
  ClientInfo client = calls_.admit(fd.get());
  if (!MakeRoom(client)) {
    // Best effort: nothing of the server is spent on it.
    const std::string text = FormatHttp(
        client.refusal
            ? *client.refusal
            : ErrorResponse(503, "busy",
                            "too many connections to the " + options_.name + "; try again"));
    send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return;
  }
  connections_.push_back(std::make_unique<Connection>(*this, base_));
  connections_.back()->Begin(fd.Release(), std::move(client), options_.deadline);
}

std::optional<Response> Acceptor::Ask(Connection& connection, const Request& request) noexcept {
  try {
    return calls_.ask(connection, request);
  } catch (const std::exception& exception) {
    return ErrorResponse(500, "internal", exception.what());
  }
}

void Acceptor::OnClosed(Connection* connection) noexcept {
  calls_.closed(connection);
  const auto found = std::find_if(connections_.begin(), connections_.end(),
                                  [&](const auto& one) { return one.get() == connection; });
  if (found != connections_.end()) connections_.erase(found);
}

}  // namespace mxward::control
