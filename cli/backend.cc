// SPDX-License-Identifier: Apache-2.0
#include "cli/backend.h"

#include <grp.h>
#include <sys/stat.h>

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
              message.empty() ? "the daemon answered with status " + std::to_string(reply->status)
                              : message);
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
    MXWARD_TRY(auto connection, HttpConnection::Open(path_, kDeadline));
    next_.emplace(std::move(connection));
  }
  HttpConnection connection(*std::move(next_));
  next_.reset();
  std::string target = path;
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    target += target.size() == path.size() ? "?" : "&";
    target += name + "=" + control::PercentEncode(value);
  }
  MXWARD_TRY(const auto reply, connection.Ask(method, target, body));
  auto json = ParseJson(reply.body);
  const bool kept_out =
      reply.status == 403 && (!json || (*json)["error"]["code"].text() != control::kNotAllowed);
  if (kept_out) return NotAllowed(path_);
  if (!json) return Fail("control socket", json.error());
  return Reply{reply.status, *std::move(json)};
}

}  // namespace mxward::cli
