// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "control/route.h"
#include "metrics/exposition.h"
#include "metrics/snapshot.h"

namespace mxward::control {
namespace {

constexpr std::string_view kMetricsPath = "/metrics";
constexpr std::string_view kHealthPath = "/healthz";
constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

constexpr Seconds kRecently{60};
constexpr Seconds kCommitIsStuck{10};

template <class T>
std::optional<T> Optional(const std::function<T()>& hook) {
  return hook ? std::optional<T>(hook()) : std::nullopt;
}

std::optional<metrics::Snapshot::Records> CountRecords(store::Environment& environment) {
  auto read = environment.Read();
  if (!read) return std::nullopt;
  const auto tuples = read->Count(store::Table::kTuples);
  const auto earned = read->Count(store::Table::kEarned);
  const auto clients = read->Count(store::Table::kClients);
  if (!tuples || !earned || !clients) return std::nullopt;
  return metrics::Snapshot::Records{*tuples, *earned, *clients};
}

bool AnySuspended(const std::vector<NameMonitor::Status>& mtas) {
  return std::any_of(mtas.begin(), mtas.end(),
                     [](const NameMonitor::Status& mta) { return mta.trust != NameTrust::kCount; });
}

bool AnyBroken(const std::vector<TlsMonitor::Status>& listeners) {
  return std::any_of(listeners.begin(), listeners.end(), [](const TlsMonitor::Status& listener) {
    return listener.offer == TlsOffer::kBroken;
  });
}

Response Metrics(const EngineParts& parts, const ServiceHooks& hooks) {
  const std::shared_ptr<const Config> config = parts.config.Get();
  metrics::Snapshot snapshot;
  snapshot.version = hooks.version;
  snapshot.started = *hooks.started;
  snapshot.counters = &parts.counters;
  snapshot.open_sessions = Optional(hooks.current_sessions);
  snapshot.pool_stalled = Optional(hooks.pool_stalled);
  snapshot.observing = IsObserving(*config, parts.pause);
  snapshot.paused = parts.pause.until().has_value();
  snapshot.rdns_checks_suspended = AnySuspended(parts.name_monitor.GetStatus());
  snapshot.tls_broken = AnyBroken(parts.tls_monitor.GetStatus());
  snapshot.reload = Optional(hooks.reload_status);
  snapshot.log_lines_dropped = Optional(hooks.log_dropped);
  snapshot.dns = Optional(hooks.dns_stats);
  snapshot.writer = Optional(hooks.writer_stats);
  snapshot.store_check = Optional(hooks.store_check);
  if (const auto usage = parts.environment.GetUsage()) snapshot.store = *usage;
  snapshot.records = CountRecords(parts.environment);
  snapshot.greylist = Optional(hooks.sweep_totals);
  snapshot.pending_room = parts.pending_room.stats();
  snapshot.limits = parts.limits.stats();
  snapshot.history_dropped = parts.history.dropped();
  snapshot.lists = parts.list_health.Status();
  snapshot.process = GetProcessUsage();
  return {200, metrics::Render(snapshot), metrics::Exposition::kContentType};
}

Response Health(const EngineParts& parts, const ServiceHooks& hooks) {
  const std::vector<std::string> troubles = Troubles(parts, hooks);
  if (troubles.empty()) return {200, "ok\n", kPlainText};
  std::string text;
  for (const std::string& trouble : troubles) text.append(trouble).append("\n");
  return {503, text, kPlainText};
}

}  // namespace

bool Api::IsMonitoring(const Request& request) {
  return request.path == kMetricsPath || request.path == kHealthPath;
}

std::vector<std::string> Troubles(const EngineParts& parts, const ServiceHooks& hooks) {
  std::vector<std::string> troubles;
  if (hooks.pool_stalled && hooks.pool_stalled()) {
    troubles.emplace_back("milter: libmilter does not respond, and the mail server waits for it");
  }
  if (hooks.socket_lost && hooks.socket_lost()) {
    troubles.push_back("milter: the mail server does not reach " + hooks.listening +
                       ": the socket was removed or replaced");
  }
  if (!parts.environment.ready()) {
    troubles.emplace_back("store: the database is being checked; nothing is greylisted meanwhile");
  }
  if (parts.store_trouble.FailedWithin(kRecently)) {
    troubles.emplace_back("store: decisions were made without the database within the last minute");
  }
  if (hooks.writer_stats) {
    const auto writer = hooks.writer_stats();
    if (writer.failing) troubles.emplace_back("store: the last commit failed");
    if (writer.busy >= kCommitIsStuck) {
      troubles.push_back("store: the current commit has been running for " +
                         std::to_string(std::chrono::floor<Seconds>(writer.busy).count()) + " s");
    }
  }
  return troubles;
}

Response Monitor(const Request& request, const EngineParts& parts, const ServiceHooks& hooks) {
  if (request.method != "GET" && request.method != "HEAD") {
    Response answer = ErrorResponse(405, "method-not-allowed", request.path + " takes: GET, HEAD");
    answer.fields.emplace_back("Allow", "GET, HEAD");
    return answer;
  }
  if (!hooks.started) return NotRunning(Access::kDaemonState);
  return request.path == kMetricsPath ? Metrics(parts, hooks) : Health(parts, hooks);
}

}  // namespace mxward::control
