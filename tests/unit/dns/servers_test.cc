// SPDX-License-Identifier: Apache-2.0
// How the resolver chooses among its servers.
#include <sys/resource.h>

#include <cstdio>
#include <fstream>

#include "tests/fake/temp_dir.h"
#include "tests/unit/dns/resolver_fixture.h"

namespace mxward::dns {
namespace {

// A port where nobody listens.
std::string Nobody() { return FakeDnsServer(manners::Silent).address(); }

TEST_CASE("a dead first server costs a few questions a part of the deadline, then none", "[dns]") {
  FakeDnsServer dead(manners::Silent);
  FakeDnsServer alive(manners::Listed);
  ResolverFixture world({dead.address(), alive.address()}, Millis(900));
  const auto first = world.Ask("first.example");
  CHECK(first->Await().outcome == Outcome::kFound);
  CHECK(first->took() >= Millis(200));
  CHECK(first->took() <= Millis(600));
  for (int i = 0; i < 4; ++i) world.Ask(std::to_string(i) + ".example")->Await();
  CHECK_FALSE(world.Up(0));
  CHECK(world.Up(1));
  for (int i = 10; i < 30; ++i) {
    const auto waiter = world.Ask(std::to_string(i) + ".example");
    CHECK(waiter->Await().outcome == Outcome::kFound);
    CHECK(waiter->took() < Millis(200));
    CHECK(dead.queries(std::to_string(i) + ".example") == 0);
  }
  CHECK(world.log.Contains("server " + dead.address() + " is down (no answer, 5 times in a row)"));
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
  CHECK_FALSE(world.Up(0));
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

TEST_CASE("with all servers dead questions fail at once, and come back with the server", "[dns]") {
  FakeDnsServer server(manners::Silent);
  ResolverFixture world({server.address()}, Millis(300));
  std::vector<std::shared_ptr<Waiter>> waiters;
  for (int i = 0; i < 100; ++i) waiters.push_back(world.Ask(std::to_string(i) + ".example"));
  for (const auto& waiter : waiters) {
    CHECK(waiter->Await().outcome == Outcome::kFailed);
    CHECK(waiter->took() <= Millis(400));
  }
  REQUIRE(world.Until([&] { return !world.Up(0); }));
  CHECK(world.log.Contains("dns: no server is left"));
  // c-ares repeats the first hundred for a while.
  REQUIRE(world.Until([&] { return world.resolver->stats().outstanding == 0; }));
  const auto queries = server.queries();
  const MonoTime begun = world.clock.Monotonic();
  for (int i = 100; i < 1100; ++i) {
    const auto waiter = world.Ask(std::to_string(i) + ".example");
    CHECK(waiter->Await().failure == "no DNS server answers");
    CHECK(waiter->took() < Millis(200));
  }
  // Only the probes reach it: two a second, each sent a few times by c-ares.
  const auto took = std::chrono::ceil<Seconds>(world.clock.Monotonic() - begun);
  CHECK(server.queries() < queries + 10 * static_cast<std::size_t>(1 + took.count()));

  server.SetManner(manners::Listed);
  const MonoTime alive = world.clock.Monotonic();
  REQUIRE(
      world.Until([&] { return world.Ask("back.example")->Await().outcome == Outcome::kFound; }));
  CHECK(world.clock.Monotonic() - alive < Millis(1500));
}

TEST_CASE("a server that was restarted is found again", "[dns]") {
  auto server = std::make_unique<FakeDnsServer>(manners::Listed);
  const std::uint16_t port = server->port();
  ResolverFixture world({server->address()}, Millis(300));
  CHECK(world.Ask("a.example")->Await().outcome == Outcome::kFound);
  server.reset();
  for (int i = 0; i < 6; ++i) world.Ask(std::to_string(i) + ".example")->Await();
  CHECK_FALSE(world.Up(0));
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
