// SPDX-License-Identifier: Apache-2.0
#include "scenario/world.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "config/loader.h"
#include "entries/entry.h"
#include "greylist/folded.h"
#include "greylist/record.h"
#include "greylist/state.h"
#include "scenario/words.h"

namespace mxward::scenario {
namespace {

template <class T>
T Must(Result<T> result) {
  if (!result) throw Problem(result.error().message);
  return *std::move(result);
}

void Must(Result<void> result) {
  if (!result) throw Problem(result.error().message);
}

Config ParseOrThrow(const std::string& text) {
  LoadResult loaded = ParseConfig(text, "config");
  if (!loaded) throw Problem(loaded.error().front().ToString());
  return *std::move(loaded);
}

// One array of tables, as a file would have it.
void AddTables(const char* key, const std::vector<std::pair<std::string, std::string>>& tables,
               std::string& text) {
  if (tables.empty()) return;
  text += std::string(key) + " = [";
  for (const auto& [name, table] : tables) text += table + ", ";
  text += "]\n";
}

}  // namespace

World::World(const Options& options) : no_sync_(options.no_sync) {
  if (!options.data_file.empty()) {
    std::filesystem::copy_file(options.data_file, dir_.File("data.mdb"));
  }
  // Every domain exists and has a host that takes its mail.
  resolver_.SetZone("", dns::answers::Addresses({"198.51.100.25"}));
}

void World::AddList(const std::string& table) {
  Put(lists_, ParseOrThrow("dnsbl = [" + table + "]\n").dnsbl.at(0).name, table);
  const auto config = ParsedConfig();
  for (const DnsblConfig& list : config->dnsbl) {
    if (!zones_.insert(list.zone).second) continue;
    resolver_.SetZone(list.zone);
    resolver_.Set(list.zone, dns::RecordType::kSoa, {.outcome = dns::Outcome::kFound});
  }
  Reload(config);
}

void World::RemoveList(const std::string& name) {
  Remove(lists_, name, "list");
  Reload(ParsedConfig());
}

void World::AddLimit(const std::string& table) {
  Put(limits_, ParseOrThrow("limit = [" + table + "]\n").limit.at(0).name, table);
  Reload(ParsedConfig());
}

void World::RemoveLimit(const std::string& name) {
  Remove(limits_, name, "limit");
  Reload(ParsedConfig());
}

void World::AddRule(const std::string& table) {
  // It may speak of a list, so that it cannot be read alone.
  std::string text;
  AddTables("dnsbl", lists_, text);
  AddTables("rule", {{"", table}}, text);
  Put(rules_, ParseOrThrow(text).rule.at(0).name, table);
  Reload(ParsedConfig());
}

void World::RemoveRule(const std::string& name) {
  Remove(rules_, name, "rule");
  Reload(ParsedConfig());
}

void World::Put(NamedTables& tables, const std::string& name, const std::string& table) {
  const auto same = std::find_if(tables.begin(), tables.end(),
                                 [&](const auto& one) { return one.first == name; });
  if (same == tables.end()) {
    tables.emplace_back(name, table);
  } else {
    same->second = table;
  }
}

void World::Remove(NamedTables& tables, const std::string& name, const char* what) {
  const auto gone = std::erase_if(tables, [&](const auto& one) { return one.first == name; });
  if (gone == 0) throw Problem(std::string("there is no ") + what + " \"" + name + "\"");
}

void World::TestLists() {
  engine().StartListTests();
  Advance(Millis(5000));
}

void World::CheckNames() {
  engine().CheckNames();
  Advance(Millis(5000));
}

void World::Advance(Millis by) {
  // What answers in between comes at its own time, and may lead to further questions.
  dns::Progress nothing;
  resolver_.Wait(nothing, nothing.count(), clock_.Monotonic() + by);
  if (running_) running_->engine->Save();
}

std::shared_ptr<const Config> World::ParsedConfig() const {
  std::string text;
  for (const auto& [key, value] : options_) text += key + " = " + value + "\n";
  AddTables("dnsbl", lists_, text);
  AddTables("limit", limits_, text);
  AddTables("rule", rules_, text);
  Config config = ParseOrThrow(text);
  config.store.path = dir_.path();
  // What "self" stands for must not depend on the machine.
  config.trust.own_addresses = {*IpAddress::Parse("203.0.113.1"),
                                *IpAddress::Parse("2001:db8:ffff::1")};
  return std::make_shared<const Config>(std::move(config));
}

void World::Configure(const std::string& key, const std::string& value) {
  options_[key] = value;
  Reload(ParsedConfig());
}

void World::Reload(const std::shared_ptr<const Config>& config) {
  resolver_.set_deadline(config->dns.deadline);
  if (running_) running_->engine->SetConfig(config);
}

World::Running& World::Start() {
  if (running_) return *running_;
  const auto config = ParsedConfig();
  auto running = std::make_unique<Running>();
  running->environment = Must(store::Environment::Open({.path = config->store.path,
                                                        .map_size = 64 << 20,
                                                        .map_size_max = 256 << 20,
                                                        .no_sync = no_sync_}));
  running->inline_writer = std::make_unique<store::InlineWriter>(*running->environment);
  running->writer = std::make_unique<FailingWriter>(*running->inline_writer, clock_);
  running->engine = std::make_unique<Engine>(
      Engine::Services{clock_, *running->environment, *running->writer, log_, &resolver_}, config);
  Must(running->engine->Load());
  running->sweep = std::make_unique<greylist::Sweep>(
      *running->environment, *running->writer, running->engine->pending_counts(),
      running->engine->NewExpiredUnretriedCallback());
  running->entry_sweep = std::make_unique<entries::Sweep>(*running->environment, *running->writer);
  running->client_sweep = std::make_unique<ClientSweep>(*running->environment, *running->writer);
  control::ServiceHooks hooks;
  hooks.started = clock_.Now();
  running->api = std::make_unique<control::Api>(running->engine->parts(), std::move(hooks));
  running_ = std::move(running);
  return *running_;
}

void World::Restart(bool orderly) {
  sessions_.clear();
  if (running_ && orderly) running_->engine->Save(/*all=*/true);
  // Answers to its questions may still come, and are put down in it.
  if (running_) ended_.push_back(std::move(running_->engine));
  resolver_.ForgetAnswers();
  running_.reset();
  Start();
}

void World::SaveDatabase(const std::string& data_file) {
  sessions_.clear();
  Start().engine->Save(/*all=*/true);
  ended_.push_back(std::move(running_->engine));
  running_.reset();
  std::filesystem::copy_file(dir_.File("data.mdb"), data_file);
}

void World::Sweep() {
  Running& running = Start();
  running.engine->pending_room().Trim(*running.environment, *running.writer);
  while (!running.sweep->Step(running.engine->config(), clock_.Now(), clock_.Monotonic())) {
  }
  while (!running.entry_sweep->Step(clock_.Now(), clock_.Monotonic())) {
  }
  while (!running.client_sweep->Step(running.engine->config()->clients.lifetime, clock_.Now(),
                                     clock_.Monotonic())) {
  }
}

Json World::Ask(const std::string& method, const std::string& path,
                std::map<std::string, std::string, std::less<>> query) {
  control::Request request;
  request.method = method;
  request.path = path;
  request.query = std::move(query);
  request.peer = "scenario";
  const control::Response response = Start().api->Handle(request);
  Json answer = Must(ParseJson(response.json));
  if (response.status >= 300) throw Problem(path + ": " + answer["error"]["message"].text());
  return answer;
}

World::StoreCounts World::CountStore() {
  StoreCounts counts;
  auto& by_name = counts.by_name;
  for (const char* name : {"tuples", "pending", "passed", "forgotten", "folded", "earned",
                           "allowed", "entries", "entry-records", "addresses"}) {
    by_name[name] = 0;
  }
  Running& running = Start();
  const auto config = running.engine->config();
  const WallTime now = clock_.Now();
  const auto read = Must(running.environment->Read());
  Must(read.Scan(store::Table::kTuples, "", [&](std::string_view, std::string_view value) {
    const auto record = greylist::TupleRecord::Decode(value);
    if (!record) throw Problem("a tuple's record cannot be read");
    if (record->state != greylist::State::kForgotten) ++by_name["tuples"];
    if (record->state == greylist::State::kPending) ++by_name["pending"];
    if (record->state == greylist::State::kPassed) ++by_name["passed"];
    if (record->state == greylist::State::kForgotten) ++by_name["forgotten"];
    if (record->observed) ++by_name["observed"];
    if (greylist::NeverCameBack(*record, now, config->greylist)) ++by_name["lost"];
    if (record->client || !record->sender.empty() || !record->recipient.empty()) {
      ++by_name["addresses"];
    }
    return true;
  }));
  Must(read.Scan(store::Table::kFolded, "", [&](std::string_view, std::string_view value) {
    const auto block = greylist::FoldedBlock::Decode(value);
    if (!block) throw Problem("a block of folded tuples cannot be read");
    by_name["folded"] += static_cast<int>(block->tuples.size());
    if (block->client) ++by_name["addresses"];
    return true;
  }));
  Must(read.Scan(store::Table::kEarned, "", [&](std::string_view, std::string_view value) {
    const auto record = greylist::AutoAllowRecord::Decode(value);
    if (!record) throw Problem("an earned record cannot be read");
    if (!record->forgotten) ++by_name["earned"];
    if (!record->identity.empty()) ++by_name["addresses"];
    if (IsAllowed(*record, now, config->greylist)) ++by_name["allowed"];
    return true;
  }));
  Must(read.Scan(store::Table::kEntries, "", [&](std::string_view key, std::string_view value) {
    const auto entry = entries::Decode(static_cast<entries::Kind>(key[0]), value);
    if (!entry) throw Problem("an entry cannot be read");
    ++by_name["entry-records"];
    if (InForce(*entry, now)) ++by_name["entries"];
    return true;
  }));
  return counts;
}

Session& World::NewSession(const std::string& name) {
  sessions_[name] = std::make_unique<Session>(engine());
  return *sessions_[name];
}

Session& World::SessionOf(const std::string& name) {
  const auto found = sessions_.find(name);
  if (found == sessions_.end()) throw Problem("session " + name + ": nobody has connected yet");
  return *found->second;
}

FailingWriter& World::writer() { return *Start().writer; }
Engine& World::engine() { return *Start().engine; }

}  // namespace mxward::scenario
