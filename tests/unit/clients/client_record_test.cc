// SPDX-License-Identifier: Apache-2.0
#include "clients/client_record.h"

#include <limits>
#include <string>

#include "catch.h"
#include "tests/fake/times.h"

namespace mxward {
namespace {

constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();

ClientRecord Full() {
  ClientRecord record;
  record.client = IpAddress::V4(0xc0000202);
  record.first_seen = kNow - 100 * kDay;
  record.last_seen = kNow;
  record.connections = 1000000;
  record.passed = 2;
  record.deferred = 3;
  record.rejected = 4;
  record.bad = 5;
  record.harvests = kMost;
  record.name_class = NameClass::kGood;
  record.passed_on.days = 60000;
  record.passed_on.first = kNow - 90 * kDay;
  record.passed_on.last = kNow - kDay;
  record.named_on = {7, kNow - 80 * kDay, kNow - 2 * kDay};
  record.organisation = 0xfedcba98;
  record.tls = {{6, kNow - 50 * kDay, kNow - kDay}, kNow - 60 * kDay};
  record.last_rejected = kNow - 2 * kDay;
  record.last_listed = kNow - 3 * kDay;
  record.last_list = "zen.spamhaus.org";
  return record;
}

TEST_CASE("a client's record comes back as it was written", "[clients]") {
  ClientRecord record = Full();
  CHECK(ClientRecord::Decode(record.Encode()) == record);
  record.client = *IpAddress::Parse("2001:db8:1:2::");
  CHECK(ClientRecord::Decode(record.Encode()) == record);
  record.client.reset();
  CHECK(ClientRecord::Decode(record.Encode()) == record);
  CHECK(ClientRecord::Decode(ClientRecord().Encode()) == ClientRecord());
}

TEST_CASE("a record of format 2 is read, and knows no TLS; of format 1, and no names",
          "[clients]") {
  ClientRecord expected = Full();
  std::string bytes = Full().Encode();
  expected.tls = {};
  expected.against = static_cast<std::uint16_t>(expected.rejected);
  bytes[0] = 2;
  bytes.erase(67, 16);
  CHECK(ClientRecord::Decode(bytes) == expected);
  expected.named_on = {};
  expected.organisation = 0;
  bytes[0] = 1;
  bytes.erase(53, 14);
  CHECK(ClientRecord::Decode(bytes) == expected);
}

TEST_CASE("days with TLS count since the last message in the clear", "[clients]") {
  ClientRecord record;
  for (int day = 0; day < 3; ++day) CountPassed(record, kNow + day * kDay, {.tls = true});
  CountPassed(record, kNow + 2 * kDay, {.tls = true});
  CHECK(record.tls == TlsUse{{3, kNow, kNow + 2 * kDay}, {}});
  ClientRecord encrypted;
  CountPassed(encrypted, kNow + 2 * kDay, {.tls = true});
  CountPassed(encrypted, kNow + 3 * kDay, {.tls = true});
  CHECK(Merged(record, encrypted).tls == TlsUse{{4, kNow, kNow + 3 * kDay}, {}});
  ClientRecord clear;
  CountPassed(clear, kNow + 3 * kDay, {.tls = true});
  CountPassed(clear, kNow + 3 * kDay + Seconds(1));
  CHECK(Merged(record, clear).tls == TlsUse{{}, kNow + 3 * kDay + Seconds(1)});
  CountPassed(clear, kNow + 4 * kDay, {.tls = true});
  CHECK(Merged(record, clear).tls ==
        TlsUse{{1, kNow + 4 * kDay, kNow + 4 * kDay}, kNow + 3 * kDay + Seconds(1)});
  // Nothing passed in between: what was known stays.
  CHECK(Merged(record, ClientRecord()).tls == record.tls);
}

TEST_CASE("days with a good name are counted apart", "[clients]") {
  ClientRecord record;
  CountPassed(record, kNow, {7});
  CountPassed(record, kNow + kDay);
  CountPassed(record, kNow + 2 * kDay, {8});
  CountPassed(record, kNow + 2 * kDay, {8});
  CHECK(record.passed_on == DayCount{3, kNow, kNow + 2 * kDay});
  CHECK(record.named_on == DayCount{2, kNow, kNow + 2 * kDay});
  CHECK(record.organisation == 8);
  ClientRecord later;
  CountPassed(later, kNow + 2 * kDay, {9});
  CountPassed(later, kNow + 3 * kDay);
  const ClientRecord merged = Merged(record, later);
  CHECK(merged.named_on == DayCount{2, kNow, kNow + 2 * kDay});
  CHECK(merged.passed_on.days == 4);
  CHECK(merged.organisation == 9);
}

TEST_CASE("a client's record is as small as promised", "[clients]") {
  ClientRecord record = Full();
  record.last_list.clear();
  CHECK(record.Encode().size() == 89);
}

TEST_CASE("of a record without reasons of rejections all of them count", "[clients]") {
  const ClientRecord record = Full();
  std::string bytes = record.Encode();
  bytes[0] = 2;
  bytes.erase(67, 16);
  ClientRecord expected = record;
  expected.tls = {};
  expected.against = static_cast<std::uint16_t>(record.rejected);
  CHECK(ClientRecord::Decode(bytes) == expected);
}

TEST_CASE("of an IPv6 client the /64 is stored", "[clients]") {
  ClientRecord record = Full();
  record.client = *IpAddress::Parse("2001:db8:1:2:3:4:5:6");
  CHECK(ClientRecord::Decode(record.Encode())->client == *IpAddress::Parse("2001:db8:1:2::"));
}

TEST_CASE("a list's name is cut, not refused", "[clients]") {
  ClientRecord record = Full();
  record.last_list = std::string(100000, 'l');
  const auto decoded = ClientRecord::Decode(record.Encode());
  REQUIRE(decoded);
  CHECK(decoded->last_list == std::string(ClientRecord::kMaxListName, 'l'));
  CHECK(decoded->client == record.client);
}

TEST_CASE("truncated, longer and foreign bytes are no client's record", "[clients]") {
  for (const char* client : {"192.0.2.1", "2001:db8::"}) {
    ClientRecord record = Full();
    record.client = IpAddress::Parse(client);
    const std::string bytes = record.Encode();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CHECK_FALSE(ClientRecord::Decode(bytes.substr(0, size)));
    }
    CHECK_FALSE(ClientRecord::Decode(bytes + "x"));
    std::string other = bytes;
    other[0] = 4;
    CHECK_FALSE(ClientRecord::Decode(other));
    other = bytes;
    other[2] = 6;  // no NameClass
    CHECK_FALSE(ClientRecord::Decode(other));
  }
}

TEST_CASE("any bytes are read as a client's record without harm", "[clients]") {
  const std::string good = Full().Encode();
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int value = 0; value < 256; value += 5) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(value);
      const auto record = ClientRecord::Decode(bytes);
      if (record && record->last_list.size() <= ClientRecord::kMaxListName) {
        CHECK(ClientRecord::Decode(record->Encode()) == record);
      }
    }
  }
}

