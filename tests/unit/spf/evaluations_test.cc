// SPDX-License-Identifier: Apache-2.0
#include "spf/evaluations.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/fake/fake_clock.h"
#include "tests/fake/fake_resolver.h"
#include "tests/unit/catch.h"
#include "tests/unit/dns/resolver_fixture.h"
#include "tests/unit/spf/zone.h"

namespace mxward::spf {
namespace {

using dns::RecordType;

// Domains whose records are slow, and what waiters were told.
struct Sessions {
  FakeClock clock;
  dns::FakeResolver resolver{clock};
  std::unique_ptr<Evaluations> evaluations = std::make_unique<Evaluations>(clock);
  std::vector<Report> reports;

  Sessions() {
    resolver.SetZone("", dns::answers::Texts({"v=spf1 ip4:192.0.2.1 -all"}), Millis(500));
  }
  Evaluations::Waiter Start(const std::string& client, const std::string& sender,
                            const std::string& domain) {
    return evaluations->Start({IpAddress::Parse(client).value(), sender, "x"}, domain, {},
                              std::shared_ptr<dns::Resolver>(std::shared_ptr<void>(), &resolver),
                              clock.Monotonic() + Millis(2000),
                              [this](Report report) { reports.push_back(std::move(report)); });
  }
  Evaluations::Waiter Of(int number, const std::string& domain = "example.org") {
    return Start("192.0.2." + std::to_string(number), "a@" + domain, domain);
  }
  void Pass(Millis time) {
    clock.Advance(time);
    resolver.Settle();
  }
};

TEST_CASE("equal evaluations under way are made once", "[spf]") {
  Sessions sessions;
  sessions.Of(1);
  sessions.Of(1);
  sessions.Start("192.0.2.1", "b@example.org", "example.org");  // another local part: for macros
  CHECK(sessions.evaluations->under_way() == 2);
  sessions.Pass(Millis(600));
  REQUIRE(sessions.reports.size() == 3);
  for (const Report& report : sessions.reports) CHECK(report.result == ResultCode::kPass);
  CHECK(sessions.evaluations->under_way() == 0);
  CHECK(sessions.resolver.asked() == 1);
  // From the cache, at once.
  sessions.Of(2);
  REQUIRE(sessions.reports.size() == 4);
  CHECK(sessions.reports.back().result == ResultCode::kFail);
  CHECK(sessions.evaluations->under_way() == 0);
}

TEST_CASE("a domain has eight evaluations at once, and others their own", "[spf]") {
  Sessions sessions;
  for (int i = 0; i < 8; ++i) sessions.Of(i);
  CHECK(sessions.reports.empty());
  sessions.Of(8);
  REQUIRE(sessions.reports.size() == 1);
  CHECK(sessions.reports[0].result == ResultCode::kUnknown);
  CHECK(sessions.reports[0].problem == "too many evaluations of this domain at once");
  sessions.Of(0);  // an equal one is under way
  sessions.Of(8, "example.net");
  CHECK(sessions.reports.size() == 1);
  sessions.Pass(Millis(600));
  CHECK(sessions.reports.size() == 11);
  sessions.Of(8);
  CHECK(sessions.reports.back().result == ResultCode::kFail);
}

TEST_CASE("one network keeps no other out of a domain's evaluations", "[spf]") {
  Sessions sessions;
  for (int i = 0; i < 8; ++i) sessions.Of(i);
  // Another network's takes the place of the newest, and again, until both have as many.
  for (int i = 0; i < 4; ++i) {
    sessions.Start("198.51.100." + std::to_string(i), "a@example.org", "example.org");
  }
  CHECK(sessions.evaluations->under_way() == 8);
  CHECK(sessions.reports.size() == 4);
  sessions.Start("198.51.100.9", "a@example.org", "example.org");
  CHECK(sessions.reports.size() == 5);
  sessions.Start("2001:db8::1", "a@example.org", "example.org");
  CHECK(sessions.evaluations->under_way() == 8);
  CHECK(sessions.reports.size() == 6);
  for (const Report& report : sessions.reports) CHECK(report.result == ResultCode::kUnknown);
  sessions.Pass(Millis(600));
  CHECK(sessions.reports.size() == 14);
}

TEST_CASE("who cancels is not told, and the last one ends the evaluation", "[spf]") {
  Sessions sessions;
  std::vector<Evaluations::Waiter> waiters;
  for (int i = 0; i < 8; ++i) waiters.push_back(sessions.Of(i));
  const auto second = sessions.Of(0);
  sessions.evaluations->Cancel(waiters[0]);
  CHECK(sessions.evaluations->under_way() == 8);
  sessions.evaluations->Cancel(second);
  CHECK(sessions.evaluations->under_way() == 7);
  sessions.evaluations->Cancel(second);
  sessions.Of(9);
  CHECK(sessions.reports.empty());
  sessions.Pass(Millis(600));
  CHECK(sessions.reports.size() == 8);
}

// Asks another one; says when it goes.
class OwnResolver final : public dns::Resolver {
 public:
  OwnResolver(dns::Resolver& other, bool& gone) : other_(other), gone_(gone) {}
  ~OwnResolver() override { gone_ = true; }
  void Ask(const dns::Question& question, dns::Freshness freshness,
           dns::Callback callback) override {
    other_.Ask(question, freshness, std::move(callback));
  }
  bool Wait(dns::Progress&, std::uint64_t, MonoTime) override { return false; }

