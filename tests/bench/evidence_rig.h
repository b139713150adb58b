// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "tests/bench/bench_daemon.h"
#include "tests/bench/evidence_options.h"
#include "tests/bench/goals.h"
#include "tests/bench/milter_load.h"
#include "tests/bench/name_server.h"

namespace mxward {

// What every figure about evidence works with.
struct EvidenceRig {
  const EvidenceOptions& options;
  NameServer& dns;
  Goals& goals;
  std::uint64_t next_client = 0;  // the first of supply::kDistinct not yet used
};

inline constexpr std::chrono::milliseconds kDeadline{2000};  // dns.deadline of all daemons here

// Which lists a daemon has.
enum class Lists : std::uint8_t {
  kNone,
  kNeverAsked,  // one, of IPv6 alone: CONNECT is answered, but for our clients nothing is asked
  kEight,       // those of the name server
};

// A daemon with a store of its own in options.directory/name. apply = "suspicious", sender domains
// are not looked up; whoever is on the one list that knows somebody has 1 point, too little to be
// greylisted. So everybody passes, and nothing is written.
Result<std::unique_ptr<BenchDaemon>> StartEvidenceDaemon(const EvidenceRig& rig,
                                                         const std::string& name, Lists lists);

// A load of distinct clients, each with a question for every list that nobody asked before. The
// caller chooses connections and length, and moves rig.next_client on.
LoadSpec DistinctClients(const EvidenceRig& rig, const BenchDaemon& daemon);

// What the control socket says just now.
struct EvidenceStatus {
  std::uint64_t cache_entries = 0;
  std::uint64_t cache_bytes = 0;
  int lists_healthy = 0;
  int servers_up = 0;
};
Result<EvidenceStatus> StatusOf(const BenchDaemon& daemon);

// Until all lists have passed their self-test. Returns how long that took.
Result<std::chrono::nanoseconds> AwaitHealthy(const BenchDaemon& daemon, int lists,
                                              std::chrono::seconds timeout);

// Prints a line that says so when not all sessions passed, as the figures want it.
void PrintUnlessAllPassed(const LoadResult& result);

}  // namespace mxward