TEST_CASE("a key is about an address, or a /64", "[clients]") {
  const HashKey key = NewHashKey();
  const auto key_of = [&](const char* text) { return ClientKey(key, *IpAddress::Parse(text)); };
  CHECK(key_of("192.0.2.1").size() == 8);
  CHECK(key_of("192.0.2.1") == key_of("::ffff:192.0.2.1"));
  CHECK(key_of("192.0.2.1") != key_of("192.0.2.2"));
  CHECK(key_of("2001:db8::1") == key_of("2001:db8::ffff:1"));
  CHECK(key_of("2001:db8::1") != key_of("2001:db8:0:1::1"));
  // An IPv4 address, and a /64 that begins with the same bytes.
  CHECK(key_of("32.1.13.184") != key_of("2001:db8::"));
  CHECK(key_of("192.0.2.1") != ClientKey(NewHashKey(), *IpAddress::Parse("192.0.2.1")));
  CHECK(ClientOf(*IpAddress::Parse("192.0.2.1")) == *IpAddress::Parse("192.0.2.1"));
  CHECK(ClientOf(*IpAddress::Parse("2001:db8::1")) == *IpAddress::Parse("2001:db8::"));
}

TEST_CASE("counts of one client add up", "[clients]") {
  ClientRecord earlier;
  earlier.first_seen = kNow - kDay;
  earlier.last_seen = kNow - kHour;
  earlier.connections = 1;
  earlier.passed = 2;
  earlier.deferred = 3;
  earlier.rejected = 4;
  earlier.bad = 5;
  earlier.harvests = 6;
  ClientRecord later;
  later.client = IpAddress::V4(0xc0000202);
  later.first_seen = kNow - Seconds(10);
  later.last_seen = kNow;
  later.connections = 10;
  later.passed = 20;
  later.deferred = 30;
  later.rejected = 40;
  later.bad = 50;
  later.harvests = 60;
  later.last_rejected = kNow;
  const ClientRecord merged = Merged(earlier, later);
  CHECK(merged.client == later.client);
  CHECK(merged.first_seen == earlier.first_seen);
  CHECK(merged.last_seen == kNow);
  CHECK(merged.connections == 11);
  CHECK(merged.passed == 22);
  CHECK(merged.deferred == 33);
  CHECK(merged.rejected == 44);
  CHECK(merged.bad == 55);
  CHECK(merged.harvests == 66);
  CHECK(merged.last_rejected == kNow);
  // Nothing new changes nothing.
  CHECK(Merged(merged, ClientRecord()) == merged);
  CHECK(Merged(ClientRecord(), merged) == merged);
}

