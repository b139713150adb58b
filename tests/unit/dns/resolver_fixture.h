// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "dns/ares_resolver.h"
#include "tests/fake/dns_server.h"
#include "tests/fake/memory_log.h"
#include "tests/unit/catch.h"

namespace mxward::dns {

// What one asker was told.
class Waiter {
 public:
  struct Told {
    AnswerPtr answer;
    bool from_cache = false;
    int times = 0;
    MonoTime when{};
  };

  explicit Waiter(const Clock& clock) : clock_(clock), asked_(clock.Monotonic()) {}
  void Tell(const AnswerPtr& answer, bool from_cache) {
    {
      auto told = told_.Lock();
      told->answer = answer;
      told->from_cache = from_cache;
      told->when = clock_.Monotonic();
      ++told->times;
    }
    progress_.Add();
  }
  // The answer; fails the test when none comes.
  Answer Await(Millis limit = Millis(8000)) {
    progress_.WaitPast(0, limit);
    const Told told = *told_.Lock();
    REQUIRE(told.answer);
    return *told.answer;
  }
  bool from_cache() { return told_.Lock()->from_cache; }
  int times() { return told_.Lock()->times; }
  Millis took() { return std::chrono::floor<Millis>(told_.Lock()->when - asked_); }

 private:
  const Clock& clock_;
  const MonoTime asked_;
  Guarded<Told> told_;
  Progress progress_;
};

// A resolver on real time and its servers on loopback.
struct ResolverFixture {
  static DnsConfig Config(std::vector<std::string> servers, Millis deadline) {
    return {.servers = std::move(servers),
            .deadline = deadline,
            .cache_entries = 1000,
            .max_outstanding = 1000};
  }

  explicit ResolverFixture(std::vector<std::string> servers, Millis deadline = Millis(600))
      : ResolverFixture(Config(std::move(servers), deadline)) {}
  explicit ResolverFixture(const DnsConfig& config, const std::string& resolv_conf = "/nonexistent")
      : resolver(std::make_unique<AresResolver>(clock, log, config, resolv_conf)) {
    REQUIRE(resolver->Start());
  }

  std::shared_ptr<Waiter> Ask(const std::string& name, RecordType type = RecordType::kA,
                              Freshness freshness = Freshness::kCached) {
    auto waiter = std::make_shared<Waiter>(clock);
    resolver->Ask({name, type}, freshness, [waiter](const AnswerPtr& answer, bool from_cache) {
      waiter->Tell(answer, from_cache);
    });
    return waiter;
  }
  // Until the condition holds; false when it does not within the limit.
  template <class Condition>
  bool Until(Condition condition, Millis limit = Millis(5000)) {
    const MonoTime end = clock.Monotonic() + limit;
    while (!condition()) {
      if (clock.Monotonic() > end) return false;
      std::this_thread::sleep_for(Millis(5));
    }
    return true;
  }
  ServerState State(std::size_t server) const { return resolver->stats().servers.at(server).state; }
  bool Up(std::size_t server) const { return State(server) == ServerState::kUp; }

  RealClock clock;
  MemoryLog log;
  std::unique_ptr<AresResolver> resolver;
};

}  // namespace mxward::dns
