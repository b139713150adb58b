// SPDX-License-Identifier: Apache-2.0
#include "greylist/state.h"

#include <optional>
#include <vector>

#include "catch.h"
#include "tests/unit/greylist/rules.h"

namespace mxward::greylist {
namespace {

using std::chrono_literals::operator""s;

TupleRecord Pending(Seconds age, bool observed = false) {
  TupleRecord record;
  record.state = State::kPending;
  record.observed = observed;
  record.first_seen = kNow - age;
  record.last_seen = record.first_seen;
  record.tries = 1;
  return record;
}

TupleRecord Passed(Seconds age, bool observed = false) {
  TupleRecord record;
  record.state = State::kPassed;
  record.observed = observed;
  record.first_seen = kNow - (age + kDay);
  record.passed_at = record.first_seen + kHour;
  record.last_seen = kNow - age;
  record.tries = 2;
  record.passes = 1;
  return record;
}

TupleRecord Folded(Seconds age) {
  TupleRecord record = Pending(age);
  record.folded = true;
  return record;
}

struct Case {
  const char* name;
  std::optional<TupleRecord> record;
  bool observing;
  Outcome outcome;
  Seconds remaining;  // of what is deferred
  bool write;
  State next;
  bool next_observed;
  Seconds next_first_seen_age;
};

const std::vector<Case> kCases = {
    {"nothing known", std::nullopt, false, Outcome::kNew, 300s, true, State::kPending, false, 0s},
    {"nothing known, observing", std::nullopt, true, Outcome::kNew, 300s, true, State::kPending,
     true, 0s},
    {"a tombstone", Forgotten(kDay), false, Outcome::kNew, 300s, true, State::kPending, false, 0s},

    {"the same second", Pending(0s), false, Outcome::kEarly, 300s, true, State::kPending, false,
     0s},
    {"half of the delay", Pending(150s), false, Outcome::kEarly, 150s, true, State::kPending, false,
     150s},
    {"one second too early", Pending(299s), false, Outcome::kEarly, 1s, true, State::kPending,
     false, 299s},
    {"just in time", Pending(300s), false, Outcome::kPassed, 0s, true, State::kPassed, false, 300s},
    {"after a day", Pending(kDay), false, Outcome::kPassed, 0s, true, State::kPassed, false, kDay},
    {"the last second of the window", Pending(48 * kHour), false, Outcome::kPassed, 0s, true,
     State::kPassed, false, 48 * kHour},
    {"one second after the window", Pending(48 * kHour + 1s), false, Outcome::kExpired, 300s, true,
     State::kPending, false, 0s},

    {"a little ahead of the clock", Pending(-200s), false, Outcome::kEarly, 300s, true,
     State::kPending, false, -200s},
    {"from the future", Pending(-301s), false, Outcome::kEarly, 300s, true, State::kPending, false,
     0s},

    {"noted while observing, too early", Pending(150s, true), false, Outcome::kEarly, 150s, true,
     State::kPending, false, 150s},
    {"noted and seen while observing", Pending(150s, true), true, Outcome::kEarly, 150s, true,
     State::kPending, true, 150s},
    {"noted while observing, after the window", Pending(30 * kDay, true), false, Outcome::kPassed,
     0s, true, State::kPassed, true, 30 * kDay},
    {"noted while observing, after the lifetime", Pending(36 * kDay + 1s, true), false,
     Outcome::kExpired, 300s, true, State::kPending, false, 0s},
    {"really deferred, then observing", Pending(150s), true, Outcome::kEarly, 150s, true,
     State::kPending, false, 150s},
    {"really deferred, observing after the window", Pending(3 * kDay), true, Outcome::kExpired,
     300s, true, State::kPending, true, 0s},

    {"known, a minute ago", Passed(kMinute), false, Outcome::kKnown, 0s, false, State::kPassed,
     false, kMinute + kDay},
    {"known, an hour ago", Passed(kHour), false, Outcome::kKnown, 0s, false, State::kPassed, false,
     kHour + kDay},
    {"known, over an hour ago", Passed(kHour + 1s), false, Outcome::kKnown, 0s, true,
     State::kPassed, false, kHour + 1s + kDay},
    {"known, the last second of its life", Passed(36 * kDay), false, Outcome::kKnown, 0s, true,
     State::kPassed, false, 37 * kDay},
    {"known, a second after its life", Passed(36 * kDay + 1s), false, Outcome::kExpired, 300s, true,
     State::kPending, false, 0s},
    {"known, a little ahead of the clock", Passed(-300s), false, Outcome::kKnown, 0s, false,
     State::kPassed, false, kDay - 300s},
    {"known, from the future", Passed(-301s), false, Outcome::kKnown, 0s, true, State::kPassed,
     false, kDay - 301s},

    {"stood for many once", Folded(kHour), false, Outcome::kNew, 300s, true, State::kPending, false,
     0s},
};

TEST_CASE("one more try of a tuple, by what is known of it", "[greylist]") {
  for (const Case& c : kCases) {
    DYNAMIC_SECTION(c.name) {
      const Transition got = Advance(c.record, kNow, Rules(), c.observing);
      CHECK(got.outcome == c.outcome);
      CHECK(got.remaining == c.remaining);
      CHECK(got.write == c.write);
      CHECK(got.next.state == c.next);
      CHECK(got.next.observed == c.next_observed);
      CHECK(got.next.first_seen == kNow - c.next_first_seen_age);
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
  TupleRecord record = Pending(150s);
  record.tries = 7;
  CHECK(Advance(record, kNow, Rules(), false).next.tries == 8);
  record.tries = 0xffff;
  CHECK(Advance(record, kNow, Rules(), false).next.tries == 0xffff);
  record.first_seen = kNow - kHour;
  CHECK(Advance(record, kNow, Rules(), false).next.tries == 0xffff);
  record.first_seen = kNow - 3 * kDay;
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
       {Pending(150s), Pending(kHour), Pending(3 * kDay), Passed(2 * kHour), Passed(40 * kDay)}) {
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
    const Transition first = Advance(std::nullopt, kNow, rules, false);
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
  CHECK(IsExpired(Pending(3 * kDay + 1s), kNow, Rules()));
  CHECK_FALSE(IsExpired(Pending(36 * kDay, true), kNow, Rules()));
  CHECK(IsExpired(Pending(37 * kDay + 1s, true), kNow, Rules()));
}

TEST_CASE("known records are kept for their lifetime, tombstones as long", "[greylist]") {
  CHECK_FALSE(IsExpired(Passed(36 * kDay), kNow, Rules()));
  CHECK(IsExpired(Passed(36 * kDay + 1s), kNow, Rules()));
  CHECK_FALSE(IsExpired(Forgotten(36 * kDay), kNow, Rules()));
  CHECK(IsExpired(Forgotten(36 * kDay + 1s), kNow, Rules()));
}

TEST_CASE("only who was really deferred and missed the window never came back", "[greylist]") {
  CHECK_FALSE(NeverCameBack(Pending(48 * kHour), kNow, Rules()));
  CHECK(NeverCameBack(Pending(48 * kHour + 1s), kNow, Rules()));
  CHECK_FALSE(NeverCameBack(Pending(40 * kDay, true), kNow, Rules()));
  CHECK_FALSE(NeverCameBack(Passed(40 * kDay), kNow, Rules()));
  CHECK_FALSE(NeverCameBack(Forgotten(40 * kDay), kNow, Rules()));
}

TEST_CASE("a record from the future is brought back to now", "[greylist]") {
  CHECK_FALSE(IsFromFuture(Pending(-300s), kNow));
  CHECK(IsFromFuture(Pending(-301s), kNow));
  CHECK(IsFromFuture(Passed(-301s), kNow));
  CHECK(IsFromFuture(Forgotten(-301s), kNow));
  const TupleRecord redated = WithClampedTimes(Passed(-2 * kDay), kNow);
  CHECK(redated.first_seen == kNow);
  CHECK(redated.last_seen == kNow);
  CHECK(redated.passed_at == kNow);
  CHECK(WithClampedTimes(Passed(kDay), kNow) == Passed(kDay));
}

}  // namespace
}  // namespace mxward::greylist
