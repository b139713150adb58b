// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "config/config.h"
#include "dns/resolver.h"

namespace mxward::dns {

// One DNS server, for people.
struct ServerStatus {
  std::string address;         // "127.0.0.1:53"
  bool up = true;              // or down: only probed
  std::string reason;          // why it is down: "no answer, 5 times in a row"
  WallTime since{};            // of being up or down
  std::uint64_t failures = 0;  // no answer, unreachable, or an error as the answer
  Millis latency{};            // of its last answer
};

// The resolver: c-ares and one thread with a libevent loop.
//
// Threads. Recall(), Ask(), Wait(), SetConfig() and stats() may be called from any. Callbacks run
// on the resolver's thread, or within Ask() when the answer is in the cache or cannot be had (all
// servers down, too many questions, not started, stopped). No lock is held while one runs, and what
// it throws is counted and logged, nothing more. A callback that does not return stops all DNS.
//
// Servers. The first one that is up is asked; after a third of the deadline, or at once when it
// answers with an error or is unreachable, the next one is. A server that is down (ServerHealth) is
// not asked but for a probe twice a second. When all are down questions fail at once. Every change
// is logged.
//
// Bursts. At most so many questions are sent to one server at a time as its socket buffer holds for
// certain (Pacer); the others wait for their turn, or for the next server. Who gets none, or one
// too late, is told that nobody was asked (Answer::unasked).
//
// Failure. Each callback comes exactly once and within the deadline: kFailed then, and also when
// the resolver stops. A failure is never cached. A question that nobody waits for any more goes
// on until a little over twice the deadline after it was sent, and what comes then fills the cache.
class AresResolver final : public Resolver {
 public:
  struct Stats {
    std::uint64_t asked = 0;
    std::uint64_t from_cache = 0;
    std::uint64_t joined = 0;       // to an equal question under way
    std::uint64_t refused = 0;      // because too many were under way
    std::uint64_t failures = 0;     // kFailed told, for whatever reason
    std::uint64_t late = 0;         // answers that nobody waited for any more
    std::uint64_t outstanding = 0;  // questions under way now
    std::uint64_t callback_errors = 0;
    std::size_t cache_entries = 0;
    std::size_t cache_bytes = 0;
    std::vector<ServerStatus> servers;
  };

  // clock and log outlive the resolver. resolv_conf: what is read while config.servers is empty.
  AresResolver(const Clock& clock, Log& log, const DnsConfig& config,
               std::string resolv_conf = "/etc/resolv.conf");
  AresResolver(const AresResolver&) = delete;
  AresResolver& operator=(const AresResolver&) = delete;
  ~AresResolver() override;  // Stop(), for three seconds

  // Begins the thread. Fails on a server address that is none.
  Result<void> Start();
  // Fails what is under way and ends the thread; at most `limit`. False when a callback still ran:
  // then the thread is left behind and must not outlive the process for long. Idempotent.
  bool Stop(Millis limit);

  // From now on, for questions not yet asked. Servers that stay keep what is known of them, and the
  // cache what is in it.
  void SetConfig(const DnsConfig& config);

  AnswerPtr Recall(const Question& question) override;
  void Ask(const Question& question, Freshness freshness, Callback callback) override;
  bool Wait(Progress& progress, std::uint64_t seen, MonoTime until) override;

  Stats stats() const;

 private:
  class Loop;
  std::shared_ptr<Loop> loop_;  // shared with the thread
};

}  // namespace mxward::dns
