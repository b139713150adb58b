// SPDX-License-Identifier: Apache-2.0
#include "dnsbl/breaker.h"

#include "tests/unit/catch.h"

namespace mxward::dnsbl {
namespace {

constexpr MonoTime kStart{Seconds(1000)};

MonoTime At(std::int64_t seconds) { return kStart + Seconds(seconds); }

// Lookups at this time, one a character: '+' was answered, '-' was not.
void Lookups(Breaker& breaker, const std::string& outcomes, std::int64_t seconds = 0) {
  for (const char outcome : outcomes) {
    breaker.NoteLookup(outcome == '+', "no answer in 2s", At(seconds));
  }
}

TEST_CASE("a breaker opens by failures in a row or by their share", "[dnsbl]") {
  struct Row {
    std::string outcomes;
    bool open;
    const char* why;
  };
  const std::vector<Row> rows = {
      {"", false, "nothing happened"},
      {"----", false, "four in a row"},
      {"-----", true, "five in a row"},
      {"----+----", false, "an answer begins the count anew"},
      {"+-+-+-+-+", false, "nine lookups are too few for a share"},
      {"+-+-+-+-+-", true, "half of ten"},
      {"+-+-+-+-++", false, "four of ten, and no failure at the end"},
      {"+-+-+-+-++-", false, "five of eleven"},
      {"+-+-+-+-++--", true, "six of twelve"},
      {"++++++++++++++++++++-----", true, "five in a row after many answers"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.outcomes, row.why);
    Breaker breaker;
    Lookups(breaker, row.outcomes);
    CHECK(breaker.open() == row.open);
    CHECK(!breaker.open() != row.open);
  }
}

TEST_CASE("failures count in a row however long they take", "[dnsbl]") {
  Breaker breaker;
  for (int hour = 0; hour < 4; ++hour) Lookups(breaker, "-", hour * 3600);
  CHECK_FALSE(breaker.open());
  Lookups(breaker, "-", 4 * 3600);
  CHECK(breaker.open());
}

TEST_CASE("the share is that of the last minute, in slices of ten seconds", "[dnsbl]") {
  Breaker forgotten;
  Lookups(forgotten, "+-+-+-+-", 0);
  Lookups(forgotten, "+-", 60);
  CHECK_FALSE(forgotten.open());

  Breaker remembered;
  Lookups(remembered, "+-+-+-+-", 0);
  Lookups(remembered, "+-", 59);
  CHECK(remembered.open());

  // What went well long ago does not hide that it goes badly now.
  Breaker good_once;
  Lookups(good_once, std::string(1000, '+'), 0);
  Lookups(good_once, "+-+-+-+-+-", 60);
  CHECK(good_once.open());
}

TEST_CASE("a breaker says what opened it", "[dnsbl]") {
  Breaker in_a_row;
  Lookups(in_a_row, "-----");
  CHECK(in_a_row.why() == "5 lookups in a row failed, the last with: no answer in 2s");
  Breaker share;
  Lookups(share, "+-+-+-+-+-");
  CHECK(share.why() == "5 of 10 lookups failed within a minute, the last with: no answer in 2s");
}

TEST_CASE("the first test that is answered closes a breaker", "[dnsbl]") {
  Breaker breaker;
  Lookups(breaker, "-----");
  breaker.NoteTest(/*answered=*/false, "SERVFAIL", At(30));
  CHECK(breaker.open());
  breaker.NoteTest(/*answered=*/true, "", At(90));
  CHECK_FALSE(breaker.open());
  CHECK(!breaker.open());
  // What was before is forgotten.
  Lookups(breaker, "----", 90);
  CHECK_FALSE(breaker.open());
  Lookups(breaker, "-", 90);
  CHECK(breaker.open());
}

TEST_CASE("lookups that were under way when a breaker opened do not close it", "[dnsbl]") {
  Breaker breaker;
  Lookups(breaker, "-----");
  Lookups(breaker, "++-+");
  CHECK(breaker.open());
  CHECK(breaker.wait() == Breaker::kFirstWait);
}

TEST_CASE("tests that fail count as lookups that do", "[dnsbl]") {
  Breaker breaker;
  for (int i = 0; i < 5; ++i) {
    CHECK_FALSE(breaker.open());
    breaker.NoteTest(/*answered=*/false, "SERVFAIL", At(60 * i));
  }
  CHECK(breaker.open());
}

TEST_CASE("tests of an open breaker are further apart each time, up to ten minutes", "[dnsbl]") {
  Breaker breaker;
  Lookups(breaker, "-----");
  for (const int wait : {30, 60, 120, 240, 480, 600, 600}) {
    CHECK(breaker.wait() == Seconds(wait));
    breaker.NoteTest(/*answered=*/false, "SERVFAIL", At(0));
  }
}

TEST_CASE("a breaker that opens again soon goes on waiting where it was", "[dnsbl]") {
  const auto [pause, wait] = GENERATE(table<int, int>({{0, 240}, {599, 240}, {600, 30}}));
  CAPTURE(pause);
  Breaker breaker;
  Lookups(breaker, "-----");
  breaker.NoteTest(/*answered=*/false, "SERVFAIL", At(30));
  breaker.NoteTest(/*answered=*/false, "SERVFAIL", At(90));
  breaker.NoteTest(/*answered=*/true, "", At(210));
  Lookups(breaker, "-----", 210 + pause);
  REQUIRE(breaker.open());
  CHECK(breaker.wait() == Seconds(wait));
}

}  // namespace
}  // namespace mxward::dnsbl
