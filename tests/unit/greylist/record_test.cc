// SPDX-License-Identifier: Apache-2.0
#include "greylist/record.h"

#include <string>
#include <vector>

#include "catch.h"

namespace mxward::greylist {
namespace {

TupleRecord Full(State state) {
  TupleRecord record;
  record.state = state;
  record.observed = true;
  record.folded = true;
  record.first_seen = WallTime(Seconds(1767571200));
  record.last_seen = WallTime(Seconds(1767571500));
  if (state == State::kPassed) {
    record.passed_at = WallTime(Seconds(1767571501));
    record.passes = 7;
  }
  record.tries = 3;
  record.name_hash = 0x0123456789abcdef;
  record.client_tag = 0xdeadbeef;
  record.client = IpAddress::V4(0xc0000202);
  record.sender = "a@example.org";
  record.recipient = std::string("b\0\xff@here.test", 12);
  return record;
}

TEST_CASE("a record comes back as it was written", "[greylist]") {
  for (const State state : {State::kPending, State::kPassed, State::kForgotten}) {
    TupleRecord record = Full(state);
    CHECK(TupleRecord::Decode(record.Encode()) == record);
    record.client = *IpAddress::Parse("2001:db8::1");
    CHECK(TupleRecord::Decode(record.Encode()) == record);
    record.client.reset();
    record.sender.clear();
    record.recipient.clear();
    CHECK(TupleRecord::Decode(record.Encode()) == record);
    record.observed = record.folded = false;
    record.good_evidence = true;
    CHECK(TupleRecord::Decode(record.Encode()) == record);
    record.spf = true;
    CHECK(TupleRecord::Decode(record.Encode()) == record);
  }
}

TEST_CASE("a null sender is not mistaken for no addresses", "[greylist]") {
  TupleRecord record = Full(State::kPending);
  record.sender.clear();
  CHECK(TupleRecord::Decode(record.Encode()) == record);
}

TEST_CASE("a record is as small as promised", "[greylist]") {
  TupleRecord record = Full(State::kPending);
  record.sender = std::string(30, 's');
  record.recipient = std::string(30, 'r');
  record.SetHolder({0x0102, 0x0304, 0xdeadbeef});
  CHECK(record.Encode().size() == 96);
  record.client.reset();
  record.sender.clear();
  record.recipient.clear();
  CHECK(record.Encode().size() == 28);
}

TEST_CASE("addresses are cut, not refused", "[greylist]") {
  TupleRecord record = Full(State::kPending);
  const std::string recipient = record.recipient;
  record.SetAddresses(std::string(100000, 's'), recipient);
  const auto decoded = TupleRecord::Decode(record.Encode());
  REQUIRE(decoded);
  CHECK(decoded->sender == std::string(256, 's'));
  CHECK(decoded->recipient == recipient);
  CHECK(decoded->cut);
  record.SetAddresses(std::string(256, 's'), recipient);
  CHECK_FALSE(record.cut);
}

TEST_CASE("tags of the networks are kept, and worked out for a record of before there were any",
          "[greylist]") {
  const HashKey key = {1, 2, 3};
  const IpAddress client = IpAddress::V4(0xc0000207);
  TupleRecord record = Full(State::kPassed);
  record.client = client;
  const std::size_t before = record.Encode().size();
  CHECK(TupleRecord::Decode(record.Encode())->holder(key) == HolderOf(key, client));
  record.SetHolder(HolderOf(key, client));
  CHECK(record.Encode().size() == before + 4);
  record.client.reset();
  record.sender.clear();
  record.recipient.clear();
  CHECK(TupleRecord::Decode(record.Encode()) == record);
  CHECK(TupleRecord::Decode(record.Encode())->holder(key) == HolderOf(key, client));
}

TEST_CASE("addresses of up to 512 bytes, as 0.1.0 kept them, are read and written", "[greylist]") {
  TupleRecord record = Full(State::kPending);
  record.sender = std::string(512, 's');
  CHECK(TupleRecord::Decode(record.Encode()) == record);
}

TEST_CASE("a truncated record is no record", "[greylist]") {
  for (const State state : {State::kPending, State::kPassed, State::kForgotten}) {
    const std::string bytes = Full(state).Encode();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CHECK_FALSE(TupleRecord::Decode(bytes.substr(0, size)));
    }
    CHECK_FALSE(TupleRecord::Decode(bytes + "x"));
  }
}

TEST_CASE("a record of an unknown format or state is no record", "[greylist]") {
  std::string bytes = Full(State::kPending).Encode();
  for (int head = 0; head < 256; ++head) {
    bytes[0] = static_cast<char>(head);
    const bool known = head == 0x11 || head == 0x13;  // 0x12, passed, would be longer
    CHECK(TupleRecord::Decode(bytes).has_value() == known);
  }
}

TEST_CASE("any bytes are read without harm", "[greylist]") {
  const std::string good = Full(State::kPassed).Encode();
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int value = 0; value < 256; value += 5) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(value);
      if (const auto record = TupleRecord::Decode(bytes)) {
        CHECK(TupleRecord::Decode(record->Encode()) == record);
      }
      TupleRecord::PeekNameHash(bytes);
    }
  }
}

