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

Response Metrics(Engine& engine, const ServiceHooks& hooks) {
  const std::shared_ptr<const Config> config = engine.config();
  metrics::Snapshot snapshot;
  snapshot.version = hooks.version;
  snapshot.started = *hooks.started;
  snapshot.counters = &engine.counters();
  snapshot.open_sessions = Optional(hooks.current_sessions);
  snapshot.pool_stalled = Optional(hooks.pool_stalled);
  snapshot.observing = engine.Observing(*config);
  snapshot.paused = engine.paused_until().has_value();
  snapshot.rdns_checks_suspended = AnySuspended(engine.name_monitor().GetStatus());
  snapshot.reload = Optional(hooks.reload_status);
  snapshot.log_lines_dropped = Optional(hooks.log_dropped);
  snapshot.dns = Optional(hooks.dns_stats);
  snapshot.writer = Optional(hooks.writer_stats);
  snapshot.store_check = Optional(hooks.store_check);
  if (const auto usage = engine.environment().GetUsage()) snapshot.store = *usage;
  snapshot.records = CountRecords(engine.environment());
  snapshot.greylist = Optional(hooks.sweep_totals);
  snapshot.pending_room = engine.pending_room().stats();
  snapshot.limits = engine.limits().stats();
  snapshot.history_dropped = engine.history().dropped();
  snapshot.lists = engine.list_health().Status();
  snapshot.process = GetProcessUsage();
  return {200, metrics::Render(snapshot), metrics::Exposition::kContentType};
}

Response Health(Engine& engine, const ServiceHooks& hooks) {
  const std::vector<std::string> troubles = Troubles(engine, hooks);
  if (troubles.empty()) return {200, "ok\n", kPlainText};
  std::string text;
  for (const std::string& trouble : troubles) text.append(trouble).append("\n");
  return {503, text, kPlainText};
}

}  // namespace

bool Api::IsMonitoring(const Request& request) {
  return request.path == kMetricsPath || request.path == kHealthPath;
}

std::vector<std::string> Troubles(Engine& engine, const ServiceHooks& hooks) {
  std::vector<std::string> troubles;
  if (hooks.pool_stalled && hooks.pool_stalled()) {
    troubles.emplace_back("milter: libmilter does not respond, and the mail server waits for it");
  }
  if (!engine.environment().ready()) {
    troubles.emplace_back("store: the database is being checked; nothing is greylisted meanwhile");
  }
  if (engine.store_trouble().FailedWithin(kRecently)) {
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

Response Monitor(const Request& request, Engine& engine, const ServiceHooks& hooks) {
  if (request.method != "GET" && request.method != "HEAD") {
    Response answer = ErrorResponse(405, "method-not-allowed", request.path + " takes: GET, HEAD");
    answer.fields.emplace_back("Allow", "GET, HEAD");
    return answer;
  }
  if (!hooks.started) return NotRunning(Access::kDaemonState);
  return request.path == kMetricsPath ? Metrics(engine, hooks) : Health(engine, hooks);
}

}  // namespace mxward::control
