// SPDX-License-Identifier: Apache-2.0
#include "clients/verified_helos.h"

#include <string>

#include "tests/fake/fake_clock.h"
#include "tests/fake/test_config.h"
#include "tests/unit/catch.h"

namespace mxward {
namespace {

IpAddress Machine(int network, int host = 10) {
  return *IpAddress::Parse("203.0." + std::to_string(network) + "." + std::to_string(host));
}
std::string Bot(int n) { return "bot" + std::to_string(n) + ".example.org"; }

struct HelosFixture {
  FakeClock clock;
  HashKey key = NewHashKey();
  VerifiedHelos helos{clock, key};

  void Fill() {
    for (int n = 1; n <= 8; ++n) REQUIRE(helos.Admit(Bot(n), Machine(n)));
  }
};

TEST_CASE("only a full name that does not look dynamic can stand for a reverse name", "[clients]") {
  Config config = TestConfig();
  config.names.own = {"here.example"};
  config.names.own_self = true;
  config.trust.own_addresses = {*IpAddress::Parse("192.0.2.99")};
  const auto can = [&config](std::string_view helo, const char* client = "192.0.2.10") {
    return CanVerifyHelo(helo, *IpAddress::Parse(client), config, "mx.self.example");
  };
  CHECK(can("mx.example.org"));
  CHECK(can("MX.Example.ORG."));
  CHECK(can("example.org"));
  CHECK(can("mx.example.org", "2001:db8::25"));
  for (const char* helo :
       {"", "host", "[192.0.2.10]", "192.0.2.10", "192-0-2-10.dsl.example.net", "mx.here.example",
        "mx.self.example", "mx..example.org", "mx.example.123", "co.uk", "a b.example.org",
        "m\xc3\xbcller.example.org", "10.2.0.192.in-addr.arpa"}) {
    INFO(helo);
    CHECK_FALSE(can(helo));
  }
  for (const char* client : {"192.0.2.99", "10.0.0.1", "127.0.0.1", "::1", "fe80::1"}) {
    INFO(client);
    CHECK_FALSE(can("mx.example.org", client));
  }
}

TEST_CASE("an organisation verifies for eight networks within seven days", "[clients]") {
  HelosFixture fixture;
  fixture.Fill();
  CHECK_FALSE(fixture.helos.WouldAdmit(Bot(9), Machine(9)));
  CHECK_FALSE(fixture.helos.Admit(Bot(9), Machine(9)));
  CHECK_FALSE(fixture.helos.Admit("mx.sub." + Bot(9), Machine(9)));
  SECTION("those that count go on counting, and their neighbours") {
    CHECK(fixture.helos.Admit(Bot(1), Machine(1)));
    CHECK(fixture.helos.Admit(Bot(9), Machine(1, 77)));
  }
  SECTION("another organisation has its own") {
    CHECK(fixture.helos.WouldAdmit("mx.example.net", Machine(9)));
    CHECK(fixture.helos.Admit("mx.example.net", Machine(9)));
  }
  SECTION("one that is used no more makes room after a week") {
    fixture.clock.Advance(Seconds(4 * 86400));
    for (int n = 2; n <= 8; ++n) CHECK(fixture.helos.Admit(Bot(n), Machine(n)));
    fixture.clock.Advance(Seconds(3 * 86400));
    CHECK(fixture.helos.Admit(Bot(9), Machine(9)));
    CHECK_FALSE(fixture.helos.Admit(Bot(1), Machine(1)));
  }
  SECTION("asking takes no place") {
    HelosFixture fresh;
    for (int n = 1; n <= 20; ++n) CHECK(fresh.helos.WouldAdmit(Bot(n), Machine(n)));
    fresh.Fill();
  }
  SECTION("a clock that was ahead keeps no place for ever") {
    HelosFixture ahead;
    ahead.clock.StepWall(Seconds(365 * 86400));
    ahead.Fill();
    ahead.clock.StepWall(-Seconds(365 * 86400));
    CHECK_FALSE(ahead.helos.Admit(Bot(9), Machine(9)));
    ahead.clock.Advance(Seconds(7 * 86400));
    CHECK(ahead.helos.Admit(Bot(9), Machine(9)));
  }
  SECTION("a restart forgets nothing") {
    VerifiedHelos after(fixture.clock, fixture.key);
    after.Restore(fixture.helos.Encode());
    CHECK(after.Encode() == fixture.helos.Encode());
    CHECK_FALSE(after.Admit(Bot(9), Machine(9)));
    CHECK(after.Admit(Bot(8), Machine(8)));
  }
}

TEST_CASE("names below a domain that gives them away are one organisation's", "[clients]") {
  HelosFixture fixture;
  for (int n = 1; n <= 8; ++n) {
    CHECK(fixture.helos.Admit("shop" + std::to_string(n) + ".github.io", Machine(n)));
  }
  CHECK_FALSE(fixture.helos.Admit("shop9.github.io", Machine(9)));
}

TEST_CASE("an IPv6 network is a /48", "[clients]") {
  HelosFixture fixture;
  for (int n = 1; n <= 8; ++n) {
    const std::string network = "2001:db8:" + std::to_string(n);
    CHECK(fixture.helos.Admit(Bot(n), *IpAddress::Parse(network + ":1::25")));
    CHECK(fixture.helos.Admit(Bot(n), *IpAddress::Parse(network + ":2::25")));
  }
  CHECK_FALSE(fixture.helos.Admit(Bot(9), *IpAddress::Parse("2001:db8:9::25")));
}

TEST_CASE("organisations are bounded, and the oldest gives way", "[clients]") {
  HelosFixture fixture;
  fixture.Fill();
  // Times are kept to the hour: now it is the oldest.
  fixture.clock.Advance(Seconds(7200));
  for (std::size_t n = 0; n < VerifiedHelos::kMostOrganisations + 50; ++n) {
    fixture.clock.Advance(Seconds(60));
    const auto at = static_cast<int>(n % 200);
    CHECK(fixture.helos.Admit("mx.domain" + std::to_string(n) + ".example", Machine(at)));
  }
  // 8 + 1 bytes an organisation, 8 each network of it.
  CHECK(fixture.helos.Encode().size() <= 1 + VerifiedHelos::kMostOrganisations * (9 + 8 * 8));
  CHECK(fixture.helos.Admit(Bot(9), Machine(9)));
}

TEST_CASE("saved bytes that are none change nothing", "[clients]") {
  HelosFixture fixture;
  fixture.Fill();
  const std::string saved = fixture.helos.Encode();
  for (std::size_t size = 0; size < saved.size(); ++size) {
    VerifiedHelos after(fixture.clock, fixture.key);
    after.Restore(saved.substr(0, size));
    CHECK(after.Encode().size() <= saved.size());
  }
  VerifiedHelos after(fixture.clock, fixture.key);
  after.Restore("\x02" + saved.substr(1));
  CHECK(after.Encode().size() == 1);
  after.Restore(std::string(100000, '\xff'));
  CHECK(after.Encode().size() == 1);
}

}  // namespace
}  // namespace mxward