TEST_CASE("the name hash can be read without the rest", "[greylist]") {
  CHECK(TupleRecord::PeekNameHash(Full(State::kPending).Encode()) == 0x0123456789abcdef);
  CHECK(TupleRecord::PeekNameHash("short") == 0);
  CHECK(TupleRecord::PeekNameHash("") == 0);
}

TEST_CASE("whether SPF let the client send can be read without the rest, and takes no room",
          "[greylist]") {
  TupleRecord record = Full(State::kPending);
  const std::string without = record.Encode();
  CHECK_FALSE(TupleRecord::PeekSpf(without));
  record.spf = true;
  CHECK(TupleRecord::PeekSpf(record.Encode()));
  CHECK(record.Encode().size() == without.size());
  CHECK_FALSE(TupleRecord::PeekSpf("\x11"));
  CHECK_FALSE(TupleRecord::PeekSpf(""));
}

TEST_CASE("keys of clients whom SPF lets send are neighbours, whatever their names are",
          "[greylist]") {
  const std::uint64_t addresses = GENERATE(0x0102030405060708, 0xffffffffffff0000, 0x0);
  const std::uint64_t bucket = TupleKey::SpfBucketOf(addresses);
  const TupleKey one = TupleKey::Of(addresses, 0x1112131415161718, 0x2122232425262728, true);
  const TupleKey other = TupleKey::Of(addresses, 0x3132333435363738, 0, true);
  const TupleKey stranger = TupleKey::Of(addresses, 0x4142434445464748, 0x5152535455565758);
  CHECK(one.InBucketOf(bucket));
  CHECK(other.InBucketOf(bucket));
  CHECK_FALSE(stranger.InBucketOf(bucket));
  CHECK(one.network == (TupleKey::FirstOf(addresses, bucket).network | 0x131415161718));
  CHECK(one.IsOfNetwork(0x1112131415161718));
}

TEST_CASE("keys of one pair of addresses are neighbours", "[greylist]") {
  const TupleKey key{0x0102030405060708, 0x1112131415161718};
  CHECK(TupleKey::Decode(key.Encode()) == key);
  CHECK(key.ToHex() == "01020304050607081112131415161718");
  CHECK((TupleKey{1, 0xffffffffffffffff}.Encode()) < (TupleKey{2, 0}.Encode()));
  CHECK((TupleKey{1, 1}.Encode()) < (TupleKey{1, 2}.Encode()));
  CHECK_FALSE(TupleKey::Decode("fifteen bytes.."));
  CHECK_FALSE(TupleKey::Decode("seventeen bytes.."));
}

}  // namespace
}  // namespace mxward::greylist
