// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "control/api.h"
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

}  // namespace

bool Api::IsMonitoring(const Request& request) {
  return request.path == kMetricsPath || request.path == kHealthPath;
}

Response Api::Monitor(const Request& request) {
  if (request.method != "GET" && request.method != "HEAD") {
    Response answer = ErrorResponse(405, "method-not-allowed", request.path + " takes: GET, HEAD");
    answer.fields.emplace_back("Allow", "GET, HEAD");
    return answer;
  }
  if (!hooks_.started) return NotRunning(Access::kLooks);
  return request.path == kMetricsPath ? Metrics() : Health();
}

Response Api::Metrics() {
  const std::shared_ptr<const Config> config = engine_.config();
  metrics::Snapshot snapshot;
  snapshot.version = hooks_.version;
  snapshot.started = *hooks_.started;
  snapshot.counters = &engine_.counters();
  snapshot.open_sessions = Optional(hooks_.current_sessions);
  snapshot.pool_stalled = Optional(hooks_.pool_stalled);
  snapshot.observing = engine_.Observing(*config);
  snapshot.paused = engine_.paused_until().has_value();
  snapshot.names_suspended = AnySuspended(engine_.name_monitor().GetStatus());
  snapshot.reload = Optional(hooks_.reload_status);
  snapshot.log_lines_dropped = Optional(hooks_.log_dropped);
  snapshot.dns = Optional(hooks_.dns_stats);
  snapshot.writer = Optional(hooks_.writer_stats);
  snapshot.store_check = Optional(hooks_.store_check);
  if (const auto usage = engine_.environment().GetUsage()) snapshot.store = *usage;
  snapshot.records = CountRecords(engine_.environment());
  snapshot.greylist = Optional(hooks_.sweep_totals);
  snapshot.pending_room = engine_.pending_room().stats();
  snapshot.limits = engine_.limits().stats();
  snapshot.history_dropped = engine_.history().dropped();
  snapshot.lists = engine_.list_health().Status();
  snapshot.process = GetProcessUsage();
  return {200, metrics::Render(snapshot), metrics::Exposition::kContentType};
}

// Looks at nothing but numbers in memory: it has to answer just when the disk does not.
std::vector<std::string> Api::Troubles() {
  std::vector<std::string> troubles;
  if (hooks_.pool_stalled && hooks_.pool_stalled()) {
    troubles.emplace_back("milter: libmilter answers nothing, the mail server waits in vain");
  }
  if (!engine_.environment().ready()) {
    troubles.emplace_back("store: the database is being checked; nothing is greylisted meanwhile");
  }
  if (engine_.StoreFailedWithin(kRecently)) {
    troubles.emplace_back("store: decisions were made without the database within the last minute");
  }
  if (hooks_.writer_stats) {
    const auto writer = hooks_.writer_stats();
    if (writer.failing) troubles.emplace_back("store: the last commit failed");
    if (writer.busy >= kCommitIsStuck) {
      troubles.push_back("store: the commit under way has taken " +
                         std::to_string(std::chrono::floor<Seconds>(writer.busy).count()) +
                         " s by now");
    }
  }
  return troubles;
}

Response Api::Health() {
  const std::vector<std::string> troubles = Troubles();
  if (troubles.empty()) return {200, "ok\n", kPlainText};
  std::string text;
  for (const std::string& trouble : troubles) text.append(trouble).append("\n");
  return {503, text, kPlainText};
}

}  // namespace mxward::control
