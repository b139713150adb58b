// SPDX-License-Identifier: Apache-2.0
#include "control/api.h"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include "base/text.h"
#include "control/tuple_filter.h"

namespace mxward::control {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 9> kTupleParams = {TupleFilter::kState,
                                                          TupleFilter::kProgress,
                                                          TupleFilter::kClient,
                                                          TupleFilter::kSender,
                                                          TupleFilter::kRecipient,
                                                          TupleFilter::kOlderThan,
                                                          TupleFilter::kYoungerThan,
                                                          "limit",
                                                          "after"};
constexpr std::array<std::string_view, 8> kPendingParams = {TupleFilter::kProgress,
                                                            TupleFilter::kClient,
                                                            TupleFilter::kSender,
                                                            TupleFilter::kRecipient,
                                                            TupleFilter::kOlderThan,
                                                            TupleFilter::kYoungerThan,
                                                            "limit",
                                                            "after"};
constexpr std::array<std::string_view, 1> kOverviewParams = {"window"};
constexpr std::array<std::string_view, 2> kShowParams = {"what", "after"};
constexpr std::array<std::string_view, 4> kClientsParams = {"client", "sort", "limit", "after"};
constexpr std::array<std::string_view, 1> kRecentParams = {"limit"};
constexpr std::array<std::string_view, 2> kLimitsParams = {"limit", "after"};
constexpr std::array<std::string_view, 7> kDecisionsParams = {
    "limit", "after", "client", "sender", "recipient", "action", "reason"};
constexpr std::array<std::string_view, 2> kRulesParams = {"limit", "after"};
constexpr std::array<std::string_view, 2> kResetParams = {"key", "limit"};
constexpr std::array<std::string_view, 4> kEntriesParams = {"kind", "action", "limit", "after"};
constexpr std::array<std::string_view, 6> kPutEntryParams = {"action", "kind", "key",
                                                             "for",    "all",  "note"};
constexpr std::array<std::string_view, 2> kDeleteEntryParams = {"kind", "key"};
constexpr std::array<std::string_view, 3> kForgetParams = {"kind", "key", "after"};
constexpr std::array<std::string_view, 2> kExportParams = {"limit", "after"};
constexpr std::array<std::string_view, 2> kImportParams = {"dry_run", "from"};
constexpr std::array<std::string_view, 2> kReportParams = {"since", "limit"};
constexpr std::array<std::string_view, 1> kPauseParams = {"for"};
constexpr std::array<std::string_view, 1> kConfigParams = {"changed"};
constexpr std::array<std::string_view, 1> kTestParams = {"name"};
constexpr std::array<std::string_view, 3> kCheckParams = {"what", "sender", "fresh"};
constexpr std::array<std::string_view, 7> kExplainParams = {"client", "name", "name_class", "helo",
                                                            "from",   "to",   "user"};

Response FromError(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalid:
      return ErrorResponse(400, "bad-request", error.message);
    case ErrorCode::kNotFound:
      return ErrorResponse(404, "not-found", error.message);
    case ErrorCode::kFull:
    case ErrorCode::kTimeout:
    case ErrorCode::kIo:
    case ErrorCode::kCorrupt:
      return ErrorResponse(503, "store", error.message);
    case ErrorCode::kUnavailable:
      return ErrorResponse(503, "unavailable", error.message);
    case ErrorCode::kInternal:
      break;
  }
  return ErrorResponse(500, "internal", error.message);
}

}  // namespace

