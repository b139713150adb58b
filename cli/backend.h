// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cli/http_client.h"
#include "control/json.h"

namespace mxward::cli {

// Parameters of a request; empty values are left out.
using Parameters = std::vector<std::pair<std::string, std::string>>;

struct Reply {
  int status = 200;
  Json json;
};

struct Question {
  std::string path;
  Parameters parameters = {};
  std::string method = "GET";
};

// Who answers the API's questions.
class Backend {
 public:
  virtual ~Backend() = default;
  // kNotFound, kInvalid, ... as the API said; kIo, kTimeout and the like when it said nothing. A
  // reply of status 422 is not an error here: it has more to say.
  Result<Reply> Ask(const std::string& method, const std::string& path,
                    const Parameters& parameters = {}, const std::string& body = "");

 protected:
  virtual Result<Reply> Send(const std::string& method, const std::string& path,
                             const Parameters& parameters, const std::string& body) = 0;
};

// The running daemon, over its control socket; one connection a request.
class SocketBackend : public Backend {
 public:
  // kNotFound: no daemon listens there. kUnavailable: it is not for this user.
  static Result<std::unique_ptr<SocketBackend>> Open(const std::string& path);

  // Longer than the daemon takes for anything.
  static constexpr Millis kDeadline{15000};

 protected:
  Result<Reply> Send(const std::string& method, const std::string& path,
                     const Parameters& parameters, const std::string& body) override;

 private:
  SocketBackend(std::string path, HttpConnection first)
      : path_(std::move(path)), next_(std::move(first)) {}

  std::string path_;
  std::optional<HttpConnection> next_;  // open already, for the next request
};

}  // namespace mxward::cli