 private:
  dns::Resolver& other_;
  bool& gone_;
};

TEST_CASE("the resolver of who asked first is kept for who joined", "[spf]") {
  Sessions sessions;
  bool gone = false;
  const auto first = sessions.evaluations->Start(
      {AddressOf("192.0.2.1"), "a@example.org", "x"}, "example.org", {},
      std::make_shared<OwnResolver>(sessions.resolver, gone),
      sessions.clock.Monotonic() + Millis(2000), [](const Report&) { FAIL("it was cancelled"); });
  sessions.Of(1);
  sessions.evaluations->Cancel(first);
  CHECK_FALSE(gone);
  sessions.Pass(Millis(600));
  REQUIRE(sessions.reports.size() == 1);
  CHECK(sessions.reports[0].result == ResultCode::kPass);
  CHECK(gone);
}

TEST_CASE("nobody is told after the end", "[spf]") {
  Sessions sessions;
  sessions.Of(1);
  sessions.evaluations.reset();
  sessions.Pass(Millis(600));
  CHECK(sessions.reports.empty());
}

TEST_CASE("sessions on many threads start and cancel evaluations, and each is told at most once",
          "[spf]") {
  dns::FakeDnsServer server([](const dns::FakeDnsServer::Query& query) {
    dns::DnsMessage reply = query.reply;
    if (reply.type == dns::kTypeTxt) {
      reply.answers.push_back(dns::RawRecord(dns::WireName(reply.name), dns::kTypeTxt, 300,
                                             dns::TxtString("v=spf1 a -all")));
    } else if (reply.type == dns::kTypeA) {
      reply.answers.push_back(dns::ARecord(reply.name, 300, {"\xc0\0\x02\x01", 4}));
    }
    return dns::FakeDnsServer::Reply{{reply.Bytes()}, Millis(1)};
  });
  dns::ResolverFixture fixture({server.address()}, Millis(4000));
  Evaluations evaluations(fixture.clock);
  constexpr int kThreads = 4;
  constexpr int kEach = 100;
  // What the callbacks count outlives them.
  struct Told {
    std::atomic<int> times{0};
    std::atomic<bool> cancelled{false};
  };
  std::vector<Told> told(kThreads * kEach);
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        Told& mine = told[static_cast<std::size_t>(thread * kEach + i)];
        const std::string domain = "d" + std::to_string(i % 7) + ".example";
        const auto waiter = evaluations.Start(
            {IpAddress::V4(0xc0000200U + static_cast<std::uint32_t>(i % 5)), "a@" + domain, "x"},
            domain, {},
            std::shared_ptr<dns::Resolver>(std::shared_ptr<void>(), fixture.resolver.get()),
            fixture.clock.Monotonic() + Millis(4000), [&mine](const Report&) { ++mine.times; });
        if (i % 3 == 0) {
          mine.cancelled = true;
          evaluations.Cancel(waiter);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  dns::Progress nothing;
  for (int i = 0; i < 400 && evaluations.under_way() > 0; ++i) nothing.WaitPast(0, Millis(10));
  CHECK(evaluations.under_way() == 0);
  REQUIRE(fixture.resolver->Stop(Millis(5000)));
  for (const Told& one : told) {
    CHECK((one.cancelled ? one.times <= 1 : one.times == 1));
  }
}

}  // namespace
}  // namespace mxward::spf