std::span<const Api::Route> Api::Routes() {
  static constexpr Names kNone;
  static constexpr std::array<Route, 29> kRoutes = {{
      {"GET", "/v1/status", kNone, Access::kReads, &Api::Status},
      {"GET", "/v1/stats", kNone, Access::kReads, &Api::Stats},
      {"GET", "/v1/overview", kOverviewParams, Access::kLooks, &Api::Overview},
      {"GET", "/v1/tuples", kTupleParams, Access::kReads, &Api::Tuples},
      {"GET", "/v1/pending", kPendingParams, Access::kReads, &Api::Pending},
      {"GET", "/v1/show", kShowParams, Access::kReads, &Api::Show},
      {"GET", "/v1/clients", kClientsParams, Access::kReads, &Api::Clients},
      {"GET", "/v1/clients/recent", kRecentParams, Access::kLooks, &Api::RecentClients},
      {"GET", "/v1/limits", kLimitsParams, Access::kLooks, &Api::Limits},
      {"POST", "/v1/limits/reset", kResetParams, Access::kWrites, &Api::ResetLimits},
      {"GET", "/v1/decisions", kDecisionsParams, Access::kLooks, &Api::Decisions},
      {"GET", "/v1/rules", kRulesParams, Access::kLooks, &Api::Rules},
      {"GET", "/v1/entries", kEntriesParams, Access::kReads, &Api::Entries},
      {"PUT", "/v1/entries", kPutEntryParams, Access::kWrites, &Api::PutEntry},
      {"DELETE", "/v1/entries", kDeleteEntryParams, Access::kWrites, &Api::DeleteEntry},
      {"POST", "/v1/forget", kForgetParams, Access::kWrites, &Api::Forget},
      {"GET", "/v1/export", kExportParams, Access::kReads, &Api::Export},
      {"POST", "/v1/import", kImportParams, Access::kImports, &Api::Import},
      {"GET", "/v1/hash-key", kNone, Access::kSecret, &Api::GetHashKey},
      {"GET", "/v1/report", kReportParams, Access::kReads, &Api::Report},
      {"GET", "/v1/pause", kNone, Access::kReads, &Api::GetPause},
      {"PUT", "/v1/pause", kPauseParams, Access::kWrites, &Api::PutPause},
      {"DELETE", "/v1/pause", kNone, Access::kWrites, &Api::DeletePause},
      {"GET", "/v1/config", kConfigParams, Access::kReads, &Api::GetConfig},
      {"POST", "/v1/reload", kNone, Access::kWrites, &Api::Reload},
      {"GET", "/v1/dnsbl", kNone, Access::kLooks, &Api::Lists},
      {"GET", "/v1/dnsbl/test", kTestParams, Access::kAsksDns, &Api::TestDnsLists},
      {"GET", "/v1/dnsbl/check", kCheckParams, Access::kAsksDns, &Api::CheckDnsLists},
      {"GET", "/v1/explain", kExplainParams, Access::kAsksDns, &Api::Explain},
  }};
  return kRoutes;
}

Api::Api(Engine& engine, ServiceHooks hooks) : engine_(engine), hooks_(std::move(hooks)) {}

Response Api::Handle(const Request& request) noexcept {
  try {
    return Dispatch(request);
  } catch (const std::exception& exception) {
    return ErrorResponse(500, "internal", exception.what());
  } catch (...) {
    return ErrorResponse(500, "internal", "an unknown exception");
  }
}

bool Api::TakesLong(const Request& request) {
  const auto routes = Routes();
  return std::any_of(routes.begin(), routes.end(), [&](const Route& route) {
    return route.path == request.path &&
           (route.access == Access::kAsksDns || route.access == Access::kImports);
  });
}

Response Api::NotRunning(Access access) {
  if (access == Access::kWrites || access == Access::kImports) {
    return ErrorResponse(503, "read-only", "the daemon is not running: nothing can be changed");
  }
  return ErrorResponse(503, "not-running", "the daemon is not running: only it can tell");
}

Role Api::RoleFor(Access access) {
  switch (access) {
    case Access::kReads:
    case Access::kLooks:
    case Access::kAsksDns:
      return Role::kRead;
    case Access::kWrites:
    case Access::kImports:
      return Role::kControl;
    case Access::kSecret:
      return Role::kOwner;
  }
  return Role::kOwner;
}

Response Api::Dispatch(const Request& request) {
  if (IsMonitoring(request)) return Monitor(request);
  std::vector<std::string_view> paths;
  std::string methods;
  for (const Route& route : Routes()) {
    paths.push_back(route.path);
    if (route.path != request.path) continue;
    methods += (methods.empty() ? "" : ", ") + std::string(route.method);
    if (route.method != request.method) continue;
    if (request.role < RoleFor(route.access)) {
      return ErrorResponse(403, kNotAllowed,
                           route.access == Access::kSecret
                               ? "only root and the daemon's user may read the hash key"
                               : "members of control.read_group may look, and change nothing");
    }
    const bool reads = route.access == Access::kReads || route.access == Access::kSecret;
    if (!reads && !hooks_.started) return NotRunning(route.access);
    auto params = Params::Of(request, route.params, route.access != Access::kImports);
    if (!params) return FromError(params.error());
    const Call call{request, *std::move(params), engine_.config(), engine_.clock().Now()};
    const Answer answer = (this->*route.handle)(call);
    if (!answer) return FromError(answer.error());
    // A handler that has more to say than an Error can brings the error itself.
    return {(*answer)["error"].is_null() ? 200 : 422, answer->Dump()};
  }
  if (!methods.empty()) {
    return ErrorResponse(405, "method-not-allowed", request.path + " takes: " + methods);
  }
  const std::string_view nearest = Nearest(request.path, paths);
  return ErrorResponse(404, "not-found",
                       "there is no \"" + EscapeForLog(request.path, 80) + "\"" +
                           (nearest.empty() ? "" : "; did you mean " + std::string(nearest) + "?"));
}

void Api::LogChange(const Call& call, const std::string& what) {
  engine_.log().Info("control: " + what +
                     (call.request.peer.empty() ? "" : " (by " + call.request.peer + ")"));
}

}  // namespace mxward::control
