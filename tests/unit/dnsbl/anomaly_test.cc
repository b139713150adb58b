// SPDX-License-Identifier: Apache-2.0
#include "dnsbl/anomaly.h"

#include "tests/unit/catch.h"
#include "tests/unit/dnsbl/some_list.h"

namespace mxward::dnsbl {
namespace {

DnsblConfig AllowList() { return ClientList({Code("127.0.0.*", -3)}); }
DnsblConfig ListOfBoth() { return ClientList({Code("127.0.0.2", 3), Code("127.0.0.3", -3)}); }

// An anomaly stop, and clients that come to it as time passes.
class Site {
 public:
  explicit Site(const DnsblConfig& list = ClientList()) : anomaly(list) {}

  // That many new clients, the first of them listed.
  void Clients(int count, int listed, bool good_standing = false) {
    for (int i = 0; i < count; ++i) anomaly.NoteClient(++client_, i < listed, good_standing, now);
  }
  void Pass(Seconds time) { now += time; }
  // That many windows with ten clients a minute, that many percent of them listed.
  void Windows(int count, int percent) {
    for (int minute = 0; minute < count * 10; ++minute) {
      Clients(10, percent / 10);
      Pass(Seconds(60));
    }
    Clients(1, percent / 100);  // the window's end is noticed by the next client
  }
  // So many minutes with that many clients each and a clean test.
  void Minutes(int minutes, int clients, int listed, bool good_standing = false) {
    for (int minute = 0; minute < minutes; ++minute) {
      Pass(Seconds(60));
      Clients(clients, listed, good_standing);
      anomaly.NoteCleanTest(/*proves=*/true, now);
    }
  }
  bool suspect() const { return anomaly.suspect(); }

  Anomaly anomaly;
  MonoTime now{Seconds(1000)};

