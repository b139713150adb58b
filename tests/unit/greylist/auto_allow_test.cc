// SPDX-License-Identifier: Apache-2.0
#include "greylist/auto_allow.h"

#include <string>

#include "catch.h"
#include "tests/unit/greylist/rules.h"

namespace mxward::greylist {
namespace {

AutoAllowRecord Allowed(Seconds age) {
  AutoAllowRecord record;
  record.allowed = true;
  record.passed = 3;
  record.counted_at = kNow - age;
  record.last_used = kNow - age;
  record.identity = "client:192.0.2.1";
  return record;
}

TEST_CASE("what was earned comes back as it was written", "[greylist]") {
  AutoAllowRecord record = Allowed(kDay);
  record.forgotten = true;
  const auto decoded = AutoAllowRecord::Decode(record.Encode());
  REQUIRE(decoded);
  CHECK(decoded->allowed);
  CHECK(decoded->forgotten);
  CHECK(decoded->passed == 3);
  CHECK(decoded->counted_at == record.counted_at);
  CHECK(decoded->last_used == record.last_used);
  CHECK(decoded->lost_at == WallTime());
  record.lost_at = kNow - kHour;
  CHECK(AutoAllowRecord::Decode(record.Encode())->lost_at == record.lost_at);
  CHECK(AutoAllowRecord::Decode(record.Encode())->identity == "client:192.0.2.1");
  CHECK(decoded->identity == "client:192.0.2.1");
}

TEST_CASE("truncated, longer and foreign bytes are nothing earned", "[greylist]") {
  const std::string bytes = Allowed(kDay).Encode();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(AutoAllowRecord::Decode(bytes.substr(0, size)));
  }
  CHECK_FALSE(AutoAllowRecord::Decode(bytes + "x"));
  std::string other = bytes;
  other[0] = 4;
  CHECK_FALSE(AutoAllowRecord::Decode(other));
}

TEST_CASE("what an organisation has earned comes back as it was written", "[greylist]") {
  AutoAllowRecord record = Allowed(kDay);
  record.identity = "organisation:example.org";
  record.first_counted = kNow - kDay;
  record.first_client = 0xdeadbeef;
  const auto decoded = AutoAllowRecord::Decode(record.Encode());
  REQUIRE(decoded);
  CHECK(decoded->first_counted == record.first_counted);
  CHECK(decoded->first_client == 0xdeadbeef);
  CHECK_FALSE(decoded->several_clients);
  CHECK(decoded->lost_at == WallTime());
  CHECK(decoded->identity == record.identity);
  record.several_clients = true;
  CHECK(AutoAllowRecord::Decode(record.Encode())->several_clients);
  const std::string bytes = record.Encode();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(AutoAllowRecord::Decode(bytes.substr(0, size)));
  }
}

TEST_CASE("an organisation needs two clients or seven days beside the passes", "[greylist]") {
  std::optional<AutoAllowRecord> record;
  for (int i = 0; i < 10; ++i) {
    record = AfterPassOfOrganisation(record, 7, kNow + i * kHour, Rules());
    CHECK_FALSE(record->allowed);
  }
  SECTION("two clients") {
    record = AfterPassOfOrganisation(record, 8, kNow + 10 * kHour, Rules());
    CHECK(record->several_clients);
    CHECK(record->allowed);
  }
  SECTION("a little less than seven days") {
    record = AfterPassOfOrganisation(record, 7, kNow + 7 * kDay - Seconds(1), Rules());
    CHECK_FALSE(record->allowed);
  }
  SECTION("seven days") {
    record = AfterPassOfOrganisation(record, 7, kNow + 7 * kDay, Rules());
    CHECK_FALSE(record->several_clients);
    CHECK(record->allowed);
  }
  SECTION("what was forgotten begins again") {
    record->forgotten = true;
    record = AfterPassOfOrganisation(record, 8, kNow + 8 * kDay, Rules());
    CHECK_FALSE(record->several_clients);
    CHECK(record->passed == 1);
  }
}

TEST_CASE("two clients are not enough without the passes", "[greylist]") {
  auto record = AfterPassOfOrganisation(std::nullopt, 7, kNow, Rules());
  record = AfterPassOfOrganisation(record, 8, kNow + Seconds(1), Rules());  // within the hour
  CHECK(record.passed == 1);
  CHECK(record.several_clients);
  CHECK_FALSE(record.allowed);
}

