// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "tests/unit/control/api_fixture.h"

namespace mxward {

// Runs whole command lines of mxwardctl against an API in this process, on a fake clock.
class CommandFixture {
 public:
  explicit CommandFixture(Config config = TestConfig()) : daemon(std::move(config)) {}

  // Returns the exit status. out and err then hold what this command wrote.
  int Run(const std::vector<std::string>& words, bool color = false) {
    std::vector<const char*> argv = {"mxwardctl"};
    for (const std::string& word : words) argv.push_back(word.c_str());
    const cli::Arguments arguments =
        cli::ParseArguments(static_cast<int>(argv.size()), argv.data());
    std::ostringstream out_stream;
    std::ostringstream err_stream;
    int status = arguments.status;
    if (arguments.command == nullptr) {
      (status == 0 ? out_stream : err_stream) << arguments.text;
    } else {
      cli::Output output(out_stream, err_stream, {arguments.format, color, arguments.header});
      InProcess context(output, *this, arguments.files);
      status = arguments.command->run(context, arguments.words);
    }
    out = out_stream.str();
    err = err_stream.str();
    return status;
  }

  ApiFixture daemon;
  control::Api store_only{daemon.engine.parts(), {}};  // what answers without a daemon
  bool running = true;
  std::string out;
  std::string err;
  Millis slept{0};

 private:
  class ApiBackend : public cli::Backend {
   public:
    explicit ApiBackend(control::Api& api) : api_(api) {}

   protected:
    Result<cli::Reply> Send(const std::string& method, const std::string& path,
                            const cli::Parameters& parameters, const std::string& body) override {
      ApiFixture::Query query;
      for (const auto& [name, value] : parameters) {
        if (!value.empty()) query.emplace(name, value);
      }
      const auto response = api_.Handle({method, path, std::move(query), body, "uid 1000"});
      return cli::Reply{response.status, ParseJson(response.json).value_or(Json())};
    }

   private:
    control::Api& api_;
  };

  class InProcess : public cli::Context {
   public:
    InProcess(cli::Output& output, CommandFixture& fixture, Files files)
        : Context(output, fixture.daemon.clock, std::move(files)), fixture_(fixture) {}

    std::unique_ptr<cli::Backend> OpenBackend(Needs needs) override {
      if (!fixture_.running && needs == Needs::kDaemon) {
        output().Say("the daemon is not running");
        return nullptr;
      }
      return std::make_unique<ApiBackend>(fixture_.running ? fixture_.daemon.api
                                                           : fixture_.store_only);
    }
    void Sleep(Millis duration) override {
      fixture_.slept += duration;
      fixture_.daemon.clock.Advance(duration);
    }

   private:
    CommandFixture& fixture_;
  };
};

}  // namespace mxward
