// SPDX-License-Identifier: Apache-2.0
#include "control/api.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/text.h"
#include "control/route.h"

namespace mxward::control {
namespace {

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

std::vector<Route> AllRoutes() {
  std::vector<Route> all;
  for (const Routes routes :
       {StatusRoutes(), OverviewRoutes(), ListingRoutes(), ClientsRoutes(), LimitsRoutes(),
        DecisionsRoutes(), RulesRoutes(), EntriesRoutes(), ForgetRoutes(), TransferRoutes(),
        ReportRoutes(), ServiceRoutes(), DnsblRoutes(), SpfRoutes(), ExplainRoutes()}) {
    all.insert(all.end(), routes.begin(), routes.end());
  }
  return all;
}

const std::vector<Route>& TheRoutes() {
  static const std::vector<Route> routes = AllRoutes();
  return routes;
}

Role RoleFor(Access access) {
  switch (access) {
    case Access::kReads:
    case Access::kDaemonState:
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

}  // namespace

Response NotRunning(Access access) {
  if (access == Access::kWrites || access == Access::kImports) {
    return ErrorResponse(503, "read-only", "the daemon is not running: nothing can be changed");
  }
  return ErrorResponse(503, "not-running", "the daemon is not running, and this needs it");
}

void LogChange(const Call& call, const std::string& what) {
  call.parts.log.Info("control: " + what +
                      (call.request.peer.empty() ? "" : " (by " + call.request.peer + ")"));
}

Api::Api(EngineParts parts, ServiceHooks hooks)
    : parts_(std::move(parts)), hooks_(std::move(hooks)) {}

Response Api::Handle(const Request& request) noexcept {
  try {
    return Dispatch(request);
  } catch (const std::exception& exception) {
    return ErrorResponse(500, "internal", exception.what());
  } catch (...) {
    return ErrorResponse(500, "internal", "an unknown exception");
  }
}

bool Api::IsSlow(const Request& request) {
  const auto& routes = TheRoutes();
  return std::any_of(routes.begin(), routes.end(), [&](const Route& route) {
    return route.path == request.path &&
           (route.access == Access::kAsksDns || route.access == Access::kImports);
  });
}

Response Api::Dispatch(const Request& request) {
  if (IsMonitoring(request)) return Monitor(request, parts_, hooks_);
  std::vector<std::string_view> paths;
  std::string methods;
  for (const Route& route : TheRoutes()) {
    paths.push_back(route.path);
    if (route.path != request.path) continue;
    methods += (methods.empty() ? "" : ", ") + std::string(route.method);
    if (route.method != request.method) continue;
    if (request.role < RoleFor(route.access)) {
      return ErrorResponse(403, kNotAllowed,
                           route.access == Access::kSecret
                               ? "only root and the daemon's user may read the hash key"
                               : "members of control.read_group may only read");
    }
    const bool reads = route.access == Access::kReads || route.access == Access::kSecret;
    if (!reads && !hooks_.started) return NotRunning(route.access);
    auto params = Params::Of(request, route.params, route.access != Access::kImports);
    if (!params) return FromError(params.error());
    const Call call{request, *std::move(params), parts_.config.Get(), parts_.clock.Now(), parts_,
                    hooks_};
    const Answer answer = route.handle(call);
    if (!answer) return FromError(answer.error());
    return {answer->status, answer->json.Dump()};
  }
  if (!methods.empty()) {
    return ErrorResponse(405, "method-not-allowed", request.path + " takes: " + methods);
  }
  const std::string_view nearest = ClosestMatch(request.path, paths);
  return ErrorResponse(404, "not-found",
                       "there is no \"" + EscapeForLog(request.path, 80) + "\"" +
                           (nearest.empty() ? "" : "; did you mean " + std::string(nearest) + "?"));
}

}  // namespace mxward::control