TEST_CASE("full counts stay full", "[clients]") {
  ClientRecord full;
  full.connections = full.passed = full.deferred = full.rejected = full.bad = full.harvests = kMost;
  full.passed_on.days = 65535;
  full.passed_on.first = full.passed_on.last = kNow;
  ClientRecord later = full;
  later.passed_on.first = later.passed_on.last = kNow + 10 * kDay;
  ClientRecord merged = Merged(full, later);
  CountPassed(merged, kNow + 20 * kDay);
  for (const std::uint32_t count : {merged.connections, merged.passed, merged.deferred,
                                    merged.rejected, merged.bad, merged.harvests}) {
    CHECK(count == kMost);
  }
  CHECK(merged.passed_on.days == 65535);
}

TEST_CASE("a name's class is the last connection's", "[clients]") {
  ClientRecord earlier = Full();
  ClientRecord later;
  CHECK(Merged(earlier, later).name_class == NameClass::kGood);  // no connection since
  later.connections = 1;
  CHECK(Merged(earlier, later).name_class == NameClass::kUnknown);
}

TEST_CASE("the last listing is kept with its list", "[clients]") {
  ClientRecord earlier = Full();
  ClientRecord later;
  CHECK(Merged(earlier, later).last_list == "zen.spamhaus.org");
  later.last_listed = kNow;
  later.last_list = "other";
  CHECK(Merged(earlier, later).last_list == "other");
  CHECK(Merged(earlier, later).last_listed == kNow);
  later.last_listed = earlier.last_listed - kHour;
  CHECK(Merged(earlier, later).last_list == "zen.spamhaus.org");
}

TEST_CASE("a day on which recipients passed counts once", "[clients]") {
  ClientRecord record;
  CountPassed(record, kNow);
  CountPassed(record, kNow + kDay - Seconds(1));
  CHECK(record.passed_on.days == 1);
  CountPassed(record, kNow + kDay);
  CHECK(record.passed_on.days == 2);
  CountPassed(record, kNow + 9 * kDay);
  CHECK(record.passed_on.days == 3);
  CHECK(record.passed == 4);
  CHECK(record.passed_on.first == kNow);
  CHECK(record.passed_on.last == kNow + 9 * kDay);
  // The clock went back.
  CountPassed(record, kNow + 4 * kDay);
  CHECK(record.passed_on.days == 3);
  CHECK(record.passed_on.last == kNow + 9 * kDay);
}

