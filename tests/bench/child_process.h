// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace mxward {

struct ProcessMemory {
  std::uint64_t rss_kib = 0;
  std::uint64_t anon_kib = 0;  // private, not backed by a file: RssAnon
};

// A program started by the benchmark, and what it costs. Killed when destroyed, and by the kernel
// should the benchmark itself die. Not thread-safe.
class ChildProcess {
 public:
  // Standard input is empty; standard output and error are appended to the log file. With a user,
  // and as root, it runs as that user.
  static Result<std::unique_ptr<ChildProcess>> Start(const std::vector<std::string>& arguments,
                                                     const std::string& log,
                                                     const std::string& user = "");
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  bool Running();
  // User and system time of all its threads, those that have ended included; exact, not in ticks.
  std::chrono::nanoseconds CpuTime() const;
  ProcessMemory Memory() const;
  // SIGTERM, then SIGKILL when it has not ended in time. True if it ended by itself.
  bool Stop(std::chrono::milliseconds timeout);
  void Kill();
  // Holds it still, and lets it go on. What is sent to it in between waits in its sockets.
  void Pause();
  void Resume();

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}

  pid_t pid_;
  bool running_ = true;
};

// Until the filter on the unix socket negotiates, or has ended, or the time is up.
Result<void> AwaitFilter(ChildProcess& process, const std::string& socket,
                         std::chrono::milliseconds timeout);

// Returns when the process has used next to no CPU time for a few milliseconds, at the latest
// after a second: what it owes to earlier sessions is done.
void AwaitQuiet(const ChildProcess& process);

}  // namespace mxward
