// SPDX-License-Identifier: Apache-2.0
#include "dnsbl/anomaly.h"

#include "tests/unit/catch.h"
#include "tests/unit/dnsbl/some_list.h"

namespace mxward::dnsbl {
namespace {

DnsblConfig AllowList() { return ClientList({Code("127.0.0.*", -3)}); }
DnsblConfig ListOfBoth() { return ClientList({Code("127.0.0.2", 3), Code("127.0.0.3", -3)}); }

// An anomaly stop, and witnesses that come to it as time passes.
class Site {
 public:
  explicit Site(const DnsblConfig& list = ClientList()) : anomaly(list) {}

  // Witnesses from that number on, each of an organisation and a network of its own.
  void Witnesses(std::uint32_t count, bool listed, std::uint32_t from) {
    for (std::uint32_t i = from; i < from + count; ++i) {
      anomaly.NoteWitness({i, 100000 + i}, listed, now);
    }
  }
  void Listed(std::uint32_t count) { Witnesses(count, true, 1); }
  void Unlisted(std::uint32_t count) { Witnesses(count, false, 5001); }
  void Pass(Seconds time) { now += time; }
  bool suspect() const { return anomaly.suspect(); }

  Anomaly anomaly;
  MonoTime now{Seconds(100000)};
};

TEST_CASE("a list is suspect when it lists five votes, and over half of all", "[dnsbl]") {
  const auto [unlisted, listed, suspect] = GENERATE(table<std::uint32_t, std::uint32_t, bool>({
      {0, 4, false},
      {0, 5, true},
      {4, 5, true},
      {5, 5, false},
      {100, 100, false},
      {100, 101, true},
  }));
  CAPTURE(unlisted, listed);
  Site site;
  site.Unlisted(unlisted);
  site.Listed(listed);
  CHECK(site.suspect() == suspect);
}

TEST_CASE("a crowd of one organisation or of one network makes no list suspect", "[dnsbl]") {
  Site site;
  for (std::uint32_t i = 1; i <= 1000; ++i) {
    site.anomaly.NoteWitness({7, i}, true, site.now);
    site.anomaly.NoteWitness({i, 7}, true, site.now);
  }
  CHECK_FALSE(site.suspect());
}

TEST_CASE("witnesses on a list that has codes in their favour are as it should be", "[dnsbl]") {
  const DnsblConfig list = GENERATE(AllowList(), ListOfBoth());
  Site site(list);
  site.Listed(100);
  CHECK_FALSE(site.suspect());
}

TEST_CASE("a suspicion says what it is about", "[dnsbl]") {
  Site site;
  site.Unlisted(3);
  site.Listed(5);
  CHECK(site.anomaly.why() == "it lists 5 of 8 independent clients of long standing");
}

TEST_CASE("a suspicion ends when at most a third have been listed for ten minutes", "[dnsbl]") {
  const std::uint32_t unlisted = GENERATE(9U, 10U);
  Site site;
  site.Listed(5);
  REQUIRE(site.suspect());
  site.Unlisted(unlisted);
  for (int i = 0; i < 599; ++i) {
    site.Pass(Seconds(1));
    site.Unlisted(unlisted);
    REQUIRE(site.suspect());
  }
  site.Pass(Seconds(1));
  site.Unlisted(unlisted);
  CHECK(site.suspect() == (unlisted == 9));
}

TEST_CASE("while witnesses are listed a suspicion goes on, whatever the tests say", "[dnsbl]") {
  Site site;
  for (int minute = 0; minute < 24 * 60; ++minute) {
    site.Listed(5);
    site.Pass(Seconds(60));
    site.anomaly.NoteCleanTest(site.now);
  }
  CHECK(site.suspect());
}

TEST_CASE("with too few votes to tell a suspicion ends after half an hour and a clean test",
          "[dnsbl]") {
  const bool tested = GENERATE(false, true);
  Site site;
  site.Listed(5);
  if (tested) site.anomaly.NoteCleanTest(site.now);
  site.Pass(VoteWindow::kLong);  // they have left the window
  site.Unlisted(1);
  site.Pass(Anomaly::kPatience - Seconds(1));
  site.Unlisted(1);
  CHECK(site.suspect());
  site.Pass(Seconds(1));
  site.Unlisted(1);
  CHECK(site.suspect() == !tested);
  site.anomaly.NoteCleanTest(site.now);
  CHECK_FALSE(site.suspect());
}

TEST_CASE("a list that is found to lie is not suspect, and begins again", "[dnsbl]") {
  Site site;
  site.Listed(5);
  site.anomaly.Forget();
  CHECK_FALSE(site.suspect());
  site.Witnesses(4, true, 6);
  CHECK_FALSE(site.suspect());
  site.Witnesses(1, true, 10);
  CHECK(site.suspect());
}

TEST_CASE("ten different clients in a row that are listed are a run", "[dnsbl]") {
  ListedRun run;
  const auto note = [&](std::uint32_t number, bool listed) {
    return run.Note({0, number}, listed);
  };
  for (std::uint32_t i = 1; i <= 9; ++i) CHECK_FALSE(note(i, true));
  CHECK_FALSE(note(9, true));  // once more
  CHECK(note(10, true));
  for (std::uint32_t i = 1; i <= 9; ++i) CHECK_FALSE(note(i, true));
  CHECK_FALSE(note(50, false));
  CHECK_FALSE(note(10, true));
  for (std::uint32_t i = 11; i <= 18; ++i) CHECK_FALSE(note(i, true));
  CHECK(note(19, true));
}

TEST_CASE("clients of one organisation are one in a run", "[dnsbl]") {
  ListedRun run;
  for (std::uint32_t i = 1; i <= 100; ++i) CHECK_FALSE(run.Note({7, i}, true));
}

}  // namespace
}  // namespace mxward::dnsbl
