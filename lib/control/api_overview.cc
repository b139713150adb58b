// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <iterator>
#include <utility>
#include <vector>

#include "base/units.h"
#include "config/config.h"
#include "control/items.h"
#include "control/list_items.h"
#include "control/route.h"
#include "facts/decision.h"

namespace mxward::control {
namespace {

using metrics::Timeline;

constexpr std::size_t kMostClients = 10;
constexpr std::size_t kMostLimits = 12;

// In the order of Timeline::Window.
constexpr std::array<std::string_view, 3> kWindows = {"1h", "6h", "24h"};

double InSeconds(Histogram::Micros duration) {
  return std::chrono::duration<double>(duration).count();
}

Json SpreadJson(const metrics::Spread& spread) {
  Json bounds = Json::Array();
  for (const Histogram::Micros bound : spread.bounds) bounds.Push(InSeconds(bound));
  Json counts = Json::Array();
  for (const std::uint64_t count : spread.counts) counts.Push(count);
  Json json;
  json.Set("bounds_seconds", std::move(bounds)).Set("counts", std::move(counts));
  json.Set("count", spread.Count());
  constexpr std::array kShares = {std::pair{"p50", 0.5}, std::pair{"p90", 0.9},
                                  std::pair{"p95", 0.95}, std::pair{"p99", 0.99}};
  for (const auto& [name, share] : kShares) {
    const auto value = spread.Quantile(share);
    json.Set(name, value ? Json(InSeconds(*value)) : Json());
  }
  return json;
}

Json VerdictsJson(const Timeline::View& view) {
  Json buckets = Json::Array();
  for (const Timeline::Verdicts& verdicts : view.buckets) {
    Json bucket = Json::Array();
    for (const std::uint64_t count : verdicts) bucket.Push(count);
    buckets.Push(std::move(bucket));
  }
  Json json;
  json.Set("from", FormatTime(view.from)).Set("step_seconds", view.step.count());
  json.Set("buckets", std::move(buckets));
  return json;
}

// The most frequent first.
Json ReasonsJson(const Timeline::View& view) {
  struct Line {
    Verdict verdict;
    Reason reason;
    std::uint64_t count;
  };
  std::vector<Line> lines;
  for (std::size_t i = 0; i < kVerdictCount; ++i) {
    for (std::size_t j = 0; j < kReasonCount; ++j) {
      if (view.decisions[i][j] == 0) continue;
      lines.push_back({static_cast<Verdict>(i), static_cast<Reason>(j), view.decisions[i][j]});
    }
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const Line& a, const Line& b) { return a.count > b.count; });
  Json items = Json::Array();
  for (const Line& line : lines) {
    Json item;
    item.Set("action", WordOf(line.verdict)).Set("reason", WordOf(line.reason));
    item.Set("count", line.count);
    items.Push(std::move(item));
  }
  return items;
}

// How far recipients got within the window, whatever verdict it had (while observing: none).
std::uint64_t CountOf(const Timeline::View& view, Reason reason) {
  std::uint64_t count = 0;
  for (const auto& by_reason : view.decisions) count += by_reason[static_cast<std::size_t>(reason)];
  return count;
}

Json FunnelJson(const Timeline::View& view, const Json& sweep) {
  Json json;
  json.Set("new", CountOf(view, Reason::kGreylistNew));
  json.Set("early", CountOf(view, Reason::kGreylistEarly));
  json.Set("expired", CountOf(view, Reason::kGreylistExpired));
  json.Set("passed", CountOf(view, Reason::kGreylistPassed));
  json.Set("known", CountOf(view, Reason::kGreylistKnown));
  json.Set("auto_allowed", CountOf(view, Reason::kGreylistAutoAllowed));
  // Of the whole database, as of the last walk through it.
  const bool counted = sweep["sweeps"].integer() > 0;
  json.Set("waiting", counted ? sweep["pending"] : Json());
  json.Set("kept", counted ? sweep["passed"] : Json());
  json.Set("never_came_back", sweep["never_came_back"]);
  return json;
}

Json ServersJson(const Json& dns) {
  if (dns.is_null()) return {};
  const auto& servers = dns["servers"].items();
  Json json;
  json.Set("servers", servers.size());
  json.Set("up", std::count_if(servers.begin(), servers.end(),
                               [](const Json& server) { return server["state"].text() == "up"; }));
  return json;
}

const dnsbl::ListStatus* Find(const std::vector<dnsbl::ListStatus>& statuses,
                              std::string_view name) {
  const auto found = std::find_if(statuses.begin(), statuses.end(),
                                  [&](const auto& status) { return status.name == name; });
  return found == statuses.end() ? nullptr : &*found;
}

// Of what ListItem() says nothing about zones and codes: anybody who can reach the port sees this.
Json HealthOfLists(const Config& config, const std::vector<dnsbl::ListStatus>& statuses) {
  Json items = Json::Array();
  for (const DnsblConfig& list : config.dnsbl) {
    const dnsbl::ListStatus* status = Find(statuses, list.name);
    if (status == nullptr) continue;
    Json item = ListHealthItem(*status);
    item.Set("observe", list.observe);
    item.Set("latency_ms", status->last_test ? Json(status->latency.count()) : Json());
    item.Set("asked", status->asked).Set("listed", status->listed);
    item.Set("refused", status->refused).Set("failed", status->failed + status->bogus);
    items.Push(std::move(item));
  }
  return items;
}

Json BusyJson(const RecentClients::Snapshot& recent) {
  Json items = Json::Array();
  for (const auto& busy : recent.busiest) items.Push(BusyClientItem(busy));
  Json json;
  json.Set("items", std::move(items)).Set("clients", recent.clients);
  json.Set("span_ms", recent.span.count());
  return json;
}

Answer GetOverview(const Call& call) {
  MXWARD_TRY(const auto wanted, call.params.Word("window", kWindows));
  if (!call.hooks.timeline) return Fail(ErrorCode::kUnavailable, "no samples are kept here");
  const std::size_t window = wanted.value_or(0);
  const Timeline::View view = call.hooks.timeline(static_cast<Timeline::Window>(window));

  const Json status = MemoryStatus(call);
  Json answer;
  answer.Set("time", FormatTime(call.now));
  for (const char* name :
       {"version", "started", "uptime_seconds", "mode", "paused_until", "sessions", "warnings"}) {
    answer.Set(name, status[name]);
  }
  Json troubles = Json::Array();
  for (const std::string& trouble : Troubles(call.parts, call.hooks)) troubles.Push(trouble);
  answer.Set("troubles", std::move(troubles));
  answer.Set("window", kWindows[window]).Set("verdicts", VerdictsJson(view));
  answer.Set("reasons", ReasonsJson(view)).Set("greylist", FunnelJson(view, status["greylist"]));
  answer.Set("delay", SpreadJson(view.greylist_delay)).Set("judging", SpreadJson(view.judging));
  answer.Set("lists", HealthOfLists(*call.config, call.parts.list_health.Status()));
  answer.Set("dns", ServersJson(status["dns"]));
  answer.Set("clients", BusyJson(call.parts.recent_clients.Busiest(kMostClients)));
  // A mail address is shown where the log shows it, too.
  const bool addresses = call.config->log.addresses == LogAddresses::kFull;
  answer.Set("limits", ListLimits(call, 0, kMostLimits, addresses));
  return answer;
}

}  // namespace

Routes OverviewRoutes() {
  static constexpr std::array<std::string_view, 1> kOverviewParams = {"window"};
  static constexpr std::array kRoutes = {
      Route{"GET", "/v1/overview", kOverviewParams, Access::kDaemonState, &GetOverview},
  };
  return kRoutes;
}

}  // namespace mxward::control
