// SPDX-License-Identifier: Apache-2.0
// How the resolver chooses among its servers.
#include <sys/resource.h>

#include <cstdio>
#include <fstream>

#include "tests/fake/temp_dir.h"
#include "tests/unit/dns/resolver_fixture.h"

namespace mxward::dns {
namespace {

DnsblConfig ListOf(const std::string& zone) {
  DnsblConfig list;
  list.zone = zone;
  return list;
}

// A port where nobody listens.
std::string Nobody() { return FakeDnsServer(manners::Silent).address(); }

TEST_CASE("a dead first server costs questions a part of the deadline, then nothing", "[dns]") {
  FakeDnsServer dead(manners::Silent);
  FakeDnsServer alive(manners::Listed);
  ResolverFixture world({dead.address(), alive.address()}, Millis(900));
  const auto first = world.Ask("first.example");
  CHECK(first->Await().outcome == Outcome::kFound);
  CHECK(first->took() >= Millis(200));
  CHECK(first->took() <= Millis(600));
  REQUIRE(world.Until([&] { return !world.Up(0); }));
  CHECK(world.Up(1));
  for (int i = 10; i < 30; ++i) {
    const auto waiter = world.Ask(std::to_string(i) + ".example");
    CHECK(waiter->Await().outcome == Outcome::kFound);
    CHECK(waiter->took() < Millis(200));
    CHECK(dead.queries(std::to_string(i) + ".example") == 0);
  }
  CHECK(
      world.log.Contains("server " + dead.address() + " is down (no answer to 3 probes in a row)"));
  CHECK(world.resolver->stats().failures == 0);

  dead.SetManner(manners::Listed);
  REQUIRE(world.Until([&] { return world.Up(0); }));
  CHECK(world.log.Contains("server " + dead.address() + " answers again"));
  const auto alive_before = alive.queries();
  world.Ask("after.example")->Await();
  CHECK(alive.queries() == alive_before);
}

TEST_CASE("where nobody listens the next server is asked at once", "[dns]") {
  FakeDnsServer alive(manners::Listed);
  ResolverFixture world({Nobody(), alive.address()}, Millis(3000));
  for (int i = 0; i < 8; ++i) {
    const auto waiter = world.Ask(std::to_string(i) + ".example");
    CHECK(waiter->Await().outcome == Outcome::kFound);
    CHECK(waiter->took() < Millis(500));
  }
  REQUIRE(world.Until([&] { return !world.Up(0); }));
  CHECK_THAT(world.resolver->stats().servers.at(0).reason, HasText("connection refused"));
}

TEST_CASE("a server that answers with an error is passed over at once", "[dns]") {
  const unsigned rcode = GENERATE(2U, 5U);
  FakeDnsServer broken(manners::Code(rcode));
  FakeDnsServer alive(manners::Listed);
  ResolverFixture world({broken.address(), alive.address()}, Millis(3000));
  const auto waiter = world.Ask("a.example");
  CHECK(waiter->Await().outcome == Outcome::kFound);
  CHECK(waiter->took() < Millis(500));
  CHECK(world.Up(0));
}

TEST_CASE("with all servers dead questions get a short wait, and come back with the server",
          "[dns]") {
  FakeDnsServer server(manners::Silent);
  ResolverFixture world({server.address()}, Millis(600));
  const auto first = world.Ask("first.example");
  CHECK(first->Await().not_queried);
  CHECK(first->took() >= Millis(500));
  REQUIRE(world.Until([&] { return world.State(0) == ServerState::kDown; }));
  CHECK(world.log.Contains("dns: no server is left"));
  std::vector<std::shared_ptr<Waiter>> waiters;
  waiters.reserve(1000);
  for (int i = 0; i < 1000; ++i) waiters.push_back(world.Ask(std::to_string(i) + ".example"));
  for (const auto& waiter : waiters) {
    const Answer answer = waiter->Await();
    CHECK(answer.failure == "no DNS server answers");
    CHECK(answer.not_queried);
    CHECK(waiter->took() <= AresResolver::kShortWait + Millis(150));
  }
  // None of them keeps others out.
  CHECK(world.resolver->stats().outstanding == 0);
  // Asked all the same: the server may be back, and its next probe half a second away.
  CHECK(server.queries() > 1);

  server.SetManner(manners::Listed);
  const MonoTime alive = world.clock.Monotonic();
  CHECK(world.Ask("back.example")->Await().outcome == Outcome::kFound);
  REQUIRE(world.Until([&] { return world.Up(0); }));
  CHECK(world.clock.Monotonic() - alive < Millis(1500));
}

TEST_CASE("names that strangers choose change no server's state", "[dns]") {
  const auto [manner, what] = GENERATE(table<FakeDnsServer::Manner, std::string>({
      {manners::Code(2), "SERVFAIL"},
      {manners::Code(5), "REFUSED"},
      {manners::Silent, "silence"},
      {manners::Slow(Millis(500), manners::Listed), "slow"},
  }));
  CAPTURE(what);
  FakeDnsServer server([manner = manner](const FakeDnsServer::Query& query) {
    return query.reply.name.ends_with("stranger.example") ? manner(query) : manners::Listed(query);
  });
  ResolverFixture world({server.address()}, Millis(300));
  world.resolver->SetLists({ListOf("bl.example")});
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 60; ++i) {
      world.Ask(std::to_string(round * 100 + i) + ".stranger.example");
    }
    const auto listed = world.Ask(std::to_string(round) + ".bl.example");
    CHECK(listed->Await().outcome == Outcome::kFound);
    std::this_thread::sleep_for(Millis(50));  // of real time: these go over a real socket
    CHECK(world.Up(0));
  }
  CHECK_FALSE(world.log.Contains("is down"));
  CHECK_FALSE(world.log.Contains("fails"));
  // They start probes, one a second at most.
  CHECK(server.probes() >= 1);
  CHECK(server.probes() <= 8);
}

