// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <string>

#include "catch.h"

namespace mxward {
namespace {

TEST_CASE("what is written is read back in the same order", "[base]") {
  ByteWriter out;
  out.U8(0xab);
  out.U16(0xabcd);
  out.U32(0x01020304);
  out.U64(0xfedcba9876543210);
  out.Time(WallTime(Seconds(1767571200)));
  out.Text("a@example.org");
  out.Raw("xyz");
  const std::string bytes = out.Take();
  ByteReader in(bytes);
  CHECK(in.U8() == 0xab);
  CHECK(in.U16() == 0xabcd);
  CHECK(in.U32() == 0x01020304);
  CHECK(in.U64() == 0xfedcba9876543210);
  CHECK(in.Time() == WallTime(Seconds(1767571200)));
  CHECK(in.Text() == "a@example.org");
  CHECK(in.Raw(3) == "xyz");
  CHECK(in.ok());
  CHECK(in.at_end());
}

TEST_CASE("integers are big-endian, so that keys sort by their numbers", "[base]") {
  ByteWriter out;
  out.U32(0x01020304);
  CHECK(out.Take() == std::string("\x01\x02\x03\x04"));
}

TEST_CASE("a time that 32 bits cannot hold is cut to the nearest that they can", "[base]") {
  const auto [seconds, kept] = GENERATE(table<std::int64_t, std::int64_t>(
      {{-1, 0}, {0, 0}, {0xffffffffLL, 0xffffffffLL}, {0x100000000LL, 0xffffffffLL}}));
  ByteWriter out;
  out.Time(WallTime(Seconds(seconds)));
  const std::string bytes = out.Take();
  CHECK(ByteReader(bytes).Time() == WallTime(Seconds(kept)));
}

TEST_CASE("reading past the end gives zeros and is remembered", "[base]") {
  ByteReader in("\x01\x02\x03");
  CHECK(in.U32() == 0);
  CHECK_FALSE(in.ok());
  CHECK(in.U64() == 0);
  CHECK(in.Text().empty());
  CHECK_FALSE(in.ok());
}

TEST_CASE("a text whose length is longer than what follows is no text", "[base]") {
  ByteReader in(
      std::string_view("\x00\x05"
                       "abcd",
                       6));
  CHECK(in.Text().empty());
  CHECK_FALSE(in.ok());
}

}  // namespace
}  // namespace mxward
