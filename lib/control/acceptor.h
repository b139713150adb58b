// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <event2/listener.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "control/connection.h"
#include "control/message.h"
#include "dns/event_handles.h"

namespace mxward::control {

// One way into the server: accepts the connections of a listening socket, as many as are allowed,
// and keeps them. Lives on the loop's thread.
class Acceptor final : public Connection::Owner {
 public:
  struct Options {
    std::string name;  // of the socket, for the log and the answer when it is busy
    std::size_t connections = 32;
    Millis deadline{10000};  // of each connection, from its beginning
    // What happens to a further connection. True: the one that has been open the longest gives way
    // to it. False: it is turned away with 503, and so is one whose holder has a quarter of them
    // already; but the owner (Role::kOwner) always gets in, in the place of the longest open one of
    // whoever else holds most.
    bool oldest_gives_way = false;
  };
  using ClientInfo = Connection::ClientInfo;
  // All of them are called on the loop's thread.
  struct Calls {
    std::function<ClientInfo(int fd)> admit;
    // See Connection::Owner::Ask().
    std::function<std::optional<Response>(Connection&, const Request&)> ask;
    std::function<void(Connection*)> closed;
  };

  // The log outlives it.
  Acceptor(Options options, Calls calls, Log& log);

  // Begins to accept on fd, which stays whose it is and outlives the acceptor.
  Result<void> Open(event_base* base, int fd);
  // Ends all connections.
  void Close();

  // For a connection whose answer was left for later.
  void End(Connection* connection) noexcept { OnClosed(connection); }

 private:
  struct ListenerDeleter {
    void operator()(evconnlistener* listener) const { evconnlistener_free(listener); }
  };

  static void OnAccept(evconnlistener* listener, int fd, sockaddr* address, int length,
                       void* self) noexcept;
  static void OnAcceptError(evconnlistener* listener, void* self) noexcept;
  static void OnResume(int fd, short what, void* self) noexcept;

  void Accept(int fd);
  // Whether there is room for that client, or was made.
  bool MakeRoom(const ClientInfo& client);
  std::size_t CountOf(std::uint64_t holder) const;
  std::optional<Response> Ask(Connection& connection, const Request& request) noexcept override;
  void OnClosed(Connection* connection) noexcept override;

  const Options options_;
  const Calls calls_;
  Log& log_;
  OncePerMinute log_accept_error_;
  RealClock clock_;
  event_base* base_ = nullptr;
  // Destroyed from the last to the first.
  dns::Event resume_;
  std::unique_ptr<evconnlistener, ListenerDeleter> accepting_;
  std::vector<std::unique_ptr<Connection>> connections_;  // the oldest first
};

}  // namespace mxward::control
