// SPDX-License-Identifier: Apache-2.0
#include "greylist/merge.h"

#include <optional>

#include "catch.h"
#include "tests/unit/greylist/rules.h"

namespace mxward::greylist {
namespace {

using std::chrono_literals::operator""s;

TupleRecord PendingBetween(Seconds first_age, Seconds last_age) {
  TupleRecord record;
  record.first_seen = kNow - first_age;
  record.last_seen = kNow - last_age;
  record.tries = 1;
  return record;
}

TupleRecord PassedBetween(Seconds first_age, Seconds last_age) {
  TupleRecord record = PendingBetween(first_age, last_age);
  record.state = State::kPassed;
  record.passed_at = record.first_seen + kHour;
  record.passes = 3;
  return record;
}

std::optional<TupleRecord> Merge(const std::optional<TupleRecord>& stored,
                                 const TupleRecord& other) {
  return Merged(stored, other, kNow, Rules());
}

TEST_CASE("what is not there yet is taken as it is", "[greylist]") {
  CHECK(Merge(std::nullopt, PassedBetween(kDay, kHour)) == PassedBetween(kDay, kHour));
  CHECK(Merge(std::nullopt, Forgotten(kHour)) == Forgotten(kHour));
}

TEST_CASE("first seen merges by min, last seen by max, passed once is passed", "[greylist]") {
  const auto merged = Merge(PendingBetween(kHour, 60s), PassedBetween(10 * kDay, 2 * kDay));
  REQUIRE(merged);
  CHECK(merged->state == State::kPassed);
  CHECK(merged->first_seen == kNow - 10 * kDay);
  CHECK(merged->last_seen == kNow - Seconds(60));
  CHECK(merged->passed_at == kNow - Seconds(10 * kDay - kHour));
  CHECK(merged->passes == 3);
}

TEST_CASE("the same again, or something older, changes nothing", "[greylist]") {
  CHECK_FALSE(Merge(PassedBetween(kDay, kHour), PassedBetween(kDay, kHour)));
  CHECK_FALSE(Merge(PassedBetween(kDay, kHour), PendingBetween(kHour, kHour)));
  CHECK_FALSE(Merge(PendingBetween(kDay, kHour), PendingBetween(kHour * 2, kHour * 2)));
}

TEST_CASE("what is over counts for nothing", "[greylist]") {
  // Three days: its retry window is over, and its first-seen must not end the other one's.
  CHECK_FALSE(Merge(PendingBetween(60s, 60s), PendingBetween(3 * kDay, 3 * kDay)));
  CHECK(Merge(PendingBetween(3 * kDay, 3 * kDay), PendingBetween(60s, 60s)) ==
        PendingBetween(60s, 60s));
  CHECK(Merge(PassedBetween(90 * kDay, 40 * kDay), PendingBetween(60s, 60s)) ==
        PendingBetween(60s, 60s));
  CHECK_FALSE(Merge(PassedBetween(kDay, kDay), PassedBetween(90 * kDay, 40 * kDay)));
}

TEST_CASE("a tombstone stands against what is not newer", "[greylist]") {
  CHECK_FALSE(Merge(Forgotten(kHour), PassedBetween(kDay, kHour)));
  CHECK(Merge(Forgotten(kHour), PassedBetween(kDay, 60s)) == PassedBetween(kDay, 60s));
  CHECK(Merge(PassedBetween(kDay, kHour), Forgotten(kHour)) == Forgotten(kHour));
  CHECK_FALSE(Merge(PassedBetween(kDay, 60s), Forgotten(kHour)));
  CHECK_FALSE(Merge(Forgotten(kHour), Forgotten(kHour)));
  CHECK_FALSE(Merge(Forgotten(kHour), Forgotten(kDay)));
  CHECK(Merge(Forgotten(kDay), Forgotten(kHour)) == Forgotten(kHour));
}

TEST_CASE("addresses and names that one side lacks come from the other", "[greylist]") {
  TupleRecord hashed = PassedBetween(kDay, 60s);
  TupleRecord full = PassedBetween(kDay, kHour);
  full.client = IpAddress::V4(0xc0000201);
  full.sender = "a@example.org";
  full.recipient = "b@example.net";
  full.name_hash = 7;
  const auto merged = Merge(hashed, full);
  REQUIRE(merged);
  CHECK(merged->client == full.client);
  CHECK(merged->sender == "a@example.org");
  CHECK(merged->recipient == "b@example.net");
  CHECK(merged->name_hash == 7);
  CHECK(merged->last_seen == hashed.last_seen);
}

TEST_CASE("one real deferral makes a tuple a real one", "[greylist]") {
  TupleRecord good = PendingBetween(kHour, kHour);
  good.good_evidence = true;
  CHECK(Merge(good, PendingBetween(60s, 60s))->good_evidence);
  TupleRecord spf = PendingBetween(100s, 100s);
  spf.spf = true;
  CHECK(Merge(spf, PendingBetween(60s, 60s))->spf);
  CHECK_FALSE(Merge(PendingBetween(100s, 100s), PendingBetween(60s, 60s))->spf);
  TupleRecord observed = PendingBetween(kHour, kHour);
  observed.observed = true;
  const auto merged = Merge(observed, PendingBetween(60s, 60s));
  REQUIRE(merged);
  CHECK_FALSE(merged->observed);
}

AutoAllowRecord Earned(bool allowed, std::uint16_t passed, Seconds age) {
  AutoAllowRecord record;
  record.allowed = allowed;
  record.passed = passed;
  record.counted_at = record.last_used = kNow - age;
  record.identity = "client:192.0.2.1";
  return record;
}

TEST_CASE("an allowance stays as long as either side grants it", "[greylist]") {
  const auto merged = Merged(Earned(false, 2, 60s), Earned(true, 5, kDay), kNow, Rules());
  REQUIRE(merged);
  CHECK(merged->allowed);
  CHECK(merged->passed == 5);
  CHECK(merged->last_used == kNow - Seconds(60));
  CHECK_FALSE(Merged(Earned(true, 5, 60s), Earned(false, 2, kDay), kNow, Rules()));
}

TEST_CASE("an allowance that is over is not revived by what is older", "[greylist]") {
  CHECK_FALSE(Merged(Earned(false, 1, 60s), Earned(true, 9, 61 * kDay), kNow, Rules()));
  const auto merged = Merged(Earned(true, 9, 61 * kDay), Earned(false, 1, 60s), kNow, Rules());
  REQUIRE(merged);
  CHECK_FALSE(merged->allowed);
}

TEST_CASE("a forgotten identity stays so against what is older", "[greylist]") {
  AutoAllowRecord tombstone;
  tombstone.forgotten = true;
  tombstone.last_used = kNow - kHour;
  CHECK_FALSE(Merged(tombstone, Earned(true, 5, kDay), kNow, Rules()));
  CHECK(Merged(tombstone, Earned(true, 5, 60s), kNow, Rules())->allowed);
  CHECK(Merged(Earned(true, 5, kDay), tombstone, kNow, Rules())->forgotten);
}

}  // namespace
}  // namespace mxward::greylist
