// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "base/units.h"
#include "control/list_items.h"
#include "control/route.h"
#include "facts/decision.h"

namespace mxward::control {
namespace {

using store::Table;

constexpr std::uint64_t kAlarmPercent = 80;
constexpr std::uint64_t kMostCounted = 5000;
constexpr Seconds kBusyOfLate{60};

template <class T>
Json JsonOf(const std::function<T()>& hook) {
  return hook ? Json(hook()) : Json();
}

Json SweepJson(const std::function<greylist::Sweep::Totals()>& hook) {
  if (!hook) return {};
  const auto totals = hook();
  Json json;
  json.Set("pending", totals.pending).Set("passed", totals.passed).Set("earned", totals.earned);
  json.Set("folded", totals.folded);
  json.Set("sweeps", totals.sweeps).Set("expired", totals.expired);
  json.Set("never_came_back", totals.never_came_back);
  return json;
}

Json RoomJson(const greylist::PendingRoom::Stats& stats, Json& warnings) {
  Json json;
  json.Set("pressed", stats.pressed);
  json.Set("evicted", stats.evicted).Set("turned_away", stats.turned_away);
  if (stats.pressed) {
    warnings.Push(
        "a network has more pending tuples than its share of the database: the newest are not "
        "kept; mxwardctl top shows the busiest clients");
  }
  return json;
}

Json ServersJson(const dns::AresResolver::Stats& stats, Json& warnings) {
  Json servers = Json::Array();
  bool any_up = false;
  bool any_answers = false;
  for (const dns::ServerStatus& server : stats.servers) {
    Json item;
    item.Set("address", server.address).Set("state", WordOf(server.state));
    item.Set("since", FormatTime(server.since)).Set("detail", server.reason);
    item.Set("failures", server.failures).Set("latency_ms", server.latency.count());
    servers.Push(std::move(item));
    any_up = any_up || server.state == dns::ServerState::kUp;
    any_answers = any_answers || server.state != dns::ServerState::kDown;
  }
  if (!any_up && any_answers) {
    warnings.Push(
        "the DNS server answers every probe with an error: DNS results are treated as unknown");
  } else if (!any_up) {
    warnings.Push("no DNS server responds: DNS results are treated as unknown; see dns.servers");
  }
  return servers;
}

Json DnsJson(const std::function<dns::AresResolver::Stats()>& hook, Json& warnings) {
  if (!hook) return {};
  const auto stats = hook();
  Json json;
  json.Set("servers", ServersJson(stats, warnings));
  json.Set("cache_entries", stats.cache_entries).Set("cache_bytes", stats.cache_bytes);
  json.Set("outstanding", stats.outstanding);
  return json;
}

Json DnsCountersJson(const std::function<dns::AresResolver::Stats()>& hook) {
  if (!hook) return {};
  const auto stats = hook();
  Json json;
  json.Set("asked", stats.asked).Set("from_cache", stats.from_cache);
  json.Set("joined", stats.joined).Set("refused", stats.refused);
  json.Set("failures", stats.failures).Set("late", stats.late);
  return json;
}

Json NamesJson(const std::vector<NameMonitor::Status>& all, Json& warnings) {
  Json items = Json::Array();
  for (const NameMonitor::Status& status : all) {
    const bool suspended = status.trust != NameTrust::kCount;
    Json item;
    item.Set("mail_server", status.mta).Set("suspended", suspended);
    item.Set("since", suspended ? Json(FormatTime(status.since)) : Json());
    item.Set("detail", status.why);
    item.Set("votes", std::uint64_t{status.votes.all()});
    item.Set("nameless", std::uint64_t{status.votes.yes});
    items.Push(std::move(item));
    if (!suspended) continue;
    warnings.Push("missing reverse names do not count since " + FormatTime(status.since) + ", " +
                  std::string(NameTrustText(status.trust)) +
                  (status.mta.empty() ? "" : " (" + status.mta + ")") + ": " + status.why);
  }
  return items;
}

Json TlsJson(const std::vector<TlsMonitor::Status>& all, Json& warnings) {
  Json items = Json::Array();
  for (const TlsMonitor::Status& status : all) {
    const bool broken = status.offer == TlsOffer::kBroken;
    Json item;
    item.Set("listener", status.listener).Set("state", WordOf(status.offer));
    item.Set("last_tls", FormatTime(status.last_tls));
    item.Set("broken_since", broken ? Json(FormatTime(status.broken_since)) : Json());
    item.Set("witnesses", std::uint64_t{status.witnesses});
    items.Push(std::move(item));
    if (!broken) continue;
    warnings.Push("TLS seems to be broken since " + FormatTime(status.broken_since) + " at " +
                  status.listener +
                  ": clients that always used it come without; tls-none does not count there until "
                  "a session has TLS again");
  }
  return items;
}

Json NatJson(const std::optional<NatWatch::Translator>& suspected, Json& warnings) {
  if (!suspected) return {};
  Json json;
  json.Set("client", suspected->client.ToString());
  json.Set("sessions", suspected->sessions).Set("of", suspected->of);
  warnings.Push(
      "the private address " + suspected->client.ToString() +
      " makes most of the sessions: address translation (NAT) or a proxy hides who connects");
  return json;
}

Json ListsJson(const std::vector<DnsblConfig>& configured,
               const std::vector<dnsbl::ListStatus>& lists, Json& warnings) {
  Json items = Json::Array();
  for (const dnsbl::ListStatus& status : lists) {
    items.Push(ListHealthItem(status));
    if (!IsSuspended(status)) continue;
    warnings.Push("DNS list " + status.name + " is " + std::string(WordOf(status.condition)) +
                  " since " + FormatTime(status.since) + ", it adds nothing: " + status.detail);
  }
  const BlindLists blind = FindBlindLists(configured, lists);
  if (!blind.names.empty()) warnings.Push(blind.text());
  return items;
}

Json LimitsJson(const limits::Limits::Stats& stats) {
  Json json;
  json.Set("counters", stats.counters).Set("capacity", stats.capacity);
  json.Set("bytes", stats.bytes).Set("evicted", stats.evicted);
  return json;
}

Json DecisionsJson(const Counters& counters) {
  Json decisions = Json::Array();
  for (std::size_t i = 0; i < kVerdictCount; ++i) {
    for (std::size_t j = 0; j < kReasonCount; ++j) {
      const std::uint64_t count = counters.decisions[i][j].value();
      if (count == 0) continue;
      Json line;
      line.Set("action", WordOf(static_cast<Verdict>(i)));
      line.Set("reason", WordOf(static_cast<Reason>(j))).Set("count", count);
      decisions.Push(std::move(line));
    }
  }
  return decisions;
}

Result<Json> StoreJson(store::Environment& environment, WallTime now, Json& warnings) {
  MXWARD_TRY(const auto usage, environment.GetUsage());
  const std::uint64_t percent =
      usage.limit_bytes == 0 ? 0 : usage.used_bytes * 100 / usage.limit_bytes;
  Json json;
  json.Set("path", environment.path()).Set("used_bytes", usage.used_bytes);
  json.Set("map_bytes", usage.map_bytes).Set("limit_bytes", usage.limit_bytes);
  json.Set("used_percent", percent).Set("saved_copy_failed", environment.copy_failed());
  if (percent >= kAlarmPercent) {
    warnings.Push("the database is " + std::to_string(percent) +
                  " % full: raise store.map_size_max, or shorten greylist.lifetime");
  }
  MXWARD_TRY(auto read, environment.Read());
  const auto tuples = read.Count(Table::kTuples);
  if (!tuples) return Fail(tuples.error());
  const auto earned = read.Count(Table::kEarned);
  if (!earned) return Fail(earned.error());
  const auto clients = read.Count(Table::kClients);
  if (!clients) return Fail(clients.error());
  json.Set("tuples", *tuples).Set("earned", *earned).Set("clients", *clients);
  // Without tombstones: an administrator knows their number. There are few enough to count.
  std::uint64_t entries = 0;
  MXWARD_TRY(read.Scan(Table::kEntries, "", [&](std::string_view key, std::string_view value) {
    const auto entry = entries::Decode(static_cast<entries::Kind>(key[0]), value);
    if (entry && entries::InForce(*entry, now)) ++entries;
    return entries < kMostCounted;
  }));
  json.Set("entries", entries);
  return json;
}

void WarnOfStore(const metrics::StoreCheck& check, bool copy_failed, Json& warnings) {
  if (check.checking) {
    warnings.Push(
        "the database is being checked: rules, limits and lists are in force, nothing is "
        "greylisted");
  }
  if (!check.trouble.empty()) warnings.Push("the database: " + check.trouble);
  if (!check.aside.empty()) {
    warnings.Push(
        "the database was found damaged (" + check.damage + ") and was moved to " + check.aside +
        "; " + std::to_string(check.rescued) + " records were recovered, " +
        (check.rescued_all ? "all that could be read" : "but not all that could be read"));
  }
  if (copy_failed) {
    warnings.Push("mxward.saved, the copy of hash key and entries, could not be written");
  }
}

// What says that nobody hears a verdict.
Json ModeWarnings(const std::optional<WallTime>& paused, const Config& config) {
  Json warnings = Json::Array();
  if (config.mode == Mode::kObserve) {
    warnings.Push("mode is \"observe\": no mail is deferred or rejected");
  }
  if (paused) {
    warnings.Push("paused until " + FormatTime(*paused) + ": no mail is deferred or rejected");
  }
  return warnings;
}

Json StatusWith(Json store, Json warnings, const Call& call) {
  const auto paused = call.parts.pause.until();
  Json answer;
  answer.Set("running", call.hooks.started.has_value()).Set("version", call.hooks.version);
  if (call.hooks.started) {
    answer.Set("started", FormatTime(*call.hooks.started));
    answer.Set("uptime_seconds", (call.now - *call.hooks.started).count());
    answer.Set("listening", call.hooks.listening);
  }
  answer.Set("config_path", call.hooks.config_path);
  answer.Set("mode", call.config->mode == Mode::kEnforce ? "enforce" : "observe");
  answer.Set("paused_until", paused ? Json(FormatTime(*paused)) : Json());
  answer.Set("sessions", JsonOf(call.hooks.current_sessions));
  if (call.parts.store_trouble.DeferredWithoutRecordWithin(kBusyOfLate)) {
    warnings.Push(
        "deferrals were sent before they were recorded within the last minute: the disk is too "
        "slow for the load; senders may have to retry once more");
  }
  if (call.hooks.socket_lost && call.hooks.socket_lost()) {
    warnings.Push("the mail server does not reach " + call.hooks.listening +
                  ": the socket was removed or replaced, and mail passes or waits unjudged");
  }
  answer.Set("log_lines_dropped", JsonOf(call.hooks.log_dropped));
  answer.Set("store", std::move(store));
  // As of the last walk through the store; it goes on all the time.
  answer.Set("greylist", SweepJson(call.hooks.sweep_totals));
  answer.Set("pending_room", RoomJson(call.parts.pending_room.stats(), warnings));
  answer.Set("dns", DnsJson(call.hooks.dns_stats, warnings));
  answer.Set("names", call.hooks.started ? NamesJson(call.parts.name_monitor.GetStatus(), warnings)
                                         : Json());
  answer.Set("tls",
             call.hooks.started ? TlsJson(call.parts.tls_monitor.GetStatus(), warnings) : Json());
  const auto new_from = call.parts.new_findings.CountFrom();
  answer.Set("new_findings_from", new_from ? Json(FormatTime(*new_from)) : Json());
  const auto young = call.parts.no_witnesses_until();
  answer.Set("no_witnesses_until", young ? Json(FormatTime(*young)) : Json());
  answer.Set("nat", NatJson(call.parts.nat_watch.Suspected(), warnings));
  answer.Set("limits", call.hooks.started ? LimitsJson(call.parts.limits.stats()) : Json());
  answer.Set("lists", call.hooks.started
                          ? ListsJson(call.config->dnsbl, call.parts.list_health.Status(), warnings)
                          : Json());
  answer.Set("warnings", std::move(warnings));
  return answer;
}

Answer GetStatus(const Call& call) {
  Json warnings = ModeWarnings(call.parts.pause.until(), *call.config);
  store::Environment& environment = call.parts.environment;
  if (call.hooks.store_check) {
    WarnOfStore(call.hooks.store_check(), environment.copy_failed(), warnings);
  }
  // What runs shall be said in any case.
  if (!environment.ready()) return StatusWith(Json(), std::move(warnings), call);
  MXWARD_TRY(auto store, StoreJson(environment, call.now, warnings));
  return StatusWith(std::move(store), std::move(warnings), call);
}

Answer GetStats(const Call& call) {
  const Counters& counters = call.parts.counters;
  Json answer;
  answer.Set("since", call.hooks.started ? Json(FormatTime(*call.hooks.started)) : Json());
  answer.Set("sessions", counters.sessions.value());
  answer.Set("messages", counters.messages.value());
  answer.Set("recipients", counters.recipients.value());
  answer.Set("recipients_refused", counters.recipients_refused.value());
  answer.Set("observed", counters.observed.value());
  answer.Set("told_at_end", counters.told_at_end.value());
  answer.Set("folded", counters.folded.value());
  answer.Set("unremembered", counters.unremembered.value());
  answer.Set("store_failures", counters.store_failures.value());
  answer.Set("deferrals_without_record", counters.deferrals_without_record.value());
  answer.Set("callback_failures", counters.callback_failures.value());
  answer.Set("sessions_over_limit", counters.sessions_over_limit.value());
  answer.Set("log_lines_dropped", JsonOf(call.hooks.log_dropped));
  answer.Set("decisions", DecisionsJson(counters));
  Json writer;
  if (call.hooks.writer_stats) {
    const auto stats = call.hooks.writer_stats();
    writer.Set("commits", stats.commits).Set("operations", stats.operations);
    writer.Set("failed_commits", stats.failed_commits);
    writer.Set("waits_given_up", stats.waits_given_up).Set("queued", stats.queued);
    writer.Set("deferrals_dropped", stats.deferrals_dropped);
  }
  answer.Set("writer", std::move(writer)).Set("dns", DnsCountersJson(call.hooks.dns_stats));
  answer.Set("greylist", SweepJson(call.hooks.sweep_totals));
  const auto room = call.parts.pending_room.stats();
  Json pending_room;
  pending_room.Set("evicted", room.evicted).Set("turned_away", room.turned_away);
  answer.Set("pending_room", std::move(pending_room));
  answer.Set("limits", LimitsJson(call.parts.limits.stats()));
  Json history;
  history.Set("dropped", call.parts.history.dropped());
  answer.Set("history", std::move(history));
  return answer;
}

}  // namespace

Json MemoryStatus(const Call& call) {
  return StatusWith(Json(), ModeWarnings(call.parts.pause.until(), *call.config), call);
}

Routes StatusRoutes() {
  static constexpr std::array kRoutes = {
      Route{"GET", "/v1/status", {}, Access::kReads, &GetStatus},
      Route{"GET", "/v1/stats", {}, Access::kReads, &GetStats},
  };
  return kRoutes;
}

}  // namespace mxward::control
