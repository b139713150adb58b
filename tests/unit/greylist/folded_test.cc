// SPDX-License-Identifier: Apache-2.0
#include "greylist/folded.h"

#include <string>

#include "catch.h"
#include "tests/fake/times.h"
#include "tests/unit/greylist/rules.h"

namespace mxward::greylist {
namespace {

constexpr FoldedLimits kFew{2, 3};

TEST_CASE("a block comes back as it was written", "[greylist]") {
  FoldedBlock block;
  block.tuples = {{0xffffffffff, kNow}, {0, kNow - 48 * kHour}, {7, kNow + kHour}};
  CHECK(FoldedBlock::Decode(block.Encode()) == block);
  block.client = IpAddress::V4(0xc0000201);
  CHECK(FoldedBlock::Decode(block.Encode()) == block);
  block.client = *IpAddress::Parse("2001:db8::1");
  CHECK(FoldedBlock::Decode(block.Encode()) == block);
  block.wide_tag = 0x0102;
  block.network_tag = 0xfffe;
  CHECK(FoldedBlock::Decode(block.Encode()) == block);
  CHECK(FoldedBlock::Decode(FoldedBlock().Encode()) == FoldedBlock());
  CHECK(FoldedKey::Decode(FoldedKey{9, 3}.Encode()) == FoldedKey{9, 3});
}

TEST_CASE("a block of before there were tags is read, and its networks found by its address",
          "[greylist]") {
  const HashKey key{1, 2, 3, 4};
  const FoldedKey at{0x0123456789abcdef, 0};
  FoldedBlock block;
  block.tuples = {{7, kNow}};
  const auto old = [&] { return FoldedBlock::Decode("\x01" + block.Encode().substr(1)); };
  REQUIRE(old());
  CHECK(*old() == block);
  CHECK(old()->holder(at, key) == Holder{0, 0, 0x01234567});
  block.client = IpAddress::V4(0xc0000201);
  REQUIRE(old());
  CHECK(old()->holder(at, key) == HolderOf(key, *block.client));
  block.client.reset();
  block.SetHolder({3, 4, 0});
  CHECK(block.holder(at, key) == Holder{3, 4, 0x01234567});
}

TEST_CASE("what is no block is none", "[greylist]") {
  FoldedBlock block;
  block.tuples = {{1, kNow}};
  const std::string bytes = block.Encode();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    // Six bytes are an empty one.
    CHECK(FoldedBlock::Decode(bytes.substr(0, size)).has_value() == (size == 6));
  }
  CHECK_FALSE(FoldedBlock::Decode("\x03" + bytes.substr(1)));
  CHECK_FALSE(FoldedKey::Decode("12345678"));
  CHECK_FALSE(FoldedKey::Decode("1234567890"));
}

TEST_CASE("a full block fits half a page", "[greylist]") {
  FoldedBlock block;
  block.client = *IpAddress::Parse("2001:db8::1");
  block.wide_tag = block.network_tag = 1;
  block.tuples.resize(FoldedLimits().tuples, {1, kNow});
  // LMDB gives a page of its own to what is larger, with its key and 8 bytes.
  CHECK(block.Encode().size() + FoldedKey().Encode().size() + 8 <= 2038);
}

TEST_CASE("a time too far from the others is not written as another", "[greylist]") {
  FoldedBlock block;
  block.tuples = {{1, kNow}, {2, kNow + 194 * kDay}, {3, kNow + 195 * kDay}};
  const auto read = FoldedBlock::Decode(block.Encode());
  REQUIRE(read);
  block.tuples.pop_back();
  CHECK(*read == block);
}

TEST_CASE("where there is no room a tuple is not remembered", "[greylist]") {
  FoldedTuples folded(kFew);
  for (std::uint64_t tag = 1; tag <= 6; ++tag) {
    REQUIRE(folded.HasRoom(kNow, Rules()));
    CHECK(folded.Put({tag, kNow}, kNow, Rules()) == (tag <= 3 ? 0 : 1));
  }
  CHECK_FALSE(folded.HasRoom(kNow, Rules()));
  CHECK_FALSE(folded.Put({7, kNow}, kNow, Rules()));
  CHECK(folded.Find(7) == nullptr);
  // Those that are remembered can change.
  CHECK(folded.Put({4, kNow + kMinute}, kNow, Rules()) == 1);
  CHECK(folded.Find(4)->first_seen == kNow + kMinute);
  CHECK(folded.Remove(2) == 0);
  CHECK_FALSE(folded.Remove(2));
  CHECK(folded.Put({7, kNow}, kNow, Rules()) == 0);
}

TEST_CASE("the place of one that had its chance goes to a new one", "[greylist]") {
  FoldedTuples folded(kFew);
  for (std::uint64_t tag = 1; tag <= 6; ++tag) {
    folded.Put({tag, kNow + Seconds(static_cast<std::int64_t>(tag))}, kNow, Rules());
  }
  const WallTime later = kNow + 6 * kHour + 5 * kMinute;
  CHECK_FALSE(folded.HasRoom(later + Seconds(1), Rules()));
  CHECK(folded.Put({7, later}, later + Seconds(2), Rules()) == 0);
  CHECK(folded.Find(1) == nullptr);
  CHECK(folded.Find(2) != nullptr);
}

TEST_CASE("what is over gives its place before a new block begins", "[greylist]") {
  FoldedTuples folded(kFew);
  for (std::uint64_t tag = 1; tag <= 3; ++tag) folded.Put({tag, kNow}, kNow, Rules());
  const WallTime later = kNow + 49 * kHour;
  CHECK(folded.Put({4, later}, later, Rules()) == 0);
  CHECK(folded.Put({5, later}, kNow, Rules()) == 1);
}

}  // namespace
}  // namespace mxward::greylist
