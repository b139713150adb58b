// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "facts/session_facts.h"
#include "maillog/step.h"

namespace mxward::maillog {

// What one process of the mail server is doing; a process has one client at a time.
struct Process {
  std::uint64_t session = 0;  // 0: no client
  std::shared_ptr<SessionFacts> client;
  std::string helo;
  bool tls = false;
  bool silent_end = false;           // its end is not logged (Sendmail)
  std::shared_ptr<Message> message;  // the last one
  // The name of the client that connects next does not lead back.
  std::optional<SessionFacts> name_trouble;
  WallTime last{};
};

// The processes that the log is about, by host, program and pid. Bounded: those that have been
// silent for long are dropped, and when there are too many all the same, the longest silent ones.
class OpenSessions {
 public:
  // For a process with a client that is dropped.
  using Dropped = std::function<void(const Process&)>;
  explicit OpenSessions(Dropped dropped) : dropped_(std::move(dropped)) {}

  // Its process, which is made where there is none.
  Process& Get(std::uint64_t key, WallTime now);
  void DropSilent(WallTime now);
  std::size_t size() const { return processes_.size(); }

  static constexpr std::size_t kMost = 20000;
  // Postfix ends an idle session after 5 minutes; a transfer may take long.
  static constexpr std::chrono::minutes kSilence{60};
  static constexpr std::chrono::minutes kSilenceWithoutEnd{2};

 private:
  void DropSilentFor(Seconds silence, Seconds silence_without_end, WallTime now);

  Dropped dropped_;
  std::unordered_map<std::uint64_t, Process> processes_;
};

}  // namespace mxward::maillog
