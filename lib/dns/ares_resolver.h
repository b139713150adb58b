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
#include "dns/server_health.h"

namespace mxward::dns {

// One DNS server, for people.
struct ServerStatus {
  std::string address;  // "127.0.0.1:53"
  ServerState state = ServerState::kUp;
  std::string reason;          // why it is not up: "no answer to 3 probes in a row"
  WallTime since{};            // of the state
  std::uint64_t failures = 0;  // no answer, unreachable, or an error as the answer
  Millis latency{};            // of its last answer
};

// The resolver: c-ares and one thread with a libevent loop.
//
// Threads. GetCached(), Ask(), Wait(), SetConfig() and stats() may be called from any. Callbacks
// run on the resolver's thread, or within Ask() when the answer is in the cache or cannot be had
// (too many questions, not started, stopped). No lock is held while one runs, and what it throws is
// counted and logged, nothing more. A callback that does not return stops all DNS.
//
// Servers. The first one that is up is asked; after a third of the deadline, or at once when it
// answers with an error or is unreachable, the next one is; then those that are failing. A server
// that is down is asked only when all are. Probes alone decide which state a server is in
// (ServerHealth). While none is up questions are asked all the same, but get kShortWait at most, so
// that nobody waits long for nothing. Every change of a state is logged.
//
// Our own zones come first. Of what may be under way, at once and at a server, a quarter is kept
// for questions below the zones of SetLists(): names that strangers choose cannot use it up.
//
// Bursts. At most so many questions are sent to one server at a time as its socket buffer holds for
// certain (Pacer); the others wait for their turn, or for the next server. Who gets none, or one
// too late, gets an answer with not_queried.
//
// Failure. Each callback comes exactly once and within the deadline: kFailed then, and also when
// the resolver stops. When nothing at all has come from a server since the question was sent, and
// while none is up, nobody was asked as far as the name is concerned (Answer::not_queried). A
// failure is never cached. A question that nobody waits for any more goes on until a little over
// twice the deadline after it was sent, and what comes then fills the cache.
class AresResolver final : public Resolver {
 public:
  struct Stats {
    std::uint64_t asked = 0;
    std::uint64_t from_cache = 0;
    std::uint64_t joined = 0;       // to an equal question under way
    std::uint64_t refused = 0;      // because too many were under way
    std::uint64_t failures = 0;     // answers of kFailed, for whatever reason
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
  ~AresResolver() override;  // Stop(), without limit

  // Begins the thread. Fails on a server address that is none.
  Result<void> Start();
  // Fails what is under way and ends the thread; at most `limit`. False when a callback still ran:
  // the thread goes on. Idempotent.
  bool Stop(Millis limit);

  static constexpr Millis kShortWait{100};

  // The lists that are asked from now on. Their zones are ours; servers are probed by their SOA.
  // They may hold a secret, and are shown nowhere.
  void SetLists(const std::vector<DnsblConfig>& lists);
  // From now on, for questions not yet asked. Servers that stay keep what is known of them, and the
  // cache what is in it.
  void SetConfig(const DnsConfig& config);

  AnswerPtr GetCached(const Question& question) override;
  void Ask(const Question& question, Freshness freshness, Callback callback) override;
  bool Wait(Progress& progress, std::uint64_t seen, MonoTime until) override;
  bool IsWell() const override;

  Stats stats() const;

 private:
  class Loop;
  const std::unique_ptr<Loop> loop_;
};

}  // namespace mxward::dns
