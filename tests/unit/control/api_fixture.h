// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "control/api.h"
#include "control/json.h"
#include "engine/session.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/fake_resolver.h"
#include "tests/fake/memory_log.h"
#include "tests/fake/test_config.h"
#include "tests/fake/test_store.h"

namespace mxward {

// The API over a real database, fake DNS that knows nothing, and a clock that stands at
// 2026-01-05T00:00:00Z until it is moved. The delay is 5 min, the retry window 48 h, the lifetime
// 36 d.
class ApiFixture {
 public:
  using Query = std::map<std::string, std::string, std::less<>>;

  explicit ApiFixture(Config config = TestConfig())
      : resolver(clock, config.dns),
        engine(Engine::Services{clock, store.environment(), store.writer(), log, &resolver},
               Shared(std::move(config))),
        timeline(engine.counters(), clock),
        api(engine.parts(), Hooks()) {}

  control::Response Handle(const std::string& method, const std::string& path, Query query = {},
                           std::string body = "") {
    return api.Handle({method, path, std::move(query), std::move(body), "uid 1000"});
  }
  // The answer's JSON; null when the status is not 200.
  Json Ask(const std::string& method, const std::string& path, Query query = {}) {
    const control::Response response = Handle(method, path, std::move(query));
    if (response.status != 200) return {};
    return ParseJson(response.json).value_or(Json());
  }
  Json Get(const std::string& path, Query query = {}) { return Ask("GET", path, std::move(query)); }

  // One try of a mail to each recipient. name: a verified reverse name.
  void Deliver(const std::string& client, const std::string& sender,
               const std::vector<std::string>& recipients, const std::string& name = "",
               const std::string& helo = "") {
    SessionFacts facts;
    facts.client = IpAddress::Parse(client);
    facts.client_name = name;
    facts.name_class = name.empty() ? NameClass::kNone : NameClass::kGood;
    Session session(engine);
    session.Connect(facts);
    if (!helo.empty()) session.Helo(helo);
    MessageFacts message;
    message.sender = sender;
    session.Mail(message);
    for (const std::string& recipient : recipients) {
      session.Recipient(recipient, "");
    }
    session.TakeMessage();
  }
  // As above, and the same again when the delay is over: the tuples pass.
  void DeliverTwice(const std::string& client, const std::string& sender,
                    const std::vector<std::string>& recipients, const std::string& name = "") {
    Deliver(client, sender, recipients, name);
    clock.Advance(std::chrono::minutes(6));
    Deliver(client, sender, recipients, name);
  }

  FakeClock clock;
  // Always with the same key, so that records come in the same order.
  TestStore store{16 << 20, HashKey{1, 2, 3, 4, 5, 6, 7, 8}};
  MemoryLog log;
  dns::FakeResolver resolver;
  Engine engine;
  control::ReloadOutcome reload{true, {}, {}};
  dns::AresResolver::Stats dns_stats = SomeStats();
  store::ThreadedWriter::Stats writer_stats{};
  bool pool_stalled = false;
  bool socket_lost = false;
  metrics::ReloadStatus reload_status;
  metrics::Timeline timeline;
  control::Api api;

 private:
  static dns::AresResolver::Stats SomeStats() {
    dns::AresResolver::Stats stats;
    stats.asked = 40;
    stats.outstanding = 3;
    stats.cache_entries = 12;
    stats.servers.emplace_back().address = "192.0.2.53:53";
    return stats;
  }
  control::ServiceHooks Hooks() {
    control::ServiceHooks hooks;
    hooks.version = "1.2.3";
    hooks.started = clock.Now();
    hooks.config_path = "/etc/mxward/mxward.toml";
    hooks.listening = "unix:/run/mxward/milter.sock";
    hooks.reload = [this] { return reload; };
    hooks.current_sessions = [] { return std::uint64_t{7}; };
    hooks.pool_stalled = [this] { return pool_stalled; };
    hooks.socket_lost = [this] { return socket_lost; };
    hooks.dns_stats = [this] { return dns_stats; };
    hooks.writer_stats = [this] { return writer_stats; };
    hooks.timeline = [this](metrics::Timeline::Window window) { return timeline.Look(window); };
    hooks.reload_status = [this] { return reload_status; };
    return hooks;
  }
};

}  // namespace mxward
