// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "cli/backend.h"
#include "config/config.h"
#include "control/api.h"
#include "engine/engine.h"
#include "store/environment.h"
#include "store/writer.h"

namespace mxward::cli {

// The store, read directly while no daemon runs. Changes nothing and creates nothing.
class StoreBackend : public Backend {
 public:
  static Result<std::unique_ptr<StoreBackend>> Open(std::shared_ptr<const Config> config,
                                                    const std::string& config_path,
                                                    const Clock& clock);

 protected:
  Result<Reply> Send(const std::string& method, const std::string& path,
                     const Parameters& parameters, const std::string& body) override;

 private:
  class NoWriter : public store::Writer {
   public:
    std::unique_ptr<store::Ticket> Submit(store::Operation operation,
                                          store::Priority priority) override;
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
