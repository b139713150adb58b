// SPDX-License-Identifier: Apache-2.0
#include "clients/name_monitor.h"

#include <thread>
#include <vector>

#include "tests/fake/fake_clock.h"
#include "tests/fake/memory_log.h"
#include "tests/unit/catch.h"

namespace mxward {
namespace {

struct NamedSite {
  FakeClock clock;
  MemoryLog log;
  NameMonitor monitor{clock, log};
  std::uint64_t next = 0;

  // Clients never seen before.
  void Come(int clients, NameClass name_class) {
    for (int i = 0; i < clients; ++i) monitor.Note(next++, name_class);
  }
  // Mail as ever: one in four without a name.
  void ComeMixed(int clients) {
    Come(clients / 4, NameClass::kNone);
    Come(clients - clients / 4, NameClass::kGood);
  }
  // 100 nameless clients.
  void Break() {
    Come(100, NameClass::kTempfail);
    REQUIRE(monitor.Suspended());
  }
};

TEST_CASE("over 80 % of 50 clients without a name suspend the findings", "[clients]") {
  NamedSite site;
  site.Come(9, NameClass::kGood);
  site.Come(40, NameClass::kNone);
  CHECK_FALSE(site.monitor.Suspended());  // 49 clients
  site.Come(1, NameClass::kNone);
  CHECK(site.monitor.Suspended());
  REQUIRE(site.log.size() == 1);
  CHECK(site.log.lines()[0].level == LogLevel::kWarning);
  CHECK_THAT(site.log.lines()[0].text,
             HasText("82 % of 50 clients in the last 10 minutes had no reverse name"));
  const auto status = site.monitor.GetStatus();
  CHECK(status.suspended);
  CHECK(status.since == FakeClock::kStart);
  CHECK(status.clients == 50);
  CHECK(status.share == Approx(0.82));
}

TEST_CASE("80 % is not over 80 %", "[clients]") {
  NamedSite site;
  site.Come(200, NameClass::kGood);
  site.Come(800, NameClass::kNone);
  CHECK_FALSE(site.monitor.Suspended());
  CHECK(site.log.size() == 0);
  CHECK_FALSE(site.monitor.GetStatus().since.has_value());
}

TEST_CASE("one client is one, however often it comes", "[clients]") {
  NamedSite site;
  for (int i = 0; i < 1000; ++i) site.monitor.Note(7, NameClass::kNone);
  CHECK_FALSE(site.monitor.Suspended());
}

TEST_CASE("failures and missing names count, forged and unknown ones do not", "[clients]") {
  struct Row {
    NameClass name_class;
    bool suspends;
  };
  for (const Row& row : {Row{NameClass::kNone, true}, Row{NameClass::kTempfail, true},
                         Row{NameClass::kForged, false}, Row{NameClass::kUnknown, false},
                         Row{NameClass::kDynamic, false}, Row{NameClass::kGood, false}}) {
    NamedSite site;
    site.Come(1000, row.name_class);
    CHECK(site.monitor.Suspended() == row.suspends);
  }
  NamedSite site;
  site.Come(1000, NameClass::kUnknown);
  CHECK(site.monitor.GetStatus().clients == 0);
}

TEST_CASE("clients of more than 10 minutes ago are forgotten", "[clients]") {
  NamedSite site;
  site.Come(40, NameClass::kNone);
  site.clock.Advance(NameMonitor::kSpan);
  site.Come(49, NameClass::kNone);
  CHECK_FALSE(site.monitor.Suspended());
  CHECK(site.monitor.GetStatus().clients == 49);
}

TEST_CASE("the findings come back when most clients have names again", "[clients]") {
  NamedSite site;
  site.Break();
  site.clock.Advance(Seconds(300));
  site.Come(66, NameClass::kGood);
  CHECK(site.monitor.Suspended());  // 100 of 166: over 60 %
  site.Come(1, NameClass::kGood);
  CHECK_FALSE(site.monitor.Suspended());  // 100 of 167
  REQUIRE(site.log.size() == 2);
  CHECK(site.log.lines()[1].level == LogLevel::kInfo);
  CHECK_THAT(site.log.lines()[1].text, HasText("findings about reverse names count again: 60 %"));
}

TEST_CASE("between 60 and 80 % everything stays as it is", "[clients]") {
  NamedSite site;
  site.Come(30, NameClass::kGood);
  site.Come(70, NameClass::kNone);
  CHECK_FALSE(site.monitor.Suspended());
  site.Come(81, NameClass::kNone);
  CHECK(site.monitor.Suspended());  // 151 of 181
  site.Come(34, NameClass::kGood);
  CHECK(site.monitor.Suspended());  // 151 of 215: 70 %
  CHECK(site.log.size() == 1);
}

TEST_CASE("fewer than 20 clients do not bring the findings back", "[clients]") {
  NamedSite site;
  site.Break();
  site.Come(1, NameClass::kTempfail);
  site.clock.Advance(NameMonitor::kSpan - Seconds(1));
  site.Come(1, NameClass::kTempfail);
  site.clock.Advance(Seconds(1));
  site.Come(18, NameClass::kGood);
  CHECK(site.monitor.Suspended());  // 19 in all
  site.Come(1, NameClass::kGood);
  CHECK_FALSE(site.monitor.Suspended());
}

TEST_CASE("a small site's few clients bring the findings back after an hour", "[clients]") {
  NamedSite site;
  site.Break();
  for (int i = 0; i < 11; ++i) {
    site.clock.Advance(Seconds(300));
    site.ComeMixed(4);
    CHECK(site.monitor.Suspended());
  }
  site.clock.Advance(Seconds(300));
  site.ComeMixed(4);
  CHECK_FALSE(site.monitor.Suspended());
}

TEST_CASE("while the resolver stays broken the findings stay suspended", "[clients]") {
  NamedSite site;
  site.Break();
  for (int i = 0; i < 100; ++i) {
    site.clock.Advance(Seconds(500));
    site.Come(3, NameClass::kTempfail);
  }
  CHECK(site.monitor.Suspended());
  CHECK(site.log.size() == 1);
  CHECK(site.monitor.GetStatus().since == FakeClock::kStart);
}

TEST_CASE("after 10 minutes of silence the findings count again", "[clients]") {
  NamedSite site;
  site.Break();
  site.clock.Advance(NameMonitor::kSpan);
  site.Come(1, NameClass::kNone);
  CHECK_FALSE(site.monitor.Suspended());
  CHECK(site.log.Contains("no client has come for 10 minutes"));
  CHECK(site.monitor.GetStatus().clients == 1);
}

TEST_CASE("whoever asks for the state notices the silence as well", "[clients]") {
  NamedSite site;
  site.Break();
  site.clock.Advance(NameMonitor::kSpan);
  CHECK_FALSE(site.monitor.GetStatus().suspended);
  CHECK(site.log.size() == 2);
}

TEST_CASE("a resolver that breaks again is noticed again", "[clients]") {
  NamedSite site;
  for (int i = 0; i < 3; ++i) {
    site.Break();
    site.clock.Advance(NameMonitor::kSpan - Seconds(1));
    site.ComeMixed(100);
    site.clock.Advance(Seconds(1));
    site.ComeMixed(4);
    CHECK_FALSE(site.monitor.Suspended());
    site.clock.Advance(NameMonitor::kSpan);
  }
  CHECK(site.log.size() == 6);
}

TEST_CASE("names are noted from many threads", "[clients]") {
  NamedSite site;
  std::vector<std::thread> threads;
  for (std::uint64_t first = 0; first < 4; ++first) {
    threads.emplace_back([&site, first] {
      for (std::uint64_t i = 0; i < 2000; ++i) {
        site.monitor.Note(first * 10000 + i, NameClass::kNone);
        static_cast<void>(site.monitor.Suspended());
        if (i % 100 == 0) static_cast<void>(site.monitor.GetStatus());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(site.monitor.Suspended());
  CHECK(site.log.size() == 1);
  CHECK(site.monitor.GetStatus().clients == 8000);
}

}  // namespace
}  // namespace mxward
