// SPDX-License-Identifier: Apache-2.0
#include "dns/ares_resolver.h"

#include <stdexcept>

#include "tests/unit/dns/resolver_fixture.h"

namespace mxward::dns {
namespace {

// How much later than promised something may be on a busy machine.
constexpr Millis kSlack{100};

TEST_CASE("the resolver asks a server once and then remembers", "[dns]") {
  FakeDnsServer server(manners::Listed);
  ResolverFixture world({server.address()});
  const auto first = world.Ask("2.0.0.127.bl.example");
  CHECK(first->Await().addresses.at(0).ToString() == "127.0.0.2");
  CHECK_FALSE(first->from_cache());
  const auto again = world.Ask("2.0.0.127.bl.example");
  CHECK(again->times() == 1);  // within Ask()
  CHECK(again->from_cache());
  CHECK(server.queries() == 1);
  CHECK(world.Ask("2.0.0.127.bl.example", RecordType::kTxt)->Await().outcome == Outcome::kNoData);

  const auto fresh = world.Ask("2.0.0.127.bl.example", RecordType::kA, Freshness::kBypassCache);
  fresh->Await();
  CHECK_FALSE(fresh->from_cache());
  CHECK(server.queries() == 3);
  const auto stats = world.resolver->stats();
  CHECK(stats.asked == 4);
  CHECK(stats.from_cache == 1);
  CHECK(stats.cache_entries == 2);
  CHECK(stats.failures == 0);
  CHECK(stats.servers.at(0).state == ServerState::kUp);
  CHECK(stats.servers.at(0).address == server.address());
}

TEST_CASE("equal questions under way are asked once", "[dns]") {
  FakeDnsServer server(manners::Slow(Millis(100), manners::Listed));
  ResolverFixture world({server.address()});
  std::vector<std::shared_ptr<Waiter>> waiters;
  for (int i = 0; i < 50; ++i) waiters.push_back(world.Ask("a.example"));
  for (const auto& waiter : waiters) CHECK(waiter->Await().outcome == Outcome::kFound);
  CHECK(server.queries() == 1);
  CHECK(world.resolver->stats().joined == 49);
}

TEST_CASE("silence ends at the deadline, and what comes late fills the cache", "[dns]") {
  FakeDnsServer server(manners::Slow(Millis(500), manners::Listed));
  ResolverFixture world({server.address()}, Millis(300));
  const auto waiter = world.Ask("a.example");
  const Answer answer = waiter->Await();
  CHECK(answer.outcome == Outcome::kFailed);
  CHECK(answer.failure == "no answer in 300ms");
  CHECK(waiter->took() >= Millis(300) - kSlack);
  CHECK(waiter->took() <= Millis(300) + kSlack);
  REQUIRE(world.Until([&] { return world.resolver->stats().late == 1; }));
  CHECK(world.Ask("a.example")->from_cache());
  CHECK(waiter->times() == 1);
}

TEST_CASE("a deadline runs from when each asker asked", "[dns]") {
  FakeDnsServer server(manners::Silent);
  ResolverFixture world({server.address()}, Millis(400));
  const auto first = world.Ask("a.example");
  std::this_thread::sleep_for(Millis(200));
  const auto second = world.Ask("a.example");
  first->Await();
  second->Await();
  CHECK(first->took() <= Millis(400) + kSlack);
  CHECK(second->took() >= Millis(400) - kSlack);
  CHECK(second->took() <= Millis(400) + kSlack);
}

TEST_CASE("a truncated answer is fetched over TCP", "[dns]") {
  FakeDnsServer server(manners::Truncating);
  ResolverFixture world({server.address()});
  CHECK(world.Ask("a.example")->Await().addresses.size() == 1);
  CHECK(server.tcp_queries() == 1);
}

TEST_CASE("a TCP connection that stays silent costs the deadline and no more", "[dns]") {
  FakeDnsServer server(manners::TruncatingSilentTcp);
  ResolverFixture world({server.address()}, Millis(300));
  const auto waiter = world.Ask("a.example");
  CHECK(waiter->Await().outcome == Outcome::kFailed);
  CHECK(waiter->took() <= Millis(300) + kSlack);
  CHECK(server.tcp_queries() >= 1);
}

TEST_CASE("thousands of records come over TCP, and a few are kept", "[dns]") {
  FakeDnsServer server([](const FakeDnsServer::Query& query) {
    if (!query.tcp) return manners::Truncating(query);
    DnsMessage reply = query.reply;
    const std::string to_question("\xc0\x0c", 2);
    reply.answers.assign(4000, RawRecord(to_question, kTypeA, 300, kListed));
    return FakeDnsServer::Reply{{reply.Bytes()}};
  });
  ResolverFixture world({server.address()});
  CHECK(world.Ask("a.example")->Await().addresses.size() == Answer::kMaxRecords);
}

TEST_CASE("errors of a server are failures at once, and not remembered", "[dns]") {
  const auto [rcode, text] = GENERATE(table<unsigned, std::string>(
      {{1, "FORMERR"}, {2, "SERVFAIL"}, {4, "NOTIMP"}, {5, "REFUSED"}}));
  FakeDnsServer server(manners::Code(rcode));
  ResolverFixture world({server.address()});
  const auto waiter = world.Ask("a.example");
  CHECK(waiter->Await().failure == text);
  CHECK(waiter->took() < Millis(200));
  CHECK(world.resolver->stats().cache_entries == 0);
  server.SetManner(manners::Listed);
  CHECK(world.Ask("a.example")->Await().outcome == Outcome::kFound);
}

TEST_CASE("answers with a wrong id or to another name do not count", "[dns]") {
  const bool wrong_id = GENERATE(true, false);
  // The lie first, and the truth right behind it.
  FakeDnsServer server([wrong_id](const FakeDnsServer::Query& query) {
    DnsMessage lie = query.reply;
    if (wrong_id) {
      lie.id ^= 1U;
    } else {
      lie.name = "b.example";
    }
    lie.answers = {ARecord(lie.name, 300, kListed)};
    DnsMessage truth = query.reply;
    truth.Rcode(3);
    return FakeDnsServer::Reply{{lie.Bytes(), truth.Bytes()}};
  });
  ResolverFixture world({server.address()});
  CHECK(world.Ask("a.example")->Await().outcome == Outcome::kNoName);
}

TEST_CASE("nonsense is a failure", "[dns]") {
  const std::string junk = GENERATE(values<std::string>(
      {std::string("\xff\xff\xff\xff\xff", 5), std::string(400, '\xff'), std::string(400, '\0')}));
  const bool behind_the_question = GENERATE(true, false);
  FakeDnsServer server([=](const FakeDnsServer::Query& query) {
    DnsMessage reply = query.reply;
    if (!behind_the_question) return FakeDnsServer::Reply{{junk}};
    reply.answers = {junk};
    return FakeDnsServer::Reply{{reply.Bytes()}};
  });
  ResolverFixture world({server.address()}, Millis(300));
  const auto waiter = world.Ask("a.example");
  CHECK(waiter->Await().outcome == Outcome::kFailed);
  CHECK(waiter->took() <= Millis(300) + kSlack);
}

TEST_CASE("compression pointers that loop are a failure", "[dns]") {
  FakeDnsServer server([](const FakeDnsServer::Query& query) {
    DnsMessage reply = query.reply;
    reply.answers = {RawRecord(std::string("\xc0\x1b", 2), kTypeA, 300, kListed)};
    return FakeDnsServer::Reply{{reply.Bytes()}};
  });
  ResolverFixture world({server.address()});
  CHECK(world.Ask("a.example")->Await().failure == "malformed");
}

// As when who answers for a name has written what no resolver may pass on, and one did.
DnsMessage Looping(DnsMessage reply) {
  const auto here = static_cast<unsigned>(16 + WireName(reply.name).size());
  reply.answers = {RawRecord(Wire16(0xC000U | here), kTypeA, 300, kListed)};
  return reply;
}

TEST_CASE("broken answers end no other question", "[dns]") {
  FakeDnsServer server([](const FakeDnsServer::Query& query) {
    if (!query.reply.name.starts_with("broken")) {
      return manners::Slow(Millis(100), manners::Listed)(query);
    }
    return FakeDnsServer::Reply{{Looping(query.reply).Bytes()}};
  });
  ResolverFixture world({server.address()}, Millis(3000));
  std::vector<std::shared_ptr<Waiter>> others;
  for (int i = 0; i < 20; ++i) {
    others.push_back(world.Ask(std::to_string(i) + ".example"));
    CHECK(world.Ask("broken" + std::to_string(i) + ".example")->Await().failure == "malformed");
  }
  for (const auto& other : others) CHECK(other->Await().outcome == Outcome::kFound);
  // None was asked twice.
  CHECK(server.queries() == 40);
}

TEST_CASE("a broken answer over TCP ends no other question there", "[dns]") {
  FakeDnsServer server([](const FakeDnsServer::Query& query) {
    if (!query.tcp) return manners::Truncating(query);
    if (!query.reply.name.starts_with("broken")) {
      return manners::Slow(Millis(100), manners::Truncating)(query);
    }
    return FakeDnsServer::Reply{{Looping(query.reply).Bytes()}};
  });
  ResolverFixture world({server.address()}, Millis(3000));
  std::vector<std::shared_ptr<Waiter>> others;
  for (int i = 0; i < 20; ++i) {
    others.push_back(world.Ask(std::to_string(i) + ".example"));
    CHECK(world.Ask("broken" + std::to_string(i) + ".example")->Await().failure == "malformed");
  }
  for (const auto& other : others) CHECK(other->Await().outcome == Outcome::kFound);
  CHECK(server.tcp_queries() == 40);
}

TEST_CASE("nonsense before an answer is passed over", "[dns]") {
  FakeDnsServer server([](const FakeDnsServer::Query& query) {
    DnsMessage truth = query.reply;
    truth.answers = {ARecord(truth.name, 300, kListed)};
    DnsMessage of_no_type = query.reply;
    of_no_type.type = 65000;
    std::string of_two_questions = query.reply.Bytes();
    of_two_questions[5] = 2;
    return FakeDnsServer::Reply{{std::string(5, '\xff'), std::string(400, '\0'), "",
                                 query.reply.Bytes().substr(0, 20), of_no_type.Bytes(),
                                 of_two_questions, truth.Bytes()}};
  });
  ResolverFixture world({server.address()});
  CHECK(world.Ask("a.example")->Await().outcome == Outcome::kFound);
  CHECK(server.queries() == 1);
}

TEST_CASE("what is lost is asked for again, after longer each time", "[dns]") {
  RealClock clock;
  Guarded<std::vector<MonoTime>> asked;
  FakeDnsServer server([&](const FakeDnsServer::Query& query) {
    if (query.probe()) return manners::Listed(query);
    asked.Lock()->push_back(clock.Monotonic());
    return manners::Silent(query);
  });
  ResolverFixture world({server.address()}, Millis(600));
  CHECK(world.Ask("a.example")->Await().outcome == Outcome::kFailed);
  REQUIRE(world.Until([&] { return asked.Lock()->size() == 3; }));
  const std::vector<MonoTime> times = *asked.Lock();
  CHECK(times[1] - times[0] >= Millis(200) - kSlack);
  CHECK(times[2] - times[1] >= Millis(400) - kSlack);
}

TEST_CASE("more questions than allowed fail at once", "[dns]") {
  FakeDnsServer server(manners::Slow(Millis(300), manners::Listed));
  DnsConfig config = ResolverFixture::Config({server.address()}, Millis(1000));
  config.max_outstanding = 10;
  ResolverFixture world(config);
  std::vector<std::shared_ptr<Waiter>> waiters;
  for (int i = 0; i < 100; ++i) waiters.push_back(world.Ask(std::to_string(i) + ".example"));
  int found = 0;
  for (const auto& waiter : waiters) {
    const Answer answer = waiter->Await();
    if (answer.outcome == Outcome::kFound) {
      ++found;
    } else {
      CHECK(answer.failure == "too many questions under way");
      CHECK(waiter->took() < Millis(200));
    }
  }
  CHECK(found == 10);
  CHECK(world.resolver->stats().refused == 90);
  CHECK(world.log.Contains("dns.max_outstanding"));
  CHECK(world.Ask("again.example")->Await().outcome == Outcome::kFound);
}

TEST_CASE("stopping tells everybody who waits, once", "[dns]") {
  FakeDnsServer server(manners::Silent);
  ResolverFixture world({server.address()}, Millis(3000));
  std::vector<std::shared_ptr<Waiter>> waiters;
  for (int i = 0; i < 20; ++i) waiters.push_back(world.Ask(std::to_string(i % 10) + ".example"));
  CHECK(world.resolver->Stop(Millis(2000)));
  waiters.push_back(world.Ask("after.example"));
  for (const auto& waiter : waiters) {
    CHECK(waiter->Await(Millis(0)).outcome == Outcome::kFailed);
    CHECK(waiter->times() == 1);
    CHECK(waiter->took() < Millis(1000));
  }
  CHECK(world.resolver->Stop(Millis(0)));
}

TEST_CASE("a resolver that was never started fails what it is asked", "[dns]") {
  const RealClock clock;
  MemoryLog log;
  AresResolver resolver(clock, log, ResolverFixture::Config({"127.0.0.1:1"}, Millis(300)));
  Waiter waiter(clock);
  resolver.Ask({"a.example", RecordType::kA}, Freshness::kCached,
               [&](const AnswerPtr& answer, bool cached) { waiter.Tell(answer, cached); });
  CHECK(waiter.Await(Millis(0)).outcome == Outcome::kFailed);
  CHECK(resolver.stats().servers.empty());

  AresResolver wrong(clock, log, ResolverFixture::Config({"dns.example"}, Millis(300)));
  const auto started = wrong.Start();
  REQUIRE_FALSE(started);
  CHECK_THAT(started.error().message, HasText("dns.servers: \"dns.example\""));
}

TEST_CASE("an exception of a callback does not end the thread", "[dns]") {
  FakeDnsServer server(manners::Listed);
  ResolverFixture world({server.address()});
  world.resolver->Ask({"a.example", RecordType::kA}, Freshness::kCached,
                      [](const AnswerPtr&, bool) { throw std::runtime_error("planted"); });
  CHECK(world.Ask("b.example")->Await().outcome == Outcome::kFound);
  REQUIRE(world.Until([&] { return world.resolver->stats().callback_errors == 1; }));
  CHECK(world.log.Contains("planted"));
}

TEST_CASE("a callback may ask further, and Wait() sees what comes", "[dns]") {
  FakeDnsServer server(manners::Listed);
  ResolverFixture world({server.address()});
  const auto progress = std::make_shared<Progress>();
  world.resolver->Ask(
      {"a.example", RecordType::kA}, Freshness::kCached, [&, progress](const AnswerPtr&, bool) {
        world.resolver->Ask({"b.example", RecordType::kA}, Freshness::kCached,
                            [progress](const AnswerPtr&, bool) { progress->Add(); });
      });
  CHECK(world.resolver->Wait(*progress, 0, world.clock.Monotonic() + Seconds(5)));
  CHECK_FALSE(world.resolver->Wait(*progress, 1, world.clock.Monotonic() + Millis(20)));
  CHECK_FALSE(world.resolver->Wait(*progress, 1, world.clock.Monotonic() - Seconds(1)));
}

TEST_CASE("many threads ask at once", "[dns]") {
  FakeDnsServer server(manners::NoName);
  ResolverFixture world({server.address()}, Millis(2000));
  std::atomic<int> told{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        world.resolver->Ask({std::to_string(t * i % 300) + ".example", RecordType::kA},
                            Freshness::kCached, [&](const AnswerPtr&, bool) { ++told; });
        if (i % 50 == 0) (void)world.resolver->stats();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(world.Until([&] { return told == 1600; }));
}

}  // namespace
}  // namespace mxward::dns