ClientRecord PassedOn(std::initializer_list<int> days) {
  ClientRecord record;
  for (const int day : days) CountPassed(record, kNow + day * kDay);
  return record;
}

TEST_CASE("days of two records count once when they are merged", "[clients]") {
  using Days = std::initializer_list<int>;
  const auto merged_days = [](Days earlier, Days later) {
    return Merged(PassedOn(earlier), PassedOn(later)).passed_on.days;
  };
  CHECK(merged_days({}, {}) == 0);
  CHECK(merged_days({}, {0}) == 1);
  CHECK(merged_days({0}, {}) == 1);
  CHECK(merged_days({0}, {0}) == 1);
  CHECK(merged_days({0}, {1}) == 2);
  CHECK(merged_days({0}, {0, 1}) == 2);
  CHECK(merged_days({0}, {0, 3}) == 2);
  CHECK(merged_days({0, 1}, {1, 2, 3}) == 4);
  CHECK(merged_days({0, 5}, {6, 7}) == 4);
  // Out of order, or overlapping: rather one too few.
  CHECK(merged_days({5}, {0}) == 1);
  CHECK(merged_days({0, 5}, {3, 4, 6}) == 3);
  const ClientRecord merged = Merged(PassedOn({2, 3}), PassedOn({5}));
  CHECK(merged.passed_on.first == kNow + 2 * kDay);
  CHECK(merged.passed_on.last == kNow + 5 * kDay);
}

TEST_CASE("a client expires after its lifetime, and not because a clock went back", "[clients]") {
  ClientRecord record;
  record.first_seen = record.last_seen = kNow;
  CHECK_FALSE(IsExpired(record, kNow + 60 * kDay, 60 * kDay));
  CHECK(IsExpired(record, kNow + 60 * kDay + Seconds(1), 60 * kDay));
  CHECK_FALSE(IsExpired(record, kNow - 1000 * kDay, 60 * kDay));
}

TEST_CASE("times from the future are set to now", "[clients]") {
  const ClientRecord record = Full();
  CHECK_FALSE(IsFromFuture(record, kNow));
  CHECK_FALSE(IsFromFuture(record, kNow - Seconds(300)));
  CHECK(IsFromFuture(record, kNow - Seconds(301)));
  CHECK(WithClampedTimes(record, kNow) == record);
  const WallTime then = kNow - 1000 * kDay;
  const ClientRecord redated = WithClampedTimes(record, then);
  for (const WallTime time : {redated.first_seen, redated.last_seen, redated.passed_on.first,
                              redated.passed_on.last, redated.named_on.first, redated.named_on.last,
                              redated.last_rejected, redated.last_listed}) {
    CHECK(time == then);
  }
  CHECK(WithClampedTimes(ClientRecord(), kNow) == ClientRecord());  // never stays never
}

TEST_CASE("a record that comes in twice counts once", "[clients]") {
  CHECK(Imported(std::nullopt, Full()) == Full());
  CHECK_FALSE(Imported(Full(), Full()));
  ClientRecord stored = Full();
  stored.client.reset();
  stored.first_seen = kNow - 10 * kDay;
  stored.last_seen = kNow - kHour;
  stored.name_class = NameClass::kDynamic;
  stored.connections = 5;
  stored.passed = 100;
  stored.last_listed = {};
  stored.last_list.clear();
  stored.passed_on.first = {};
  const auto merged = Imported(stored, Full());
  REQUIRE(merged);
  ClientRecord expected = Full();
  expected.passed = 100;
  CHECK(*merged == expected);
}

TEST_CASE("an older record says nothing of a client's name now", "[clients]") {
  ClientRecord older = Full();
  older.last_seen = kNow - kDay;
  older.name_class = NameClass::kNone;
  older.last_listed = kNow - 30 * kDay;
  older.last_list = "other";
  CHECK_FALSE(Imported(Full(), older));
}

}  // namespace
}  // namespace mxward
