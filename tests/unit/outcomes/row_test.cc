// SPDX-License-Identifier: Apache-2.0
#include "outcomes/row.h"

#include <limits>
#include <string>

#include "base/text.h"
#include "catch.h"

namespace mxward::outcomes {
namespace {

Row Full() {
  Row row;
  row.counts = {1, 2, 3, 4, 5, 0xffffffff};
  row.delays.AddTo(0, 7);
  row.delays.AddTo(24, 8);
  return row;
}

TEST_CASE("a row and its key come back as they were written", "[outcomes]") {
  for (const Row& row : {Row(), Full()}) CHECK(Row::Decode(row.Encode()) == row);
  for (const std::string& name :
       {std::string(), std::string("example.org"), std::string("dnsbl:a\0rdns-none", 17),
        std::string("\xff\0", 2)}) {
    const Key key{20458, Kind::kPair, name};
    CHECK(Key::Decode(key.Encode()) == key);
  }
}

// What a database of today has must be read for ever.
TEST_CASE("the layout of a row is as documented", "[outcomes]") {
  Row row;
  row.counts = {1, 2, 0, 0, 0, 3};
  row.delays.AddTo(4, 9);
  CHECK(HexEncode(row.Encode()) ==
        "0106"
        "000000010000000200000000000000000000000000000003"
        "01"
        "0400000009");
  CHECK(HexEncode(Key{20458, Kind::kFinding, "a"}.Encode()) == "00004fea0261");
}

TEST_CASE("a row of fewer or more counters is read", "[outcomes]") {
  const auto fewer =
      Row::Decode(*HexDecode("010100000005"
                             "00"));
  REQUIRE(fewer);
  CHECK(fewer->counts[0] == 5);
  CHECK(fewer->counts[1] == 0);
  std::string more = *HexDecode("0107");
  for (int i = 1; i <= 7; ++i) more += *HexDecode("0000000" + std::to_string(i));
  const auto read = Row::Decode(more + *HexDecode("00"));
  REQUIRE(read);
  CHECK(read->counts[5] == 6);
}

TEST_CASE("what is no row or key is none", "[outcomes]") {
  const std::string whole = Full().Encode();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(Row::Decode(whole.substr(0, size)));
  }
  CHECK_FALSE(Row::Decode(whole + "x"));
  CHECK_FALSE(Row::Decode("\2" + whole.substr(1)));
  CHECK_FALSE(
      Row::Decode(*HexDecode("0100"
                             "01"
                             "1900000001")));  // no such delay
  CHECK_FALSE(Key::Decode(*HexDecode("00004fea")));
  CHECK_FALSE(Key::Decode(*HexDecode("00004fea07")));
}

TEST_CASE("rows add up by kind", "[outcomes]") {
  Row counts;
  counts.Add(Kind::kTotals, Full());
  counts.Add(Kind::kTotals, Full());
  CHECK(counts.counts == std::array<std::uint32_t, 6>{2, 4, 6, 8, 10, 0xffffffff});
  CHECK(counts.delays.count(24) == 16);
  Row missed;
  missed.counts = {1, 1, 7200, 1000, 0, 0};
  Row other;
  other.counts = {1, 0, 0, 2000, 0, 0};
  missed.Add(Kind::kMissed, other);
  CHECK(missed.counts == std::array<std::uint32_t, 6>{2, 1, 7200, 2000, 0, 0});
}

TEST_CASE("a day is one of UTC", "[outcomes]") {
  CHECK(DayOf(WallTime(Seconds(-5))) == 0);
  CHECK(DayOf(WallTime(Seconds(86399))) == 0);
  CHECK(DayOf(WallTime(Seconds(86400))) == 1);
  CHECK(StartOf(20458) == WallTime(Seconds(1767571200)));  // 2026-01-05
}

TEST_CASE("a name of two parts comes apart again", "[outcomes]") {
  CHECK(Split(Joined("example.org", "192.0.2.1")) ==
        std::pair<std::string_view, std::string_view>("example.org", "192.0.2.1"));
  CHECK(Split("alone").second.empty());
}

}  // namespace
}  // namespace mxward::outcomes
