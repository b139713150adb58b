// SPDX-License-Identifier: Apache-2.0
// How the resolver spares its servers a burst.
#include <algorithm>
#include <map>
#include <set>

#include "dns/channel_pool.h"
#include "dns/pacer.h"
#include "tests/unit/dns/resolver_fixture.h"

namespace mxward::dns {
namespace {

using Waiters = std::vector<std::shared_ptr<Waiter>>;

DnsConfig ForMany(std::vector<std::string> servers, Millis deadline) {
  DnsConfig config = ResolverFixture::Config(std::move(servers), deadline);
  config.max_outstanding = 10000;
  config.cache_entries = 10000;
  return config;
}

Waiters AskMany(ResolverFixture& world, int count, const std::string& kind) {
  Waiters waiters;
  for (int i = 0; i < count; ++i)
    waiters.push_back(world.Ask(kind + std::to_string(i) + ".example"));
  return waiters;
}

std::size_t Found(const Waiters& waiters) {
  return static_cast<std::size_t>(
      std::count_if(waiters.begin(), waiters.end(),
                    [](const auto& waiter) { return waiter->Await().outcome == Outcome::kFound; }));
}

TEST_CASE("a server that answers slowly never has more than it can keep", "[dns]") {
  FakeDnsServer server(manners::Slow(Millis(30), manners::Listed));
  ResolverFixture world(ForMany({server.address()}, Millis(3000)));
  CHECK(Found(AskMany(world, 1000, "a")) == 1000);
  CHECK(server.most_pending() > Pacer::kMost / 2);
  CHECK(server.most_pending() <= Pacer::kMost);
}

TEST_CASE("a burst to a healthy server with a small buffer is answered in full", "[dns]") {
  // It reads nothing for a moment, now and then: what is sent meanwhile is in its buffer, or lost.
  const auto busy = [](const FakeDnsServer::Query& query) {
    if (query.reply.name.ends_with("00.example")) std::this_thread::sleep_for(Millis(20));
    return manners::Listed(query);
  };
  FakeDnsServer server(busy, 0, 212992 / 2);
  ResolverFixture world(ForMany({server.address()}, Millis(3000)));
  CHECK(Found(AskMany(world, 4000, "a")) == 4000);
  CHECK(server.queries() < 4400);  // hardly any was lost and sent again
  CHECK(world.Up(0));
}

TEST_CASE("under load questions come from many source ports", "[dns]") {
  Guarded<std::set<std::uint16_t>> ports;
  FakeDnsServer server([&ports](const FakeDnsServer::Query& query) {
    ports.Lock()->insert(query.port);
    return manners::Slow(Millis(50), manners::Listed)(query);
  });
  ResolverFixture world(ForMany({server.address()}, Millis(3000)));
  CHECK(Found(AskMany(world, 720, "a")) == 720);
  CHECK(ports.Lock()->size() >= 720 / ChannelPool::kQuestions);
}

TEST_CASE("questions that come together spread over the source ports", "[dns]") {
  Guarded<std::map<std::uint16_t, int>> ports;
  FakeDnsServer server([&ports](const FakeDnsServer::Query& query) {
    ++(*ports.Lock())[query.port];
    return manners::Slow(Millis(50), manners::Listed)(query);
  });
  ResolverFixture world(ForMany({server.address()}, Millis(3000)));
  CHECK(Found(AskMany(world, 32, "a")) == 32);
  // Of 32 at random on four ports more than 24 are on one in less than one run of 10^9.
  for (const auto& [port, questions] : *ports.Lock()) CHECK(questions <= 24);
}

TEST_CASE("who gets no turn within the deadline was not asked", "[dns]") {
  FakeDnsServer server(manners::ButProbes(manners::Silent));
  ResolverFixture world(ForMany({server.address()}, Millis(600)));
  const Waiters waiters = AskMany(world, 1000, "a");
  std::size_t asked = 0;
  for (const auto& waiter : waiters) {
    const Answer answer = waiter->Await();
    CHECK(answer.outcome == Outcome::kFailed);
    CHECK(waiter->times() == 1);
    CHECK(waiter->took() < Millis(750));
    if (!answer.not_queried) ++asked;
  }
  CHECK(asked > 0);
  // Of those that were sent last the deadline was too near.
  CHECK(asked < 5 * Pacer::kMost);
  CHECK(world.Up(0));
  CHECK(world.Until([&] { return world.resolver->stats().outstanding == 0; }));
}

TEST_CASE("who waits for a silent server is answered by the next", "[dns]") {
  FakeDnsServer dead(manners::Silent);
  FakeDnsServer alive(manners::Listed);
  ResolverFixture world(ForMany({dead.address(), alive.address()}, Millis(1500)));
  CHECK(Found(AskMany(world, 1000, "a")) == 1000);
}

TEST_CASE("who waits for a server that is not there any more is answered by another", "[dns]") {
  FakeDnsServer before(manners::Slow(Millis(200), manners::Listed));
  FakeDnsServer after(manners::Listed);
  ResolverFixture world(ForMany({before.address()}, Millis(3000)));
  const Waiters waiters = AskMany(world, 1000, "a");
  REQUIRE(world.Until([&] { return before.queries() > 0; }));
  world.resolver->SetConfig(ForMany({after.address()}, Millis(3000)));
  CHECK(Found(waiters) == 1000);
  CHECK(before.queries() + after.queries() == 1000);
  CHECK(after.queries() > 0);
}

TEST_CASE("names whose own servers are silent do not hold up the others", "[dns]") {
  FakeDnsServer server([](const FakeDnsServer::Query& query) {
    return query.reply.name.starts_with("a") ? manners::Listed(query) : manners::Silent(query);
  });
  ResolverFixture world(ForMany({server.address()}, Millis(2400)));
  const Waiters hanging = AskMany(world, 2 * static_cast<int>(Pacer::kMost), "hang");
  const Waiters good = AskMany(world, 50, "a");
  CHECK(Found(good) == 50);
  for (const auto& waiter : good) CHECK(waiter->took() < 2 * Pacer::kInFlightTimeout + Millis(300));
  CHECK(Found(hanging) == 0);
  CHECK(world.Up(0));
}

}  // namespace
}  // namespace mxward::dns
