// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "cli/http_client.h"
#include "config/config.h"
#include "control/api.h"
#include "control/json.h"
#include "engine/engine.h"
#include "store/environment.h"
#include "store/writer.h"

namespace mxward::cli {

// Parameters of a request; empty values are left out.
using Parameters = std::vector<std::pair<std::string, std::string>>;

struct Reply {
  int status = 200;
  Json json;
};

// Who answers the API's questions.
class Backend {
 public:
  virtual ~Backend() = default;
  // kNotFound, kInvalid, ... as the API said; kIo, kTimeout and the like when it said nothing. A
  // reply of status 422 is no error here: it has more to say.
  Result<Reply> Ask(const std::string& method, const std::string& path,
                    const Parameters& parameters = {}, const std::string& body = "");
  // True when it is the running daemon.
  virtual bool live() const = 0;

 protected:
  virtual Result<Reply> Send(const std::string& method, const std::string& path,
                             const Parameters& parameters, const std::string& body) = 0;
};

// The running daemon, over its control socket; one connection a request.
class SocketBackend : public Backend {
 public:
  // kNotFound: no daemon listens there. kUnavailable: it is not for this user.
  static Result<std::unique_ptr<SocketBackend>> Open(const std::string& path);
  bool live() const override { return true; }

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

// The store, read directly while no daemon runs. Changes nothing and creates nothing.
class StoreBackend : public Backend {
 public:
  static Result<std::unique_ptr<StoreBackend>> Open(std::shared_ptr<const Config> config,
                                                    const std::string& config_path,
                                                    const Clock& clock);
  bool live() const override { return false; }

 protected:
  Result<Reply> Send(const std::string& method, const std::string& path,
                     const Parameters& parameters, const std::string& body) override;

 private:
  class NoWriter : public store::Writer {
   public:
    std::unique_ptr<store::Ticket> Submit(store::Operation operation,
                                          store::Urgency urgency) override;
  };
  class NoLog : public Log {
   public:
    void Write(LogLevel level, std::string_view line) override;
  };

  StoreBackend(std::unique_ptr<store::Environment> environment,
               std::shared_ptr<const Config> config, const std::string& config_path,
               const Clock& clock);

  std::unique_ptr<store::Environment> environment_;
  NoWriter writer_;
  NoLog log_;
  Engine engine_;
  control::Api api_;
};

}  // namespace mxward::cli
