// SPDX-License-Identifier: Apache-2.0
#include "cli/backend.h"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "control/http_message.h"
#include "control/message.h"

namespace mxward::cli {
namespace {

// Which group opens the door.
std::string SocketGroup(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return "the socket's group";
  const group* found = getgrgid(info.st_gid);
  return found != nullptr ? "group \"" + std::string(found->gr_name) + "\""
                          : "group " + std::to_string(info.st_gid);
}

tl::unexpected<Error> NotAllowed(const std::string& path) {
  return Fail(ErrorCode::kUnavailable, path + ": permission denied: only root and members of " +
                                           SocketGroup(path) + " may use the control socket");
}

ErrorCode CodeOf(int status) {
  switch (status) {
    case 400:
      return ErrorCode::kInvalid;
    case 404:
      return ErrorCode::kNotFound;
    case 403:
    case 503:
      return ErrorCode::kUnavailable;
    default:
      return ErrorCode::kInternal;
  }
}

}  // namespace

Result<Reply> Backend::Ask(const std::string& method, const std::string& path,
                           const Parameters& parameters, const std::string& body) {
  auto reply = Send(method, path, parameters, body);
  if (!reply || reply->status == 200 || reply->status == 422) return reply;
  const std::string& message = reply->json["error"]["message"].text();
  return Fail(CodeOf(reply->status),
              message.empty() ? "the daemon answers " + std::to_string(reply->status) : message);
}

Result<std::unique_ptr<SocketBackend>> SocketBackend::Open(const std::string& path) {
  auto connection = HttpConnection::Open(path, kDeadline);
  if (!connection) {
    if (connection.error().code == ErrorCode::kUnavailable) return NotAllowed(path);
    return Fail(connection.error());
  }
  return std::unique_ptr<SocketBackend>(new SocketBackend(path, *std::move(connection)));
}

Result<Reply> SocketBackend::Send(const std::string& method, const std::string& path,
                                  const Parameters& parameters, const std::string& body) {
  if (!next_) {
    auto connection = HttpConnection::Open(path_, kDeadline);
    if (!connection) return Fail(connection.error());
    next_.emplace(*std::move(connection));
  }
  HttpConnection connection(*std::move(next_));
  next_.reset();
  std::string target = path;
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    target += target.size() == path.size() ? "?" : "&";
    target += name + "=" + control::PercentEncode(value);
  }
  const auto reply = connection.Ask(method, target, body);
  if (!reply) return Fail(reply.error());
  auto json = ParseJson(reply->body);
  const bool kept_out =
      reply->status == 403 && (!json || (*json)["error"]["code"].text() != control::kNotAllowed);
  if (kept_out) return NotAllowed(path_);
  if (!json) return Fail("control socket", json.error());
  return Reply{reply->status, *std::move(json)};
}

std::unique_ptr<store::Ticket> StoreBackend::NoWriter::Submit(store::Operation /*operation*/,
                                                              store::Urgency /*urgency*/) {
  return store::NewDoneTicket(Fail(ErrorCode::kUnavailable, "the daemon is not running"));
}

void StoreBackend::NoLog::Write(LogLevel /*level*/, std::string_view /*line*/) {}

StoreBackend::StoreBackend(std::unique_ptr<store::Environment> environment,
                           std::shared_ptr<const Config> config, const std::string& config_path,
                           const Clock& clock)
    : environment_(std::move(environment)),
      engine_(Engine::Services{clock, *environment_, writer_, log_}, std::move(config)),
      api_(engine_, [&] {
        control::ServiceHooks hooks;
        hooks.version = MXWARD_VERSION;
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
  auto environment = store::Environment::Open({.path = config->store.path,
                                               .map_size = config->store.map_size,
                                               .map_size_max = config->store.map_size_max,
                                               .read_only = true});
  if (!environment) return Fail(environment.error());
  std::unique_ptr<StoreBackend> backend(
      new StoreBackend(*std::move(environment), std::move(config), config_path, clock));
  if (auto loaded = backend->engine_.Load(); !loaded) return Fail(loaded.error());
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
  auto json = ParseJson(response.json);
  if (!json) return Fail(json.error());
  return Reply{response.status, *std::move(json)};
}

}  // namespace mxward::cli
