// SPDX-License-Identifier: Apache-2.0
#include "cli/store_backend.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/version.h"
namespace mxward::cli {

std::unique_ptr<store::Ticket> StoreBackend::NoWriter::Submit(store::Operation /*operation*/,
                                                              store::Priority /*priority*/) {
  return store::NewDoneTicket(Fail(ErrorCode::kUnavailable, "the daemon is not running"));
}

void StoreBackend::NoLog::Write(LogLevel /*level*/, std::string_view /*line*/) {}

StoreBackend::StoreBackend(std::unique_ptr<store::Environment> environment,
                           std::shared_ptr<const Config> config, const std::string& config_path,
                           const Clock& clock)
    : environment_(std::move(environment)),
      engine_(Engine::Services{clock, *environment_, writer_, log_}, std::move(config)),
      api_(engine_.parts(), [&] {
        control::ServiceHooks hooks;
        hooks.version = kVersion;
        hooks.config_path = config_path;
        return hooks;
      }()) {}

Result<std::unique_ptr<StoreBackend>> StoreBackend::Open(std::shared_ptr<const Config> config,
                                                         const std::string& config_path,
                                                         const Clock& clock) {
  const std::string data = config->store.path + "/data.mdb";
  if (access(data.c_str(), R_OK) != 0 && errno == EACCES) {
    return Fail(ErrorCode::kIo,
                data + ": permission denied: root and the daemon's user may read it");
  }
  MXWARD_TRY(auto environment, store::Environment::Open({.path = config->store.path,
                                                         .map_size = config->store.map_size,
                                                         .map_size_max = config->store.map_size_max,
                                                         .read_only = true}));
  std::unique_ptr<StoreBackend> backend(
      new StoreBackend(std::move(environment), std::move(config), config_path, clock));
  MXWARD_TRY(backend->engine_.Load());
  return backend;
}

Result<Reply> StoreBackend::Send(const std::string& method, const std::string& path,
                                 const Parameters& parameters, const std::string& body) {
  control::Request request;
  request.body = body;
  request.method = method;
  request.path = path;
  for (const auto& [name, value] : parameters) {
    if (!value.empty()) request.query.emplace(name, value);
  }
  const control::Response response = api_.Handle(request);
  MXWARD_TRY(auto json, ParseJson(response.json));
  return Reply{response.status, std::move(json)};
}

}  // namespace mxward::cli
