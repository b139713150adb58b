// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "control/api.h"
#include "control/json.h"
#include "control/message.h"
#include "control/params.h"
#include "engine/parts.h"
#include "entries/entry.h"
#include "store/environment.h"

// What the files api_*.cc, each with the handlers of some routes, share; nobody else includes it.

namespace mxward::control {

// One request on its way through a handler.
struct Call {
  const Request& request;
  Params params;
  std::shared_ptr<const Config> config;
  WallTime now;
  const EngineParts& parts;
  const ServiceHooks& hooks;
};

// What a handler answers with: JSON, of status 200 unless it says otherwise. An Error becomes the
// status that fits its code, and {"error": ...}.
struct JsonReply {
  JsonReply(Json answer, int http_status = 200) : json(std::move(answer)), status(http_status) {}
  Json json;
  int status;
};
using Answer = Result<JsonReply>;

// What a route needs, and what it does.
enum class Access : std::uint8_t {
  kReads,        // the store
  kSecret,       // reads it, and what it answers is a secret
  kDaemonState,  // what only a running daemon knows
  kWrites,       // changes something
  kImports,      // changes much; its body holds records instead of parameters
  kAsksDns,      // and waits for it
};

// Data of constant lifetime.
struct Route {
  std::string_view method;
  std::string_view path;
  std::span<const std::string_view> params;  // those that it knows
  Access access;
  Answer (*handle)(const Call& call);
};
using Routes = std::span<const Route>;

// A file each: api_clients.cc and so on.
Routes ClientsRoutes();
Routes DecisionsRoutes();
Routes DnsblRoutes();
Routes EntriesRoutes();
Routes ExplainRoutes();
Routes ForgetRoutes();
Routes LimitsRoutes();
Routes ListingRoutes();
Routes OverviewRoutes();
Routes ReportRoutes();
Routes RulesRoutes();
Routes ServiceRoutes();
Routes SpfRoutes();
Routes StatusRoutes();
Routes TransferRoutes();

// api_metrics.cc: /metrics and /healthz, which are not JSON.
Response Monitor(const Request& request, const EngineParts& parts, const ServiceHooks& hooks);
// What is wrong, a sentence each. Looks at nothing but numbers in memory: it has to answer just
// when the disk does not.
std::vector<std::string> Troubles(const EngineParts& parts, const ServiceHooks& hooks);
// api_status.cc: the status without the store, from memory alone.
Json MemoryStatus(const Call& call);
// api_limits.cc: who is near or over which limit, `most` of them from `begin` on. addresses:
// whether those of people may be shown.
Json ListLimits(const Call& call, std::size_t begin, std::size_t most, bool addresses);

// api_entries.cc

// What an entry is about: its kind, and the key in canonical form.
struct EntryKey {
  entries::Kind kind = entries::Kind::kClient;
  std::string key;
};

// The parameter kind; nothing when absent.
Result<std::optional<entries::Kind>> ParseKindParam(const Params& params);
// From the parameters kind and key, both needed.
Result<EntryKey> ParseEntryKey(const Params& params, const Config& config);

// The entry as stored, also one whose time is over; nothing when there is none, or a tombstone.
Result<std::optional<entries::Entry>> FindEntry(store::Environment& environment,
                                                const EntryKey& about);

// api.cc

// For the log: who did what.
void LogChange(const Call& call, const std::string& what);
Response NotRunning(Access access);

inline constexpr std::int64_t kMaxItems = 5000;  // a slice
inline constexpr std::int64_t kDefaultItems = 1000;

}  // namespace mxward::control