TEST_CASE("a server that answers every probe with an error fails, and questions go on", "[dns]") {
  const auto [rcode, text] =
      GENERATE(table<unsigned, std::string>({{2, "SERVFAIL"}, {5, "REFUSED"}}));
  FakeDnsServer server(manners::Code(rcode));
  ResolverFixture world({server.address()}, Millis(600));
  world.resolver->SetLists({ListOf("key.bl.example"), ListOf("other.example")});
  world.Ask("a.example")->Await();
  REQUIRE(world.Until([&] { return world.State(0) == ServerState::kFailing; }));
  CHECK(world.log.Contains("fails (" + text + " to all 4 probes)"));
  CHECK_FALSE(world.log.Contains("key"));
  // What it still knows is heard, what it does not costs little and is nobody's fault.
  CHECK(world.Ask("b.example")->Await().not_queried);
  server.SetManner([](const FakeDnsServer::Query& query) {
    return query.probe() || query.reply.name != "c.example" ? manners::Code(2)(query)
                                                            : manners::Listed(query);
  });
  CHECK(world.Ask("c.example")->Await().outcome == Outcome::kFound);
  CHECK(world.State(0) == ServerState::kFailing);
  server.SetManner(manners::Listed);
  CHECK(world.Until([&] { return world.Up(0); }));
}

TEST_CASE("a server that fails is asked after those that are up", "[dns]") {
  FakeDnsServer failing(manners::Code(2));
  FakeDnsServer alive(manners::Listed);
  ResolverFixture world({failing.address(), alive.address()}, Millis(600));
  CHECK(world.Ask("a.example")->Await().outcome == Outcome::kFound);
  REQUIRE(world.Until([&] { return world.State(0) == ServerState::kFailing; }));
  const auto before = failing.queries();
  CHECK(world.Ask("b.example")->Await().outcome == Outcome::kFound);
  CHECK(failing.queries() == before);
}

TEST_CASE("a failure is a name's fault only when something was heard of the server", "[dns]") {
  FakeDnsServer server(manners::Silent);
  ResolverFixture world({server.address()}, Millis(600));
  CHECK(world.Ask("a.example")->Await().not_queried);
  server.SetManner(manners::ButProbes(manners::Silent));
  const auto probes = server.probes();
  REQUIRE(world.Until([&] {
    const Answer answer = world.Ask("b.example")->Await();
    CHECK(answer.failure == "no answer in 600ms");
    return !answer.not_queried;
  }));
  CHECK(server.probes() > probes);
}

TEST_CASE("what strangers ask leaves room for the lists", "[dns]") {
  FakeDnsServer server([](const FakeDnsServer::Query& query) {
    return query.reply.name.ends_with("stranger.example") ? manners::Silent(query)
                                                          : manners::Listed(query);
  });
  DnsConfig config = ResolverFixture::Config({server.address()}, Millis(1000));
  config.max_outstanding = 400;
  ResolverFixture world(config);
  world.resolver->SetLists({ListOf("bl.example")});
  for (int i = 0; i < 1000; ++i) world.Ask(std::to_string(i) + ".stranger.example");
  for (int i = 0; i < 50; ++i) {
    const auto listed = world.Ask(std::to_string(i) + ".bl.example");
    CHECK(listed->Await().outcome == Outcome::kFound);
    CHECK(listed->took() < Millis(500));
  }
  CHECK(world.resolver->stats().refused >= 600);
}

