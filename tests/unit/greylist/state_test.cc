// SPDX-License-Identifier: Apache-2.0
#include "greylist/state.h"

#include <optional>
#include <vector>

#include "catch.h"
#include "tests/fake/test_config.h"

namespace mxward::greylist {
namespace {

constexpr WallTime kNow{Seconds(1767571200)};
constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 86400;

// TestConfig(): delay 5 minutes, window 48 hours, lifetime 36 days.
GreylistConfig Rules() { return TestConfig().greylist; }

TupleRecord Pending(std::int64_t age, bool observed = false) {
  TupleRecord record;
  record.state = State::kPending;
  record.observed = observed;
  record.first_seen = kNow - Seconds(age);
  record.last_seen = record.first_seen;
  record.tries = 1;
  return record;
}

TupleRecord Passed(std::int64_t age, bool observed = false) {
  TupleRecord record;
  record.state = State::kPassed;
  record.observed = observed;
  record.first_seen = kNow - Seconds(age + kDay);
  record.passed_at = record.first_seen + Seconds(kHour);
  record.last_seen = kNow - Seconds(age);
  record.tries = 2;
  record.passes = 1;
  return record;
}

TupleRecord Folded(std::int64_t age) {
  TupleRecord record = Pending(age);
  record.folded = true;
  return record;
}

TupleRecord Forgotten(std::int64_t age) {
  TupleRecord record;
  record.state = State::kForgotten;
  record.last_seen = kNow - Seconds(age);
  return record;
}

struct Case {
  const char* name;
  std::optional<TupleRecord> record;
  bool observing;
  Outcome outcome;
  std::int64_t remaining;  // of what is deferred
  bool write;
  State next;
  bool next_observed;
  std::int64_t next_first_seen_age;
};

const std::vector<Case> kCases = {
    {"nothing known", std::nullopt, false, Outcome::kNew, 300, true, State::kPending, false, 0},
    {"nothing known, observing", std::nullopt, true, Outcome::kNew, 300, true, State::kPending,
     true, 0},
    {"a tombstone", Forgotten(kDay), false, Outcome::kNew, 300, true, State::kPending, false, 0},

    {"the same second", Pending(0), false, Outcome::kEarly, 300, true, State::kPending, false, 0},
    {"half of the delay", Pending(150), false, Outcome::kEarly, 150, true, State::kPending, false,
     150},
    {"one second too early", Pending(299), false, Outcome::kEarly, 1, true, State::kPending, false,
     299},
    {"just in time", Pending(300), false, Outcome::kPassed, 0, true, State::kPassed, false, 300},
    {"after a day", Pending(kDay), false, Outcome::kPassed, 0, true, State::kPassed, false, kDay},
    {"the last second of the window", Pending(48 * kHour), false, Outcome::kPassed, 0, true,
     State::kPassed, false, 48 * kHour},
    {"one second after the window", Pending(48 * kHour + 1), false, Outcome::kExpired, 300, true,
     State::kPending, false, 0},

    {"a little ahead of the clock", Pending(-200), false, Outcome::kEarly, 300, true,
     State::kPending, false, -200},
    {"from the future", Pending(-301), false, Outcome::kEarly, 300, true, State::kPending, false,
     0},

    {"noted while observing, too early", Pending(150, true), false, Outcome::kEarly, 150, true,
     State::kPending, false, 150},
    {"noted and seen while observing", Pending(150, true), true, Outcome::kEarly, 150, true,
     State::kPending, true, 150},
    {"noted while observing, after the window", Pending(30 * kDay, true), false, Outcome::kPassed,
     0, true, State::kPassed, true, 30 * kDay},
    {"noted while observing, after the lifetime", Pending(36 * kDay + 1, true), false,
     Outcome::kExpired, 300, true, State::kPending, false, 0},
    {"really deferred, then observing", Pending(150), true, Outcome::kEarly, 150, true,
     State::kPending, false, 150},
    {"really deferred, observing after the window", Pending(3 * kDay), true, Outcome::kExpired, 300,
     true, State::kPending, true, 0},

    {"known, a minute ago", Passed(kMinute), false, Outcome::kKnown, 0, false, State::kPassed,
     false, kMinute + kDay},
    {"known, an hour ago", Passed(kHour), false, Outcome::kKnown, 0, false, State::kPassed, false,
     kHour + kDay},
    {"known, over an hour ago", Passed(kHour + 1), false, Outcome::kKnown, 0, true, State::kPassed,
     false, kHour + 1 + kDay},
    {"known, the last second of its life", Passed(36 * kDay), false, Outcome::kKnown, 0, true,
     State::kPassed, false, 37 * kDay},
    {"known, a second after its life", Passed(36 * kDay + 1), false, Outcome::kExpired, 300, true,
     State::kPending, false, 0},
    {"known, a little ahead of the clock", Passed(-300), false, Outcome::kKnown, 0, false,
     State::kPassed, false, kDay - 300},
    {"known, from the future", Passed(-301), false, Outcome::kKnown, 0, true, State::kPassed, false,
     kDay - 301},

    {"folded, too early", Folded(150), false, Outcome::kEarly, 150, true, State::kPending, false,
     150},
    {"folded, in time: passes and goes on", Folded(kHour), false, Outcome::kPassed, 0, true,
     State::kPending, false, kHour},
    {"folded while observing, after the window",
     [] {
       TupleRecord record = Folded(49 * kHour);
       record.observed = true;
       return record;
     }(),
     true, Outcome::kExpired, 300, true, State::kPending, true, 0},
    {"folded, after the window", Folded(49 * kHour), false, Outcome::kExpired, 300, true,
     State::kPending, false, 0},
};

TEST_CASE("one more try of a tuple, by what is known of it", "[greylist]") {
  for (const Case& c : kCases) {
    DYNAMIC_SECTION(c.name) {
      const Judgement got = Advance(c.record, kNow, Rules(), c.observing);
      CHECK(got.outcome == c.outcome);
      CHECK(got.remaining == Seconds(c.remaining));
      CHECK(got.write == c.write);
      CHECK(got.next.state == c.next);
      CHECK(got.next.observed == c.next_observed);
      CHECK(got.next.first_seen == kNow - Seconds(c.next_first_seen_age));
      if (got.write) CHECK(got.next.last_seen == kNow);
      if (got.outcome == Outcome::kPassed) {
        CHECK(got.waited == kNow - c.record->first_seen);
      } else {
        CHECK(got.waited == Seconds(0));
      }
    }
  }
}

TEST_CASE("what is not written is the record as it was", "[greylist]") {
  for (const Case& c : kCases) {
    if (c.write) continue;
    DYNAMIC_SECTION(c.name) {
      CHECK(Advance(c.record, kNow, Rules(), c.observing).next == *c.record);
    }
  }
}

TEST_CASE("tries count deferrals and start again with the record", "[greylist]") {
  TupleRecord record = Pending(150);
  record.tries = 7;
  CHECK(Advance(record, kNow, Rules(), false).next.tries == 8);
  record.tries = 0xffff;
  CHECK(Advance(record, kNow, Rules(), false).next.tries == 0xffff);
  record.first_seen = kNow - Seconds(kHour);
  CHECK(Advance(record, kNow, Rules(), false).next.tries == 0xffff);
  record.first_seen = kNow - Seconds(3 * kDay);
  CHECK(Advance(record, kNow, Rules(), false).next.tries == 1);
}

TEST_CASE("passes count from one and never wrap", "[greylist]") {
  CHECK(Advance(Pending(kHour), kNow, Rules(), false).next.passes == 1);
  TupleRecord record = Passed(2 * kHour);
  CHECK(Advance(record, kNow, Rules(), false).next.passes == 2);
  record.passes = 0xffff;
  CHECK(Advance(record, kNow, Rules(), false).next.passes == 0xffff);
}

TEST_CASE("addresses and hashes stay with the record, whatever happens to it", "[greylist]") {
  for (TupleRecord record :
       {Pending(150), Pending(kHour), Pending(3 * kDay), Passed(2 * kHour), Passed(40 * kDay)}) {
    record.client = IpAddress::V4(0xc0000202);
    record.sender = "a@example.org";
    record.recipient = "b@here.test";
    record.name_hash = 1;
    record.client_tag = 2;
    const TupleRecord next = Advance(record, kNow, Rules(), false).next;
    CHECK(next.client == record.client);
    CHECK(next.sender == record.sender);
    CHECK(next.recipient == record.recipient);
    CHECK(next.name_hash == 1);
    CHECK(next.client_tag == 2);
  }
}

TEST_CASE("a record that starts again keeps nothing of its first life's dates", "[greylist]") {
  const TupleRecord next = Advance(Passed(40 * kDay), kNow, Rules(), false).next;
  CHECK(next.passed_at == WallTime());
  CHECK(next.passes == 0);
  CHECK(next.tries == 1);
}

TEST_CASE("who waits as told passes, whatever the delay is", "[greylist]") {
  GreylistConfig rules = Rules();
  for (const std::int64_t delay : {1, 60, 86400}) {
    rules.delay = Seconds(delay);
    const Judgement first = Advance(std::nullopt, kNow, rules, false);
    CHECK(first.remaining == rules.delay);
    CHECK(PassesAt(first.next, rules) == kNow + first.remaining);
    const auto later = kNow + first.remaining;
    CHECK(Advance(first.next, later - Seconds(1), rules, false).remaining == Seconds(1));
    CHECK(Advance(first.next, later, rules, false).outcome == Outcome::kPassed);
  }
}

TEST_CASE("pending records are kept for a day beyond their window", "[greylist]") {
  CHECK_FALSE(IsExpired(Pending(48 * kHour), kNow, Rules()));
  CHECK_FALSE(IsExpired(Pending(3 * kDay), kNow, Rules()));
  CHECK(IsExpired(Pending(3 * kDay + 1), kNow, Rules()));
  CHECK_FALSE(IsExpired(Pending(36 * kDay, true), kNow, Rules()));
  CHECK(IsExpired(Pending(37 * kDay + 1, true), kNow, Rules()));
}

TEST_CASE("known records are kept for their lifetime, tombstones as long", "[greylist]") {
  CHECK_FALSE(IsExpired(Passed(36 * kDay), kNow, Rules()));
  CHECK(IsExpired(Passed(36 * kDay + 1), kNow, Rules()));
  CHECK_FALSE(IsExpired(Forgotten(36 * kDay), kNow, Rules()));
  CHECK(IsExpired(Forgotten(36 * kDay + 1), kNow, Rules()));
}

TEST_CASE("only who was really deferred and missed the window never came back", "[greylist]") {
  CHECK_FALSE(NeverCameBack(Pending(48 * kHour), kNow, Rules()));
  CHECK(NeverCameBack(Pending(48 * kHour + 1), kNow, Rules()));
  CHECK_FALSE(NeverCameBack(Pending(40 * kDay, true), kNow, Rules()));
  CHECK_FALSE(NeverCameBack(Passed(40 * kDay), kNow, Rules()));
  CHECK_FALSE(NeverCameBack(Forgotten(40 * kDay), kNow, Rules()));
}

TEST_CASE("a record from the future is brought back to now", "[greylist]") {
  CHECK_FALSE(IsFromFuture(Pending(-300), kNow));
  CHECK(IsFromFuture(Pending(-301), kNow));
  CHECK(IsFromFuture(Passed(-301), kNow));
  CHECK(IsFromFuture(Forgotten(-301), kNow));
  const TupleRecord redated = Redated(Passed(-2 * kDay), kNow);
  CHECK(redated.first_seen == kNow);
  CHECK(redated.last_seen == kNow);
  CHECK(redated.passed_at == kNow);
  CHECK(Redated(Passed(kDay), kNow) == Passed(kDay));
}

}  // namespace
}  // namespace mxward::greylist
