// SPDX-License-Identifier: Apache-2.0
#include "clients/nat_watch.h"

#include "tests/fake/fake_clock.h"
#include "tests/fake/memory_log.h"
#include "tests/unit/catch.h"

namespace mxward {
namespace {

struct NattedSite {
  FakeClock clock;
  MemoryLog log;
  NatWatch watch{clock, log};

  void Come(const char* client, int times) {
    for (int i = 0; i < times; ++i) watch.Note(IpAddress::Parse(client).value());
  }
};

TEST_CASE("one private address that makes most of the sessions is told", "[clients]") {
  NattedSite site;
  site.Come("192.0.2.1", 99);
  site.Come("192.168.1.1", 100);
  CHECK(site.log.size() == 0);  // 199 sessions
  site.Come("192.168.1.1", 1);
  REQUIRE(site.log.size() == 1);
  CHECK(site.log.lines()[0].level == LogLevel::kWarning);
  CHECK_THAT(site.log.lines()[0].text, HasText("101 of 200 sessions within an hour came from"));
  CHECK_THAT(site.log.lines()[0].text, HasText("192.168.1.1, a private address"));
}

TEST_CASE("half of the sessions is not most of them", "[clients]") {
  NattedSite site;
  for (int i = 0; i < 500; ++i) {
    site.Come("192.0.2.1", 1);
    site.Come("192.168.1.1", 1);
  }
  CHECK(site.log.size() == 0);
}

TEST_CASE("several private addresses are a network, not a translation", "[clients]") {
  NattedSite site;
  for (int i = 0; i < 300; ++i) {
    site.Come("192.168.1.1", 1);
    site.Come("192.168.1.2", 1);
    site.Come("192.168.1.3", 1);
  }
  CHECK(site.log.size() == 0);
}

TEST_CASE("a public address may make all the sessions", "[clients]") {
  NattedSite site;
  site.Come("192.0.2.1", 1000);
  CHECK(site.log.size() == 0);
}

TEST_CASE("a proxy on the same machine hides clients as well", "[clients]") {
  NattedSite site;
  site.Come("::1", 200);
  CHECK(site.log.size() == 1);
}

TEST_CASE("the warning about a translation comes once an hour", "[clients]") {
  NattedSite site;
  site.Come("10.0.0.1", 5000);
  CHECK(site.log.size() == 1);
  site.clock.Advance(NatWatch::kSpan - Millis(1));
  site.Come("10.0.0.1", 5000);
  CHECK(site.log.size() == 1);
  site.clock.Advance(Millis(1));
  site.Come("10.0.0.1", 199);
  CHECK(site.log.size() == 1);
  site.Come("10.0.0.1", 1);
  CHECK(site.log.size() == 2);
}

TEST_CASE("few sessions an hour prove nothing", "[clients]") {
  NattedSite site;
  for (int hour = 0; hour < 10; ++hour) {
    site.Come("10.0.0.1", 199);
    site.clock.Advance(NatWatch::kSpan);
  }
  CHECK(site.log.size() == 0);
}

TEST_CASE("who hides the others is known as long as it lasts", "[clients]") {
  NattedSite site;
  CHECK_FALSE(site.watch.Suspected());
  site.Come("10.0.0.1", 199);
  CHECK_FALSE(site.watch.Suspected());
  site.Come("192.0.2.1", 1);
  auto suspected = site.watch.Suspected();
  REQUIRE(suspected);
  CHECK(suspected->client.ToString() == "10.0.0.1");
  CHECK(suspected->sessions == 199);
  CHECK(suspected->of == 200);
  // The next hour has to begin before it can tell otherwise.
  site.clock.Advance(NatWatch::kSpan);
  site.Come("192.0.2.1", 199);
  CHECK(site.watch.Suspected());
  site.Come("192.0.2.1", 1);
  CHECK_FALSE(site.watch.Suspected());
}

TEST_CASE("who hid the others is forgotten when nobody comes any more", "[clients]") {
  NattedSite site;
  site.Come("10.0.0.1", 200);
  site.clock.Advance(2 * NatWatch::kSpan - Millis(1));
  CHECK(site.watch.Suspected());
  site.clock.Advance(Millis(1));
  CHECK_FALSE(site.watch.Suspected());
  site.Come("192.0.2.1", 1);
  CHECK_FALSE(site.watch.Suspected());
}

TEST_CASE("only so many private addresses are counted", "[clients]") {
  NattedSite site;
  for (std::uint32_t i = 0; i < NatWatch::kMaxAddresses; ++i) {
    site.watch.Note(IpAddress::V4(0x0a000000U + i));
  }
  site.Come("192.168.1.1", 1000);
  CHECK(site.log.size() == 0);
  site.clock.Advance(NatWatch::kSpan);
  site.Come("192.168.1.1", 200);
  CHECK(site.log.size() == 1);
}

}  // namespace
}  // namespace mxward
