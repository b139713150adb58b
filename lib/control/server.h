// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "control/listener.h"
#include "control/message.h"

namespace mxward::control {

// Serves the API over HTTP on a unix socket, on a thread and an event loop (libevent) of its own.
//
// Clients are identified before a byte of theirs is read: all but root, the daemon's own user,
// the members of the socket's group and those of its read group get 403. A connection carries one
// request and ends after Limits::deadline at the latest, whether its client sends or reads slowly
// or not at all. Of Limits::connections no user holds more than a quarter, and all who get 403 hold
// no more than that together; further ones are turned away with 503, but root and the daemon's own
// user always get in (Acceptor::Options).
//
// The handler and the timers' work run on the loop's thread, one after the other. Requests that
// wait for somebody else (see HandleOnWorkers) are handled on threads of their own, so that they
// hold up nobody.
//
// (libevent's evhttp cannot do that: it takes any number of connections, shows their peers only
// once a request has been read, and restarts its timeout with every byte.)
class Server {
 public:
  struct Limits {
    std::size_t connections = 32;
    Millis deadline{10000};
    std::size_t workers = 4;  // requests handled on workers at a time; further ones get 503
  };

  // `log` outlives the server.
  Server(UnixListener listener, Handler handler, Log& log)
      : Server(std::move(listener), std::move(handler), log, Limits()) {}
  Server(UnixListener listener, Handler handler, Log& log, Limits limits);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();  // Stop(), without limit

  // Runs `work` on the loop's thread again and again, for the first time after `interval`. An
  // exception it throws is logged. REQUIRES: before Start()
  void Every(Millis interval, std::function<void()> work);

  // Serves another socket as well, with a separate handler and limits:
  // what it is asked costs the control socket no connection. There a further connection than
  // Limits::connections closes the one that has been open the longest. REQUIRES: before Start()
  void Listen(TcpListener listener, Handler handler, Limits limits);

  // Requests of which `is_slow` is true are handed to the handler on a thread of their own, several
  // at a time; is_slow itself runs on the loop's thread. The answer of one that takes longer than
  // Limits::deadline reaches nobody. REQUIRES: before Start()
  void HandleOnWorkers(std::function<bool(const Request&)> is_slow);

  Result<void> Start();
  // Closes all connections, ends the thread and removes the socket; at most `limit`. False when the
  // handler still ran, on the loop's thread or on a worker: it goes on. Idempotent.
  bool Stop(Millis limit);

 private:
  class Loop;
  const std::unique_ptr<Loop> loop_;
};

}  // namespace mxward::control