TEST_CASE("three passes at least an hour apart earn it", "[greylist]") {
  std::optional<AutoAllowRecord> record;
  WallTime now = kNow;
  for (int i = 0; i < 3; ++i) {
    record = AfterPass(record, now, Rules());
    CHECK(record->passed == i + 1);
    CHECK(record->allowed == (i == 2));
    CHECK(IsAllowed(*record, now, Rules()) == (i == 2));
    now += kHour;
  }
}

TEST_CASE("many passes within an hour count as one", "[greylist]") {
  std::optional<AutoAllowRecord> record;
  for (int i = 0; i < 60; ++i) record = AfterPass(record, kNow + Seconds(60 * i), Rules());
  CHECK(record->passed == 1);
  CHECK(record->last_used == kNow + Seconds(60 * 59));
  CHECK(AfterPass(record, kNow + kHour, Rules()).passed == 2);
}

TEST_CASE("an allowance lasts its lifetime since the last use", "[greylist]") {
  CHECK(IsAllowed(Allowed(60 * kDay), kNow, Rules()));
  CHECK_FALSE(IsAllowed(Allowed(60 * kDay + Seconds(1)), kNow, Rules()));
  CHECK_FALSE(IsExpired(Allowed(60 * kDay), kNow, Rules()));
  CHECK(IsExpired(Allowed(60 * kDay + Seconds(1)), kNow, Rules()));
}

TEST_CASE("who comes back after that starts from nothing", "[greylist]") {
  const AutoAllowRecord next = AfterPass(Allowed(61 * kDay), kNow, Rules());
  CHECK(next.passed == 1);
  CHECK_FALSE(next.allowed);
}

TEST_CASE("a tombstone allows nothing and starts from nothing", "[greylist]") {
  AutoAllowRecord record = Allowed(kDay);
  record.forgotten = true;
  CHECK_FALSE(IsAllowed(record, kNow, Rules()));
  const AutoAllowRecord next = AfterPass(record, kNow, Rules());
  CHECK(next.passed == 1);
  CHECK_FALSE(next.forgotten);
}

TEST_CASE("what is lost comes back after a week, and nothing is added meanwhile", "[greylist]") {
  AutoAllowRecord record = AfterRevocation(Allowed(kDay), kNow);
  CHECK_FALSE(IsAllowed(record, kNow, Rules()));
  record = AfterPass(record, kNow + 6 * kDay, Rules());
  CHECK(record.passed == 3);
  CHECK_FALSE(IsAllowed(record, kNow + 7 * kDay - Seconds(1), Rules()));
  CHECK(IsAllowed(record, kNow + 7 * kDay, Rules()));
  CHECK(AfterPass(record, kNow + 7 * kDay, Rules()).passed == 4);
  // From a clock that was ahead.
  record = AfterRevocation(record, kNow + 1000 * kDay);
  CHECK(IsFromFuture(record, kNow));
  CHECK(WithClampedTimes(record, kNow).lost_at == kNow);
}

TEST_CASE("what a name earned once counts for nobody and can be removed", "[greylist]") {
  AutoAllowRecord record = Allowed(kDay);
  record.identity = "name:example.org";
  CHECK_FALSE(IsAllowed(record, kNow, Rules()));
  CHECK(IsExpired(record, kNow, Rules()));
}

TEST_CASE("turned off, what was earned does not count", "[greylist]") {
  GreylistConfig rules = Rules();
  rules.auto_allow_after = 0;
  CHECK_FALSE(IsAllowed(Allowed(kDay), kNow, rules));
}

TEST_CASE("a clock that was ahead for a while neither stops the count nor keeps it for ever",
          "[greylist]") {
  AutoAllowRecord record = Allowed(-1000 * kDay);
  record.allowed = false;
  record.passed = 1;
  CHECK(IsFromFuture(record, kNow));
  record = AfterPass(record, kNow, Rules());
  CHECK(record.passed == 1);
  CHECK(record.counted_at == kNow);
  record = AfterPass(record, kNow + kHour, Rules());
  CHECK(record.passed == 2);
  const AutoAllowRecord redated = WithClampedTimes(Allowed(-1000 * kDay), kNow);
  CHECK(redated.counted_at == kNow);
  CHECK(redated.last_used == kNow);
}

}  // namespace
}  // namespace mxward::greylist