 private:
  std::uint64_t client_ = 0;
};

TEST_CASE("a list that lists clients of good standing is suspect", "[dnsbl]") {
  const auto [count, listed, suspect] = GENERATE(table<int, int, bool>({
      {10, 3, false},  // exactly 30 %
      {10, 4, true},
      {9, 9, false},  // too few to tell
      {20, 6, false},
      {20, 7, true},
      {100, 30, false},
      {100, 31, true},
  }));
  CAPTURE(count, listed);
  Site site;
  // The listed ones last: it is the share of all that counts.
  for (int i = 0; i < count; ++i) {
    site.anomaly.NoteClient(static_cast<std::uint64_t>(i), i >= count - listed,
                            /*good_standing=*/true, site.now);
  }
  CHECK(site.suspect() == suspect);
}

TEST_CASE("the same client over and over is one client", "[dnsbl]") {
  Site site;
  for (int i = 0; i < 100; ++i) site.anomaly.NoteClient(1, true, /*good_standing=*/true, site.now);
  CHECK_FALSE(site.suspect());
}

TEST_CASE("listed clients without good standing make nobody suspect by themselves", "[dnsbl]") {
  Site site;
  site.Clients(1000, 1000);
  CHECK_FALSE(site.suspect());
}

TEST_CASE("good clients on a list that has codes in their favour are as it should be", "[dnsbl]") {
  const DnsblConfig list = GENERATE(AllowList(), ListOfBoth());
  Site site(list);
  site.Clients(100, 100, /*good_standing=*/true);
  CHECK_FALSE(site.suspect());
}

TEST_CASE("a list that suddenly lists almost everybody is suspect", "[dnsbl]") {
  struct Row {
    int windows;
    int usual;
    int count;
    int listed;
    bool suspect;
    const char* why;
  };
  const std::vector<Row> rows = {
      {3, 10, 50, 45, true, "90 % where 10 % were usual"},
      {3, 10, 50, 44, false, "88 %"},
      {3, 10, 49, 49, false, "49 clients are too few"},
      {2, 10, 50, 50, false, "two windows are too few to know what is usual"},
      {3, 50, 50, 45, true, "50 % were usual"},
      {3, 60, 50, 50, false, "60 % were usual: a site that spam alone visits"},
      {3, 100, 50, 50, false, "all were usual"},
      {20, 10, 1000, 900, true, "of many"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    Site site;
    site.Windows(row.windows, row.usual);
    REQUIRE_FALSE(site.suspect());
    site.Pass(Anomaly::kSpan);
    // The listed ones last, for early in a wave their share is whole.
    site.Clients(row.count - row.listed, 0);
    site.Clients(row.listed, row.listed);
    CHECK(site.suspect() == row.suspect);
  }
}

TEST_CASE("an allow list that suddenly lists almost everybody is suspect", "[dnsbl]") {
  const DnsblConfig list = GENERATE(AllowList(), ListOfBoth());
  Site site(list);
  site.Windows(3, 20);
  site.Pass(Anomaly::kSpan);
  site.Clients(50, 50);
  CHECK(site.suspect());
}

TEST_CASE("windows with fewer than 20 clients do not tell what is usual", "[dnsbl]") {
  const auto [clients, known] = GENERATE(table<int, bool>({{19, false}, {20, true}}));
  CAPTURE(clients);
  Site site;
  site.Clients(1, 0);  // the first window begins
  for (int window = 0; window < 3; ++window) {
    site.Pass(Anomaly::kSpan - Seconds(1));
    site.Clients(clients - 1, 0);
    site.Pass(Seconds(1));
    site.Clients(1, 0);  // it ends with this one in it
    site.Pass(Anomaly::kSpan);
    site.Clients(1, 0);  // a window of one client
  }
  site.Pass(Anomaly::kSpan);
  site.Clients(60, 60);
  CHECK(site.suspect() == known);
}

TEST_CASE("good clients that are not listed show that a wave is one of bots", "[dnsbl]") {
  struct Row {
    int good;
    int listed;
    bool suspect;
  };
  // Ten good ones of whom more than 30 % are listed are a reason of their own.
  for (const Row& row : {Row{4, 0, true}, Row{5, 0, false}, Row{5, 1, false}, Row{5, 2, true},
                         Row{9, 2, false}, Row{9, 3, true}, Row{10, 3, false}}) {
    CAPTURE(row.good, row.listed);
    Site site;
    site.Windows(3, 10);
    site.Pass(Anomaly::kSpan);
    site.Clients(row.good, row.listed, /*good_standing=*/true);
    site.Clients(200, 200);
    CHECK(site.suspect() == row.suspect);
  }
}

TEST_CASE("what is usual moves slowly", "[dnsbl]") {
  Site site;
  site.Windows(20, 10);
  // Half an hour of 80 % is not yet usual.
  site.Windows(3, 80);
  REQUIRE_FALSE(site.suspect());
  site.Pass(Anomaly::kSpan);
  site.Clients(50, 50);
  CHECK(site.suspect());

  Site changed;
  changed.Windows(20, 10);
  changed.Windows(30, 80);
  changed.Pass(Anomaly::kSpan);
  changed.Clients(50, 50);
  CHECK_FALSE(changed.suspect());
}

TEST_CASE("a suspicion says what it is about", "[dnsbl]") {
  Site good;
  good.Clients(10, 10, /*good_standing=*/true);
  CHECK(good.anomaly.why() == "it lists 10 of 10 clients of good standing seen in ten minutes");
  Site all;
  all.Windows(3, 0);
  all.Pass(Anomaly::kSpan);
  all.Clients(50, 50);
  CHECK(all.anomaly.why() == "it lists 50 of 50 clients seen in ten minutes, where 0 % were usual");
}

TEST_CASE("a suspicion ends when the share was normal for a whole window", "[dnsbl]") {
  Site site;
  site.Clients(10, 10, /*good_standing=*/true);
  REQUIRE(site.suspect());
  // 41 unlisted ones beside the ten: 10 of 51 are below 20 %.
  site.Clients(40, 0, /*good_standing=*/true);
  site.Clients(1, 0, /*good_standing=*/true);
  for (int i = 0; i < 599; ++i) {
    site.Pass(Seconds(1));
    site.Clients(1, 0, /*good_standing=*/true);
    REQUIRE(site.suspect());
  }
  site.Pass(Seconds(1));
  site.Clients(1, 0, /*good_standing=*/true);
  CHECK_FALSE(site.suspect());
}

TEST_CASE("a share between two thirds of the threshold and the threshold ends no suspicion",
          "[dnsbl]") {
  Site site;
  site.Clients(10, 10, /*good_standing=*/true);
  // 20 %, each minute.
  site.Minutes(120, 10, 2, /*good_standing=*/true);
  CHECK(site.suspect());
  site.Minutes(30, 10, 1, /*good_standing=*/true);
  CHECK_FALSE(site.suspect());
}

TEST_CASE("while good clients are listed a suspicion goes on, whatever the tests say", "[dnsbl]") {
  Site site;
  site.Clients(10, 10, /*good_standing=*/true);
  site.Minutes(24 * 60, 5, 4, /*good_standing=*/true);
  CHECK(site.suspect());
}

TEST_CASE("with too few clients to tell a suspicion ends after half an hour and a clean test",
          "[dnsbl]") {
  const bool tested = GENERATE(false, true);
  const bool proves = GENERATE(false, true);  // it does not where the list has no such point
  CAPTURE(tested, proves);
  Site site;
  site.Clients(10, 10, /*good_standing=*/true);
  if (tested) site.anomaly.NoteCleanTest(proves, site.now);
  site.Pass(Anomaly::kSpan);  // they have left the window
  site.Clients(1, 0);
  site.Pass(Anomaly::kPatience - Seconds(1));
  site.Clients(1, 0);
  CHECK(site.suspect());
  site.Pass(Seconds(1));
  site.Clients(1, 0);
  CHECK(site.suspect() == !tested);
}

TEST_CASE("a wave that lasts is one of bots when the list passes its tests", "[dnsbl]") {
  Site site;
  site.Windows(3, 10);
  site.Pass(Anomaly::kSpan);
  site.Clients(50, 50);
  REQUIRE(site.suspect());
  site.anomaly.NoteCleanTest(/*proves=*/true, site.now);

  SECTION("after half an hour of them, and again when the wave was over") {
    site.Minutes(29, 20, 20);
    CHECK(site.suspect());
    site.Minutes(1, 20, 20);
    CHECK_FALSE(site.suspect());
    // It does not begin anew while the wave goes on.
    site.Minutes(60, 20, 20);
    CHECK_FALSE(site.suspect());
    site.Windows(10, 10);
    site.Pass(Anomaly::kSpan);
    site.Clients(50, 50);
    CHECK(site.suspect());
  }
  SECTION("not without tests, and not by tests that prove nothing") {
    for (int minute = 0; minute < 120; ++minute) {
      site.Pass(Seconds(60));
      site.Clients(20, 20);
    }
    CHECK(site.suspect());
  }
  SECTION("by the first test that proves it again") {
    for (int minute = 0; minute < 120; ++minute) {
      site.Pass(Seconds(60));
      site.Clients(20, 20);
      site.anomaly.NoteCleanTest(/*proves=*/false, site.now);
    }
    CHECK(site.suspect());
    site.anomaly.NoteCleanTest(/*proves=*/true, site.now);
    CHECK_FALSE(site.suspect());
  }
  SECTION("and sooner when it ebbs away") {
    site.Minutes(25, 20, 2);
    CHECK_FALSE(site.suspect());
  }
}

TEST_CASE("what is forgotten is the present, not what was usual", "[dnsbl]") {
  Site site;
  site.Windows(3, 10);
  site.Pass(Anomaly::kSpan);
  site.Clients(50, 50);
  REQUIRE(site.suspect());
  site.anomaly.Forget();
  CHECK_FALSE(site.suspect());
  site.Clients(49, 49);
  CHECK_FALSE(site.suspect());
  site.Clients(1, 1);
  CHECK(site.suspect());
}

}  // namespace
}  // namespace mxward::dnsbl
