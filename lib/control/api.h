// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/dump.h"
#include "control/message.h"
#include "dns/ares_resolver.h"
#include "engine/parts.h"
#include "greylist/sweep.h"
#include "metrics/snapshot.h"
#include "metrics/timeline.h"
#include "store/writer.h"

namespace mxward::control {

// What became of a reload.
struct ReloadOutcome {
  bool done = false;                  // false: the old configuration stays in force
  std::vector<std::string> problems;  // "file:line:column: message"
  std::vector<ChangedOption> changed;
};

// What the API cannot get from the engine's parts. A function that is not set makes its answer null
// (for reload: an error). Called on the thread of Handle().
struct ServiceHooks {
  std::string version;
  std::optional<WallTime> started;  // nothing: the daemon is not running, the store is only read
  std::string config_path;
  std::string listening;
  std::function<ReloadOutcome()> reload;
  std::function<greylist::Sweep::Totals()> sweep_totals;
  std::function<store::ThreadedWriter::Stats()> writer_stats;
  std::function<metrics::StoreCheck()> store_check;
  std::function<std::uint64_t()> log_dropped;
  std::function<std::uint64_t()> current_sessions;
  std::function<bool()> pool_stalled;  // libmilter answers nobody
  std::function<bool()> socket_lost;   // nobody can connect to libmilter any more
  std::function<dns::AresResolver::Stats()> dns_stats;
  std::function<metrics::ReloadStatus()> reload_status;
  std::function<metrics::Timeline::View(metrics::Timeline::Window)> timeline;
};

// The API that the command line and dashboards speak: JSON in and out, whatever carries it.
//
//   GET    /v1/status    what runs, and how the store is doing
//   GET    /v1/stats     counters since start
//   GET    /v1/overview  what the status page shows: window ("1h", "6h", "24h"); from memory
//   GET    /v1/tuples    the greylist; parameters: TupleFilter's, limit, after
//   GET    /v1/pending   those whose sender has not come back; the same parameters but state
//   GET    /v1/show      all that is known of `what`: clients, entries, earned, tuples; after
//   GET    /v1/clients   the history of clients: client (an address or prefix), sort, limit, after;
//                        with sort each slice has its own best ones, sorted
//   GET    /v1/clients/recent  the busiest of the last seconds: limit
//   GET    /v1/decisions  what was decided lately, for who follows: after, limit, client, sender,
//                        recipient, action, reason. Decisions are kept while somebody asks every
//                        few seconds, so the first answer has none; next is never null
//   GET    /v1/limits    who is near or over which limit, those that are over first: limit, after
//   POST   /v1/limits/reset    key, as shown; limit: only the one of that name
//   GET    /v1/rules     the rules in their order, and how often each matched: limit, after
//   GET    /v1/entries   allow and block entries; kind, action, limit, after
//   PUT    /v1/entries   action, kind, key; for, all, note
//   DELETE /v1/entries   kind, key: the entry alone
//   POST   /v1/forget    kind, key: the entry, and all else that is stored about it; after
//   GET    /v1/export    all that is kept, as transfer.h writes it: limit, after
//   POST   /v1/import    lines of an export in the body, of which 64 KiB fit; dry_run; from:
//                        said with the first lines, for the log
//   GET    /v1/hash-key  what the database hashes with: a secret, to be given to another one
//   GET    /v1/report    what became of deferred mail, and what each check did: since, limit
//   GET, PUT (for), DELETE  /v1/pause
//   GET    /v1/config    the configuration in force; changed
//   POST   /v1/reload
//   GET    /v1/dnsbl        the DNS lists: definition, health, counters
//   GET    /v1/dnsbl/test   the self-test of every list, or of `name`
//   GET    /v1/dnsbl/check  what each list says of `what`, an address, name or mail address;
//                           sender, fresh
//   GET    /metrics         in Prometheus' text format, see lib/metrics
//   GET    /healthz         "ok", or 503 and what is wrong, a line each
//   GET    /v1/explain      the decision about a mail, without any effect: client, name,
//                           name_class, helo, from, to, user
//
// Times are RFC 3339 in UTC, durations go in as "30d". A listing is {"items": [...], "next":
// CURSOR}: ask again with after=CURSOR until it is null; a slice may be empty and still have a
// next. An error is
// {"error": {"code": ..., "message": ...}} with a fitting HTTP status; 403 where Request::role does
// not suffice: to change something takes kControl, for the hash key kOwner. Strings hold what the
// network sent, as valid UTF-8 (see Json::Dump).
//
// One request costs a bounded time, at most a commit's (store.deadline) beyond a few milliseconds;
// those that IsSlow() names wait for the DNS, twice dns.deadline at most, or for several
// commits, eight seconds. Those may be handled by several threads at once, beside the one thread at
// a time that handles all others.
class Api {
 public:
  // What the parts refer to outlives the API.
  Api(EngineParts parts, ServiceHooks hooks);

  // Never throws.
  Response Handle(const Request& request) noexcept;

  // Whether the answer has to wait for the DNS, or for more than one commit.
  static bool IsSlow(const Request& request);

  // Whether it asks for /metrics or /healthz, which tell nothing about anybody.
  static bool IsMonitoring(const Request& request);

 private:
  Response Dispatch(const Request& request);

  const EngineParts parts_;
  ServiceHooks hooks_;
};

}  // namespace mxward::control
