// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/process_usage.h"
#include "dns/ares_resolver.h"
#include "dnsbl/list_health.h"
#include "engine/counters.h"
#include "greylist/pending_room.h"
#include "greylist/sweep.h"
#include "limits/limits.h"
#include "store/environment.h"
#include "store/writer.h"

namespace mxward::metrics {

// What became of the last attempt to read the configuration again.
struct ReloadStatus {
  bool successful = true;   // that of the start is one
  WallTime last_success{};  // since when this configuration is in force
};

// What became of the check of the database at the start.
struct StoreCheck {
  bool checking = false;      // it goes on, and nothing is greylisted
  std::string trouble;        // the database could not be opened, or the check had no end; or ""
  std::string damage;         // why the file was put aside; or ""
  std::string aside;          // its path
  std::uint64_t rescued = 0;  // records that were taken over
  bool rescued_all = false;   // as far as anybody can say
};

// What the metrics are made of, as of one moment. What is not set is left out.
struct Snapshot {
  std::string version;
  WallTime started{};
  const Counters* counters = nullptr;  // never null when rendered; outlives it
  std::optional<std::uint64_t> open_sessions;
  std::optional<bool> pool_stalled;
  bool observing = false;  // by mode, or paused
  bool paused = false;
  bool rdns_checks_suspended = false;
  bool tls_broken = false;  // at one listener at least
  std::optional<ReloadStatus> reload;
  std::optional<std::uint64_t> log_lines_dropped;
  std::optional<dns::AresResolver::Stats> dns;
  std::optional<store::ThreadedWriter::Stats> writer;
  std::optional<store::Environment::Usage> store;
  std::optional<StoreCheck> store_check;
  struct Records {
    std::uint64_t tuples = 0;
    std::uint64_t earned = 0;
    std::uint64_t clients = 0;
  };
  std::optional<Records> records;
  std::optional<greylist::Sweep::Totals> greylist;
  greylist::PendingRoom::Stats pending_room;
  std::optional<limits::Limits::Stats> limits;
  std::uint64_t history_dropped = 0;
  std::vector<dnsbl::ListStatus> lists;
  std::optional<ProcessUsage> process;
};

// All metrics, in Prometheus' text format; mxward(8) describes each. No address, no zone and no
// key is in it: what labels can hold is a fixed set of words and the names of DNS lists. Pure.
std::string Render(const Snapshot& snapshot);

}  // namespace mxward::metrics