TEST_CASE("a server that was restarted is found again", "[dns]") {
  auto server = std::make_unique<FakeDnsServer>(manners::Listed);
  const std::uint16_t port = server->port();
  ResolverFixture world({server->address()}, Millis(300));
  CHECK(world.Ask("a.example")->Await().outcome == Outcome::kFound);
  server.reset();
  world.Ask("away.example")->Await();
  REQUIRE(world.Until([&] { return !world.Up(0); }));
  CHECK(world.Ask("a.example")->from_cache());
  server = std::make_unique<FakeDnsServer>(manners::Listed, port);
  CHECK(world.Until([&] { return world.Up(0); }, Millis(1500)));
  CHECK(world.Ask("b.example")->Await().outcome == Outcome::kFound);
}

TEST_CASE("a server that is slow but answers is not taken for dead", "[dns]") {
  FakeDnsServer server(manners::Slow(Millis(400), manners::Listed));
  ResolverFixture world({server.address()}, Millis(600));
  for (int i = 0; i < 200; ++i) (void)world.Ask(std::to_string(i) + ".example");
  CHECK(world.Ask("last.example")->Await().outcome == Outcome::kFound);
  CHECK(world.Up(0));
}

TEST_CASE("other servers in a new configuration take over, and the cache stays", "[dns]") {
  FakeDnsServer before(manners::Slow(Millis(200), manners::Listed));
  FakeDnsServer after(manners::Listed);
  ResolverFixture world({before.address()});
  world.Ask("a.example")->Await();
  const auto under_way = world.Ask("b.example");
  REQUIRE(world.Until([&] { return before.queries("b.example") == 1; }));
  world.resolver->SetConfig(ResolverFixture::Config({after.address()}, Millis(500)));
  CHECK(world.Ask("c.example")->Await().outcome == Outcome::kFound);
  CHECK(after.queries("c.example") == 1);
  CHECK(under_way->Await().outcome == Outcome::kFound);
  CHECK(world.Ask("a.example")->from_cache());
  const auto servers = world.resolver->stats().servers;
  REQUIRE(servers.size() == 1);
  CHECK(servers[0].address == after.address());
}

// No descriptor can be opened while this lives.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit none = before_;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

TEST_CASE("a server that could not be opened is opened when that is possible", "[dns]") {
  FakeDnsServer server(manners::Listed);
  FakeDnsServer other(manners::Listed);
  ResolverFixture world({other.address()}, Millis(500));
  {
    const NoDescriptors none;
    world.resolver->SetConfig(
        ResolverFixture::Config({server.address(), other.address()}, Millis(500)));
    REQUIRE(world.Until([&] { return world.log.Contains("no descriptors are left"); }));
  }
  CHECK(world.resolver->stats().servers.size() == 1);
  REQUIRE(world.Until([&] { return world.resolver->stats().servers.size() == 2; }));
  CHECK(world.resolver->stats().servers[0].address == server.address());
  CHECK(world.Ask("a.example")->Await().outcome == Outcome::kFound);
  CHECK(server.queries("a.example") == 1);
}

TEST_CASE("a resolv.conf that was replaced is read again", "[dns]") {
  const TempDir directory;
  const std::string path = directory.path() + "/resolv.conf";
  const auto write = [&](const std::string& text) {
    std::ofstream(path + ".new") << text;
    REQUIRE(std::rename((path + ".new").c_str(), path.c_str()) == 0);
  };
  write("search example.net\nnameserver 127.0.0.98\nnameserver ::1\n");
  ResolverFixture world(ResolverFixture::Config({}, Millis(300)), path);
  const auto servers = world.resolver->stats().servers;
  REQUIRE(servers.size() == 2);
  CHECK(servers[0].address == "127.0.0.98:53");
  CHECK(servers[1].address == "[::1]:53");
  write("nameserver 127.0.0.99\n");
  CHECK(world.Until([&] {
    const auto now = world.resolver->stats().servers;
    return now.size() == 1 && now[0].address == "127.0.0.99:53";
  }));
  CHECK(world.log.Contains("dns: asking 127.0.0.99:53 (" + path + ")"));
}

}  // namespace
}  // namespace mxward::dns
