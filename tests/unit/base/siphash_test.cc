// SPDX-License-Identifier: Apache-2.0
#include "base/siphash.h"

#include <string>
#include <vector>

#include "tests/unit/catch.h"

namespace mxward {
namespace {

HashKey CountingKey() {
  HashKey key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  return key;
}

// vectors_sip64 of the authors' reference implementation: key 00..0f, message 00..(n-1), the bytes
// of the output in order.
TEST_CASE("SipHash-2-4 gives the reference vectors", "[base]") {
  struct Row {
    std::size_t length;
    std::uint64_t expected;
  };
  const std::vector<Row> rows = {
      {0, 0x310e0edd47db6f72}, {1, 0xfd67dc93c539f874},  {2, 0x5a4fa9d909806c0d},
      {3, 0x2d7efbd796666785}, {4, 0xb7877127e09427cf},  {5, 0x8da699cd64557618},
      {6, 0xcee3fe586e46c9cb}, {7, 0x37d1018bf50002ab},  {8, 0x6224939a79f5f593},
      {9, 0xb0e4a90bdf82009e}, {15, 0xe545be4961ca29a1}, {63, 0x724506eb4c328a95},
  };
  for (const Row& row : rows) {
    CAPTURE(row.length);
    std::string message;
    for (std::size_t i = 0; i < row.length; ++i) message += static_cast<char>(i);
    CHECK(SipHash(CountingKey(), message) == row.expected);
  }
}

TEST_CASE("another key or another text gives another hash", "[base]") {
  HashKey key = CountingKey();
  const std::uint64_t hash = SipHash(key, "user@example.org");
  CHECK(SipHash(key, "user@example.net") != hash);
  CHECK(SipHash(key, std::string("user@example.org\0", 17)) != hash);
  key[15] ^= 1;
  CHECK(SipHash(key, "user@example.org") != hash);
}

TEST_CASE("new keys are not alike", "[base]") { CHECK(NewHashKey() != NewHashKey()); }

}  // namespace
}  // namespace mxward
