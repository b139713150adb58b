// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/runner_world.h"

#include <stdexcept>
#include <utility>

#include "config/loader.h"
#include "control/json.h"
#include "tests/scenario/runner_steps.h"

namespace mxward::scenario {

World::Service::Service(World& world, std::unique_ptr<store::Environment> opened)
    : environment(std::move(opened)),
      inline_writer(*environment),
      writer(inline_writer, world.clock_),
      engine(std::make_unique<Engine>(
          Engine::Services{world.clock_, *environment, writer, world.log_}, world.config_)),
      sweep(*environment, writer, engine->pending_counts()),
      api(*engine, {.version = "scenario", .started = world.clock_.Now()}) {}

void World::Start() {
  if (!config_) config_ = std::make_shared<const Config>(DefaultConfig());
  auto opened = store::Environment::Open(
      {.path = dir_.path(), .map_size = 16 << 20, .map_size_max = 64 << 20});
  if (!opened) throw std::runtime_error(opened.error().message);
  service_ = std::make_unique<Service>(*this, *std::move(opened));
  if (auto loaded = engine().Load(); !loaded) throw std::runtime_error(loaded.error().message);
  // As the daemon does: what it keeps only in memory is right after one walk.
  Walk();
}

void World::Restart() {
  sessions_.clear();
  service_.reset();
  Start();
}

void World::Walk() {
  while (!service_->sweep.Step(engine().config(), clock_.Now(), clock_.Monotonic())) {
  }
}

void World::Set(const std::string& key, std::string text, int line) {
  settings_[key] = {line, std::move(text)};
}

void World::Configure(const std::string& file) {
  // Each setting in the line of the scenario that it came from, so that problems are placed there.
  std::map<int, std::string> lines;
  for (const auto& [key, setting] : settings_) lines[setting.line] = setting.text;
  std::string text;
  int last = 1;
  for (const auto& [line, setting] : lines) {
    text.append(static_cast<std::size_t>(line - last), '\n');
    text += setting;
    last = line;
  }
  text += '\n';
  auto loaded = ParseConfig(text, file);
  if (!loaded) {
    std::string message;
    for (const ConfigProblem& problem : loaded.error()) {
      if (!message.empty()) message += "; ";
      message += problem.message;
    }
    throw BadLine{loaded.error().front().line, message};
  }
  loaded->trust.own_addresses = own_addresses_;
  config_ = std::make_shared<const Config>(*std::move(loaded));
  engine().SetConfig(config_);
}

void World::AddOwnAddress(const IpAddress& address) { own_addresses_.push_back(address); }

Json World::Ask(const std::string& method, const std::string& path,
                std::map<std::string, std::string, std::less<>> query) {
  const control::Response response =
      service_->api.Handle({.method = method, .path = path, .query = std::move(query)});
  auto answer = ParseJson(response.json);
  if (!answer) throw std::runtime_error(answer.error().message);
  if (response.status != 200) throw std::runtime_error((*answer)["error"]["message"].text());
  return *std::move(answer);
}

Session& World::OpenSession(const std::string& name) {
  auto& session = sessions_[name];
  if (!session) session = std::make_unique<Session>(engine());
  return *session;
}

Session* World::FindSession(const std::string& name) {
  const auto found = sessions_.find(name);
  return found == sessions_.end() ? nullptr : found->second.get();
}

}  // namespace mxward::scenario
