// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <unistd.h>

#include <cerrno>
#include <thread>

#include "cli/exit_status.h"
#include "cli/store_backend.h"
#include "config/control_socket.h"
#include "config/loader.h"

namespace mxward::cli {

std::shared_ptr<const Config> Context::LoadConfig() {
  // What is wrong with it is said once.
  if (config_tried_) return config_;
  config_tried_ = true;
  if (ConfigIsMissing()) {
    config_ = std::make_shared<const Config>(DefaultConfig());
    return config_;
  }
  auto loaded = LoadConfigFile(files_.config);
  if (loaded) {
    config_ = std::make_shared<const Config>(*std::move(loaded));
  } else {
    for (const ConfigProblem& problem : loaded.error()) {
      output_.Say(Printable(problem.ToString()));
    }
  }
  return config_;
}

bool Context::ConfigIsMissing() const {
  return !files_.config_given && access(files_.config.c_str(), F_OK) != 0 && errno == ENOENT;
}

std::string Context::SocketPath() {
  if (!files_.socket.empty()) return files_.socket;
  std::string standard = DefaultConfig().control.socket;
  if (ConfigIsMissing()) return standard;
  const auto configured = ConfiguredControlSocket(files_.config);
  if (configured) return *configured;
  // A broken file must not keep anybody from a daemon that runs well on the one before.
  output_.Say(Printable(configured.error().message));
  output_.Say("trying the default control.socket, " + standard);
  return standard;
}

std::unique_ptr<Backend> Context::OpenBackend(Needs needs) {
  const std::string path = SocketPath();
  auto daemon = SocketBackend::Open(path);
  if (daemon) return *std::move(daemon);
  if (daemon.error().code != ErrorCode::kNotFound) {
    output_.Say(daemon.error().message);
    return nullptr;
  }
  if (needs == Needs::kDaemon) {
    output_.Say("the daemon is not running: " + daemon.error().message);
    return nullptr;
  }
  const auto config = LoadConfig();
  if (config == nullptr) return nullptr;
  auto store = StoreBackend::Open(config, files_.config, clock_);
  if (!store) {
    const bool in_use = store.error().code == ErrorCode::kUnavailable;
    output_.Say((in_use ? "no daemon is listening there: " : "the daemon is not running: ") +
                daemon.error().message);
    output_.Say("and the database cannot be read directly: " + store.error().message);
    return nullptr;
  }
  output_.Say("the daemon is not running; reading " + config->store.path);
  return *std::move(store);
}

int Context::Ask(Needs needs, const Question& question,
                 const std::function<int(const Json& answer)>& use) {
  const auto backend = OpenBackend(needs);
  if (backend == nullptr) return kExitTrouble;
  const auto reply = backend->Ask(question.method, question.path, question.parameters);
  return reply ? use(reply->json) : Report(reply.error());
}

void Context::Show(const Json& answer, const std::function<void(Output& output)>& table) {
  if (output_.format() == Format::kTable) {
    table(output_);
  } else {
    output_.Document(answer);
  }
}

void Context::Sleep(Millis duration) { std::this_thread::sleep_for(duration); }

int Context::Report(const Error& error) {
  output_.Say(error.message);
  if (error.code == ErrorCode::kInvalid) return kExitUsage;
  return error.code == ErrorCode::kNotFound ? kExitNegative : kExitTrouble;
}

int Context::UsageError(std::string_view message) {
  output_.Say(message);
  return kExitUsage;
}

}  // namespace mxward::cli
