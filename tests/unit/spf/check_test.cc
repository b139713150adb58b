// SPDX-License-Identifier: Apache-2.0
#include "spf/check.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/fake/fake_clock.h"
#include "tests/fake/fake_resolver.h"
#include "tests/unit/catch.h"
#include "tests/unit/dns/resolver_fixture.h"

namespace mxward::spf {
namespace {

using dns::RecordType;
using dns::answers::Addresses;
using dns::answers::Exchanges;
using dns::answers::Texts;

constexpr Millis kDeadline{2000};

// A resolver on fake time, and what a check reported.
struct World {
  FakeClock clock;
  dns::FakeResolver resolver{clock};
  std::optional<Report> report;
  int times = 0;

  std::shared_ptr<Check> Start(const std::string& sender = "user@example.org") {
    return Check::Start({IpAddress::Parse("192.0.2.1").value(), sender, "mx.example.org"}, {},
                        resolver, clock, clock.Monotonic() + kDeadline, [this](Report told) {
                          report = std::move(told);
                          ++times;
                        });
  }
  void Pass(Millis time) {
    // In small steps, as answers lead to further questions.
    for (Millis passed{}; passed < time; passed += Millis(1)) {
      clock.Advance(Millis(1));
      resolver.Settle();
    }
  }
};

TEST_CASE("a check asks the resolver until it is done, and reports once", "[spf]") {
  World world;
  world.resolver.Set("example.org", RecordType::kTxt, Texts({"v=spf1 mx include:in.example -all"}));
  world.resolver.Set("example.org", RecordType::kMx,
                     Exchanges({{10, "a.example"}, {20, "b.example"}}));
  world.resolver.Set("a.example", RecordType::kA, Addresses({"192.0.2.8"}), Millis(30));
  world.resolver.Set("b.example", RecordType::kA, Addresses({"192.0.2.9"}), Millis(10));
  world.resolver.Set("in.example", RecordType::kTxt, Texts({"v=spf1 ip4:192.0.2.0/29 -all"}));
  world.Start();
  CHECK_FALSE(world.report);
  world.Pass(Millis(100));
  REQUIRE(world.report);
  CHECK(world.times == 1);
  CHECK(world.report->result == ResultCode::kPass);
  CHECK(world.report->Matched() == "include:in.example ip4:192.0.2.0/29");
  CHECK(world.report->questions == 5);
  CHECK(world.report->from_cache == 0);
  CHECK(world.resolver.asked() == 5);
  CHECK(world.report->trace.terms.at(0).lookups.at(1).took >= Millis(30));

  SECTION("from the cache all of it comes at once") {
    world.Start();
    CHECK(world.times == 2);
    CHECK(world.report->result == ResultCode::kPass);
    CHECK(world.report->from_cache == 5);
    CHECK(world.resolver.asked() == 5);
  }
}

TEST_CASE("nothing is asked after the deadline, and it stays unknown", "[spf]") {
  World world;
  std::string record = "v=spf1";
  for (int i = 0; i < 9; ++i) {
    const std::string name = "h" + std::to_string(i) + ".example";
    record += " a:" + name;
    world.resolver.Set(name, RecordType::kA, Addresses({"192.0.2.9"}), Millis(600));
  }
  world.resolver.Set("example.org", RecordType::kTxt, Texts({record + " -all"}));
  world.Start();
  world.Pass(Millis(2500));
  REQUIRE(world.report);
  CHECK(world.report->result == ResultCode::kUnknown);
  CHECK(world.report->late);
  CHECK(world.resolver.asked() == 5);
  world.Pass(Millis(2500));
  CHECK(world.times == 1);
}

TEST_CASE("silence is a temporary error", "[spf]") {
  World world;
  world.resolver.SetSilent("example.org", RecordType::kTxt);
  world.Start();
  world.Pass(Millis(2100));
  REQUIRE(world.report);
  CHECK(world.report->result == ResultCode::kTemperror);
  CHECK(world.report->problem == "TXT of example.org: no answer in 2s");
}

TEST_CASE("a check that is cancelled asks and says nothing more", "[spf]") {
  World world;
  world.resolver.Set("example.org", RecordType::kTxt, Texts({"v=spf1 a -all"}));
  const auto check = world.Start();
  check->Cancel();
  world.Pass(Millis(100));
  CHECK(world.times == 0);
  CHECK(world.resolver.asked() == 1);
}

TEST_CASE("names that no resolver takes are not asked", "[spf]") {
  World world;
  world.resolver.Set("example.org", RecordType::kTxt,
                     Texts({"v=spf1 a:%{l}.example.org mx a -all"}));
  world.resolver.Set("example.org", RecordType::kMx, Exchanges({{10, "a\\032b.example"}}));
  world.resolver.Set("example.org", RecordType::kA, Addresses({"192.0.2.1"}));
  world.Start("a+b=c@example.org");
  world.Pass(Millis(100));
  REQUIRE(world.report);
  CHECK(world.report->Matched() == "a");
  CHECK(world.resolver.asked() == 3);
  CHECK(world.report->trace.terms.at(0).lookups.at(0).said == "a name that cannot be queried");
}

TEST_CASE("a check over the real resolver, whose server sends 49 long records by TCP", "[spf]") {
  const auto manner = [](const dns::FakeDnsServer::Query& query) {
    dns::DnsMessage reply = query.reply;
    const std::string owner = dns::WireName(reply.name);
    if (reply.type == dns::kTypeTxt && !query.tcp) {
      reply.flags |= 0x0200U;  // truncated
    } else if (reply.type == dns::kTypeTxt) {
      const std::string other = dns::TxtString(std::string(255, 'x'));
      for (int i = 0; i < 48; ++i) {
        reply.answers.push_back(dns::RawRecord(owner, dns::kTypeTxt, 300, other + other));
      }
      reply.answers.push_back(dns::RawRecord(owner, dns::kTypeTxt, 300,
                                             dns::TxtString("v=spf1 " + std::string(240, ' ')) +
                                                 dns::TxtString("a -a") + dns::TxtString("ll")));
    } else if (reply.type == dns::kTypeA) {
      reply.answers.push_back(dns::ARecord(reply.name, 300, {"\xc0\0\x02\x01", 4}));
    }
    return dns::FakeDnsServer::Reply{{reply.Bytes()}};
  };
  dns::FakeDnsServer server(manner);
  dns::ResolverFixture fixture({server.address()}, Millis(4000));
  dns::Progress progress;
  Guarded<Report> told;
  const auto check = Check::Start({IpAddress::Parse("192.0.2.1").value(), "a@example.org", ""}, {},
                                  *fixture.resolver, fixture.clock,
                                  fixture.clock.Monotonic() + Millis(4000), [&](Report report) {
                                    *told.Lock() = std::move(report);
                                    progress.Add();
                                  });
  CHECK(progress.WaitPast(0, Millis(8000)));
  CHECK(told.Lock()->result == ResultCode::kPass);
  CHECK(told.Lock()->Matched() == "a");
  CHECK(told.Lock()->trace.lookups.at(0).said == "49 records");
}

}  // namespace
}  // namespace mxward::spf
