// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/probe/milter_client.h"
#include "tests/bench/bench_message.h"
#include "tests/bench/load_session.h"

namespace mxward {

// One run of load against one filter on a unix socket: `connections` SMTP sessions at a time, a
// new one as soon as one ends. A session is a connection of its own: negotiate, connect, helo,
// mail, every recipient, data and end of message if asked for and a recipient passed, abort, the
// next message, quit. Packets are sent as Postfix sends them: with the macros that the filter asked
// for, and those of unanswered stages held back until the next stage that is answered.
struct LoadSpec {
  std::string socket;
  int connections = 1;

  MessageLayout layout;
  // In place of the layout's: the session of a number.
  std::function<BenchSession(std::uint64_t number)> supply;
  std::uint64_t first_message = 0;
  std::uint64_t messages = 0;  // the supply: taken in order, or at random, again and again
  bool random = false;
  std::uint64_t seed = 1;       // of the messages
  std::uint64_t pick_seed = 1;  // of the random choice among them

  LoadSession::Depth depth = LoadSession::Depth::kRcpt;
  double most_a_second = 0;  // sessions begun; 0: as fast as they end

  // Zero: until every message of the supply was sent once. Otherwise sessions that end within the
  // window count; it opens after the warm-up and after as many sessions as there are connections.
  std::chrono::milliseconds window{0};
  std::chrono::milliseconds warmup{0};
  std::chrono::milliseconds limit{std::chrono::minutes(10)};  // of the whole run

  // CPU time of the filter so far; read when the window opens and when it closes.
  std::function<std::chrono::nanoseconds()> cpu_time;
  // Told of every session that ended well, if set.
  std::function<void(std::uint64_t number, const LoadSession& session)> ended;
};

struct LoadResult {
  std::uint64_t sessions = 0;  // ended well within the window
  std::uint64_t failures = 0;  // broken connections or answers, over the whole run
  std::uint64_t messages_used = 0;
  // Answers to recipients within the window.
  std::uint64_t passed = 0;
  std::uint64_t deferred = 0;
  std::uint64_t rejected = 0;
  std::chrono::nanoseconds elapsed{0};  // the window as it really was
  std::chrono::nanoseconds cpu{0};      // of the filter, in the window
  std::vector<float> rcpt_us;           // from sending RCPT to its answer
  std::vector<float> session_us;        // from connect() to close()
  std::vector<float> ended_s;           // every session that ended well: since the run began
};

// kTimeout when the limit passed, kUnavailable when the filter is not there or most sessions fail.
Result<LoadResult> RunLoad(const LoadSpec& spec);

// Connections that have said connect and helo and then nothing, until destroyed.
class IdleConnections {
 public:
  Result<void> Open(const std::string& socket, std::uint64_t count);

 private:
  std::vector<std::unique_ptr<MilterClient>> clients_;
};

}  // namespace mxward
