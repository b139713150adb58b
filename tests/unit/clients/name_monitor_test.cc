// SPDX-License-Identifier: Apache-2.0
#include "clients/name_monitor.h"

#include <thread>
#include <vector>

#include "tests/fake/fake_clock.h"
#include "tests/fake/memory_log.h"
#include "tests/unit/catch.h"

namespace mxward {
namespace {

const std::string kMta = "mx.here.example";

IpAddress V4(std::uint32_t address) { return IpAddress::V4(address); }

// Of another /16 each.
IpAddress Stranger(std::uint32_t number) { return V4((20U << 24U) + (number << 16U) + 7); }

struct NamedSite {
  FakeClock clock;
  MemoryLog log;
  NameMonitor monitor{clock, log};

  // So many witnesses, of an organisation and a network each, from that number on.
  void Witnesses(std::uint32_t count, NameClass name_class, std::uint32_t from = 1,
                 const std::string& mta = kMta) {
    for (std::uint32_t i = from; i < from + count; ++i) {
      monitor.NoteWitness(mta, {i, 1000 + i}, name_class);
    }
  }
  void Strangers(std::uint32_t count, NameClass name_class, std::uint32_t from = 1,
                 const std::string& mta = kMta) {
    for (std::uint32_t i = from; i < from + count; ++i) {
      monitor.NoteClient(mta, Stranger(i), name_class);
    }
  }
  NameTrust trust(const std::string& mta = kMta) const { return monitor.Trust(mta); }
};

TEST_CASE("five witnesses without the names that they had, and over half: a broken resolver",
          "[clients]") {
  const auto [nameless, named, broken] = GENERATE(table<std::uint32_t, std::uint32_t, bool>({
      {4, 0, false},
      {5, 0, true},
      {5, 4, true},
      {5, 5, false},
      {40, 39, true},
      {40, 40, false},
  }));
  CAPTURE(nameless, named);
  NamedSite site;
  site.Witnesses(named, NameClass::kGood, 500);
  site.Witnesses(nameless, NameClass::kNone);
  CHECK((site.trust() == NameTrust::kResolverBroken) == broken);
  CHECK(site.log.size() == (broken ? 1 : 0));
}

TEST_CASE("failures and missing names speak against the resolver, other names for it",
          "[clients]") {
  struct Row {
    NameClass name_class;
    bool breaks;
    std::size_t votes;
  };
  for (const Row& row : {Row{NameClass::kNone, true, 9}, Row{NameClass::kTempfail, true, 9},
                         Row{NameClass::kForged, false, 9}, Row{NameClass::kDynamic, false, 9},
                         Row{NameClass::kGood, false, 9}, Row{NameClass::kUnknown, false, 0}}) {
    NamedSite site;
    site.Witnesses(9, row.name_class);
    CHECK((site.trust() == NameTrust::kResolverBroken) == row.breaks);
    const auto all = site.monitor.GetStatus();
    CHECK((all.empty() ? 0 : all[0].votes.all()) == row.votes);
  }
}

TEST_CASE("strangers say nothing about the resolver, however many there are", "[clients]") {
  NamedSite site;
  site.Witnesses(5, NameClass::kNone);
  REQUIRE(site.trust() == NameTrust::kResolverBroken);
  site.Strangers(200, NameClass::kGood);
  CHECK(site.trust() == NameTrust::kResolverBroken);

  NamedSite other;
  other.Strangers(200, NameClass::kNone);
  other.Strangers(200, NameClass::kTempfail);
  CHECK(other.trust() == NameTrust::kCount);
}

TEST_CASE("a broken resolver is over when half of the witnesses have names", "[clients]") {
  NamedSite site;
  site.Witnesses(6, NameClass::kNone);
  REQUIRE(site.trust() == NameTrust::kResolverBroken);
  CHECK(site.log.lines()[0].level == LogLevel::kWarning);
  CHECK_THAT(site.log.lines()[0].text,
             HasText("5 of 5 independent clients of long standing, which had a reverse name"));
  site.clock.Advance(Seconds(60));
  const auto status = site.monitor.GetStatus();
  REQUIRE(status.size() == 1);
  CHECK(status[0].mta == kMta);
  CHECK(status[0].since == FakeClock::kStart);
  CHECK(status[0].votes.yes == 6);
  site.Witnesses(2, NameClass::kGood);
  CHECK(site.trust() == NameTrust::kResolverBroken);
  site.Witnesses(3, NameClass::kGood);
  CHECK(site.trust() == NameTrust::kCount);
  REQUIRE(site.log.size() == 2);
  CHECK(site.log.lines()[1].level == LogLevel::kInfo);
  CHECK_THAT(site.log.lines()[1].text, HasText("count again: 3 of 6 independent clients"));
}

TEST_CASE("a broken resolver is over when no witness has come for an hour", "[clients]") {
  NamedSite site;
  site.Witnesses(5, NameClass::kNone);
  site.clock.Advance(VoteWindow::kLong - Seconds(1));
  site.Witnesses(1, NameClass::kNone);
  site.clock.Advance(VoteWindow::kLong - Seconds(1));
  site.Strangers(1, NameClass::kNone);
  CHECK(site.trust() == NameTrust::kResolverBroken);
  site.clock.Advance(Seconds(1));
  CHECK(site.trust() == NameTrust::kCount);
  CHECK_FALSE(site.monitor.TakeCheck());
  CHECK(site.log.Contains("no client of long standing has come for an hour"));
  site.Witnesses(5, NameClass::kNone);
  CHECK(site.trust() == NameTrust::kResolverBroken);
}

TEST_CASE("each mail server is judged by what it told itself", "[clients]") {
  NamedSite site;
  site.Witnesses(5, NameClass::kNone, 1, "a.example");
  site.Witnesses(5, NameClass::kGood, 1, "b.example");
  CHECK(site.trust("a.example") == NameTrust::kResolverBroken);
  CHECK(site.trust("b.example") == NameTrust::kCount);
  CHECK(site.trust("c.example") == NameTrust::kCount);
}

TEST_CASE("of more mail servers than there is room for, further ones are one", "[clients]") {
  NamedSite site;
  for (std::size_t i = 0; i < NameMonitor::kMostMtas; ++i) {
    site.Witnesses(1, NameClass::kGood, 1, "mx" + std::to_string(i) + ".example");
  }
  site.Witnesses(3, NameClass::kNone, 1, "one.example");
  site.Witnesses(2, NameClass::kNone, 4, "other.example");
  CHECK(site.trust("one.example") == NameTrust::kResolverBroken);
  CHECK(site.trust("third.example") == NameTrust::kResolverBroken);
  CHECK(site.trust("mx0.example") == NameTrust::kCount);
  CHECK(site.monitor.GetStatus().size() == NameMonitor::kMostMtas + 1);
}

TEST_CASE("an MTA that tells no name of a hundred clients is looked into", "[clients]") {
  const NameClass untold = GENERATE(NameClass::kNone, NameClass::kTempfail, NameClass::kUnknown);
  NamedSite site;
  site.Strangers(99, untold);
  CHECK_FALSE(site.monitor.TakeCheck());
  site.Strangers(1, untold, 100);
  const auto check = site.monitor.TakeCheck();
  REQUIRE(check);
  CHECK(check->mta == kMta);
  REQUIRE(check->clients.size() == NameMonitor::kSample);
  CHECK(check->clients[0] == Stranger(1));
  CHECK(check->clients[9] == Stranger(91));
  CHECK_FALSE(site.monitor.TakeCheck());  // it is under way

  site.monitor.NoteCheck(kMta, 5, 10);
  CHECK(site.trust() == NameTrust::kNotLookedUp);
  CHECK_THAT(
      site.log.lines().back().text,
      HasText("the mail server mx.here.example seems to look up no names: it reported no name "
              "for its last 100 clients from different networks, where mxward finds one for "
              "5 of 10"));
  // Neither more such clients nor time end it, but the first name does.
  site.Strangers(100, untold, 200);
  site.clock.Advance(Seconds(86400));
  CHECK(site.trust() == NameTrust::kNotLookedUp);
  site.Strangers(1, NameClass::kForged, 300);
  CHECK(site.trust() == NameTrust::kCount);
}

TEST_CASE("where the DNS knows no names either, the MTA is not at fault", "[clients]") {
  NamedSite site;
  site.Strangers(100, NameClass::kNone);
  REQUIRE(site.monitor.TakeCheck());
  site.monitor.NoteCheck(kMta, 4, 10);
  CHECK(site.trust() == NameTrust::kCount);
  // The count begins again.
  site.clock.Advance(NameMonitor::kCheckAgain);
  CHECK_FALSE(site.monitor.TakeCheck());
  site.Strangers(100, NameClass::kNone);
  CHECK(site.monitor.TakeCheck());
}

TEST_CASE("while the DNS does not answer nothing is known of the MTA", "[clients]") {
  NamedSite site;
  site.Strangers(100, NameClass::kNone);
  REQUIRE(site.monitor.TakeCheck());
  site.monitor.NoteCheck(kMta, 4, 9);
  CHECK(site.trust() == NameTrust::kCount);
  CHECK_FALSE(site.monitor.TakeCheck());
  site.clock.Advance(NameMonitor::kCheckAgain);
  CHECK(site.monitor.TakeCheck());
}

TEST_CASE("one client with a name shows that the MTA looks them up", "[clients]") {
  const NameClass told = GENERATE(NameClass::kGood, NameClass::kDynamic, NameClass::kForged);
  NamedSite site;
  site.Strangers(99, NameClass::kNone);
  site.Strangers(1, told, 200);
  site.Strangers(99, NameClass::kNone);
  CHECK_FALSE(site.monitor.TakeCheck());
  site.Strangers(1, NameClass::kNone, 100);
  REQUIRE(site.monitor.TakeCheck());
  site.Strangers(1, told, 200);  // before the answers are there
  site.monitor.NoteCheck(kMta, 10, 10);
  CHECK(site.trust() == NameTrust::kCount);
}

TEST_CASE("whoever has few networks can never speak for a hundred clients", "[clients]") {
  NamedSite site;
  // A /32 of IPv6, all of a /16, and one address again and again.
  for (std::uint32_t i = 0; i < 3000; ++i) {
    const auto host = [](std::uint32_t number) { return static_cast<std::uint8_t>(number); };
    site.monitor.NoteClient(kMta, IpAddress::V6({0x20, 1, 0xd, 0xb8, host(i >> 8U), host(i), 1}),
                            NameClass::kNone);
    site.monitor.NoteClient(kMta, V4((30U << 24U) + i), NameClass::kNone);
    site.monitor.NoteClient(kMta, V4(40U << 24U), NameClass::kNone);
  }
  // Those count for 4, 4 and 1.
  site.Strangers(90, NameClass::kNone);
  CHECK_FALSE(site.monitor.TakeCheck());
  site.clock.Advance(NameMonitor::kLongUntold);
  CHECK(site.monitor.TakeCheck());
}

TEST_CASE("seven days without a name are enough where ten networks came", "[clients]") {
  const std::uint32_t networks = GENERATE(9U, 10U);
  NamedSite site;
  site.Strangers(networks, NameClass::kNone);
  site.clock.Advance(NameMonitor::kLongUntold - Seconds(1));
  CHECK_FALSE(site.monitor.TakeCheck());
  site.clock.Advance(Seconds(1));
  CHECK(site.monitor.TakeCheck().has_value() == (networks == 10));
}

TEST_CASE("names are noted from many threads", "[clients]") {
  NamedSite site;
  std::vector<std::thread> threads;
  for (std::uint32_t first = 0; first < 4; ++first) {
    threads.emplace_back([&site, first] {
      for (std::uint32_t i = 0; i < 500; ++i) {
        site.Strangers(1, NameClass::kNone, first * 500 + i);
        site.Witnesses(1, NameClass::kNone, 1 + first * 500 + i);
        static_cast<void>(site.trust());
        if (i % 100 == 0) static_cast<void>(site.monitor.GetStatus());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(site.trust() == NameTrust::kResolverBroken);
  CHECK(site.log.size() == 1);
  CHECK(site.monitor.GetStatus()[0].votes.yes == 2000);
}

}  // namespace
}  // namespace mxward
