// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "config/listen_address.h"
#include "engine/engine.h"
#include "milter/self_connect.h"
#include "milter/socket_file.h"

namespace mxward {

// Between libmilter and the engine: translates, and holds no policy. libmilter calls back without
// saying for whom, so there can be one adapter in a process.
//
// Callbacks run on libmilter's threads, those of one connection one after the other but each
// perhaps on another thread; none lets an exception out, and whatever goes wrong in one answers by
// on_failure.
class MilterAdapter {
 public:
  struct Options {
    ListenAddress listen;
    std::uint32_t socket_mode = 0660;
    std::string socket_group;  // empty: as the directory gives it
  };
  explicit MilterAdapter(Options options);
  MilterAdapter(const MilterAdapter&) = delete;
  MilterAdapter& operator=(const MilterAdapter&) = delete;

  // Makes the socket; from here on the MTA can connect and waits. kUnavailable: another instance
  // serves it.
  Result<void> Open();
  // Serves until Stop(), or until libmilter itself takes a SIGTERM, SIGINT or SIGHUP and notices it
  // within five seconds. False when libmilter could not run. The engine outlives the process's last
  // callback: see Drain().
  void Run(Engine& engine);
  // From another thread: from then on libmilter takes no command any more. Waits a second at most
  // for Run() to return, which it may not do for another five, or ever.
  void Stop();
  // After Stop(): waits for recipients that are still being decided. False when some were left.
  bool Drain(Millis limit);
  // Removes a unix socket.
  void RemoveSocket();
  // Of a unix socket, from Open() on; else it is always there.
  SocketFile::State LookAtSocket() const;

  std::int64_t sessions() const { return sessions_.load(std::memory_order_relaxed); }
  // Callbacks that have ended since the start, whatever for.
  std::uint64_t finished() const { return finished_.load(std::memory_order_relaxed); }
  // REQUIRES: Open()
  const SelfConnect& self_connect() const { return *self_connect_; }

 private:
  friend struct MilterCallbacks;

  // Set by Run(), before the first callback.
  Engine* engine_ = nullptr;
  std::int64_t descriptor_limit_ = 0;
  Options options_;
  std::optional<SocketFile> socket_file_;    // of a unix socket, from Open() on
  std::atomic<std::int64_t> sessions_{0};    // that the MTA has open, judged or not
  std::optional<SelfConnect> self_connect_;  // from Open() on
  std::atomic<bool> stopping_{false};
  std::atomic<bool> ended_{false};
  std::atomic<int> deciding_{0};  // recipients, at this moment
  std::atomic<std::uint64_t> finished_{0};
  OncePerMinute log_failure_;
  OncePerMinute log_over_limit_;
};

}  // namespace mxward
