// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <string>
#include <vector>

#include "tests/unit/catch.h"

namespace mxward {
namespace {

using namespace std::chrono_literals;

TEST_CASE("durations are read with their units, largest first", "[base]") {
  struct Row {
    const char* text;
    Millis expected;
  };
  const std::vector<Row> rows = {
      {"0", 0ms},        {"0s", 0ms},
      {"500ms", 500ms},  {"90s", 90s},
      {"4m", 4min},      {"48h", 48h},
      {"36d", 36 * 24h}, {"2w", 14 * 24h},
      {"1d12h", 36h},    {"1w1d1h1m1s1ms", 8 * 24h + 1h + 1min + 1s + 1ms},
      {"007m", 7min},    {"36525d", 36525 * 24h},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Result<Millis> result = ParseDuration(row.text);
    REQUIRE(result.has_value());
    CHECK(result->count() == row.expected.count());
  }
}

TEST_CASE("what is no duration is refused with a word on why", "[base]") {
  struct Row {
    const char* text;
    const char* why;
  };
  const std::vector<Row> rows = {
      {"", "write it like"},
      {"300", "needs a unit: 300s, 300m, 300h?"},
      {"4m30", "needs a unit"},
      {"-4m", "write it like"},
      {" 4m", "write it like"},
      {"m", "write it like"},
      {"4 m", "its units are"},
      {"4M", "its units are"},
      {"4min", "its units are"},
      {"1.5h", "its units are"},
      {"1y", "its units are"},
      {"4m ", "its units are"},
      {"1m1h", "the largest first"},
      {"1h1h", "each unit once"},
      {"36526d", "too long"},
      {"36525d1ms", "too long"},
      {"99999999999999999999s", "too long"},
      {"18446744073709551615w", "too long"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Result<Millis> result = ParseDuration(row.text);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == ErrorCode::kInvalid);
    CHECK_THAT(result.error().message, HasText(row.why));
  }
}

TEST_CASE("an unprintable duration is quoted safely in the message", "[base]") {
  const Result<Millis> result = ParseDuration(std::string_view("4\0\x1b[m", 5));
  REQUIRE_FALSE(result.has_value());
  CHECK_THAT(result.error().message, HasText("\"4\\x00\\x1b[m\""));
}

TEST_CASE("a duration is written so that it reads back as itself", "[base]") {
  struct Row {
    Millis duration;
    const char* text;
  };
  const std::vector<Row> rows = {
      {0ms, "0"},
      {1ms, "1ms"},
      {1500ms, "1s500ms"},
      {90s, "1m30s"},
      {4min, "4m"},
      {36h, "1d12h"},
      {48h, "2d"},
      {35 * 24h, "35d"},
      {60min, "1h"},
      {25h, "1d1h"},
      {999ms, "999ms"},
      {24h + 1ms, "1d1ms"},
      {36525 * 24h, "36525d"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(FormatDuration(row.duration) == row.text);
    const Result<Millis> back = ParseDuration(row.text);
    REQUIRE(back.has_value());
    CHECK(back->count() == row.duration.count());
  }
  CHECK(FormatDuration(-90s) == "-1m30s");
}

TEST_CASE("people get two units at most", "[base]") {
  struct Row {
    Seconds duration;
    const char* text;
  };
  const std::vector<Row> rows = {
      {0s, "0 s"},
      {3s, "3 s"},
      {59s, "59 s"},
      {4min, "4 min"},
      {125s, "2 min 5 s"},
      {2h + 5min, "2 h 5 min"},
      {2h + 5min + 59s, "2 h 5 min"},
      {2h + 59s, "2 h"},
      {36 * 24h, "36 d"},
      {25h + 1min, "1 d 1 h"},
      {-125s, "-2 min 5 s"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(HumanDuration(row.duration) == row.text);
  }
  CHECK_FALSE(HumanDuration(Seconds::min()).empty());
  CHECK_FALSE(HumanDuration(Seconds::max()).empty());
}

TEST_CASE("people get sizes with one decimal", "[base]") {
  CHECK(HumanSize(0) == "0 bytes");
  CHECK(HumanSize(1023) == "1023 bytes");
  CHECK(HumanSize(65536) == "64.0 KiB");
  CHECK(HumanSize(6910012ULL << 10) == "6.6 GiB");
  CHECK(HumanSize(8ULL << 30) == "8.0 GiB");
  CHECK(HumanSize(5000ULL << 40) == "5000.0 TiB");
}

TEST_CASE("sizes count in powers of 1024", "[base]") {
  struct Row {
    const char* text;
    std::uint64_t bytes;
    const char* written;
  };
  const std::vector<Row> rows = {
      {"0", 0, "0"},
      {"512", 512, "512"},
      {"1000", 1000, "1000"},
      {"1024", 1024, "1K"},
      {"64K", 65536, "64K"},
      {"64k", 65536, "64K"},
      {"1536K", 1572864, "1536K"},
      {"1G", 1073741824, "1G"},
      {"1024M", 1073741824, "1G"},
      {"4T", 4398046511104, "4T"},
      {"2048T", 2251799813685248, "2048T"},
      {"18446744073709551615", 18446744073709551615U, "18446744073709551615"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Result<std::uint64_t> result = ParseSize(row.text);
    REQUIRE(result.has_value());
    CHECK(*result == row.bytes);
    CHECK(FormatSize(row.bytes) == row.written);
  }
}

TEST_CASE("what is no size is refused with a word on why", "[base]") {
  struct Row {
    const char* text;
    const char* why;
  };
  const std::vector<Row> rows = {
      {"", "write it like"},      {"G", "write it like"},
      {"-1", "write it like"},    {" 1", "write it like"},
      {"1P", "its units are"},    {"1KB", "its units are"},
      {"1 G", "its units are"},   {"1.5G", "its units are"},
      {"1\x0b", "its units are"}, {"18446744073709551616", "too large"},
      {"16777216T", "too large"}, {"99999999999999999999999K", "too large"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Result<std::uint64_t> result = ParseSize(row.text);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == ErrorCode::kInvalid);
    CHECK_THAT(result.error().message, HasText(row.why));
  }
}

TEST_CASE("times are RFC 3339 in UTC", "[base]") {
  struct Row {
    std::int64_t seconds;
    const char* text;
  };
  const std::vector<Row> rows = {
      {0, "1970-01-01T00:00:00Z"},
      {-1, "1969-12-31T23:59:59Z"},
      {1769860800, "2026-01-31T12:00:00Z"},
      {1709251199, "2024-02-29T23:59:59Z"},
      {4102444800, "2100-01-01T00:00:00Z"},
      {951782400, "2000-02-29T00:00:00Z"},
      {253402300799, "9999-12-31T23:59:59Z"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(FormatTime(WallTime(Seconds(row.seconds))) == row.text);
    if (row.seconds >= 0) CHECK(ParseTime(row.text) == WallTime(Seconds(row.seconds)));
  }
}

TEST_CASE("only times in that form are read back", "[base]") {
  for (const char* text :
       {"", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31 12:00:00Z", "2026-02-30T12:00:00Z",
        "2026-13-01T12:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z",
        "2026-01-31T12:00:60Z", "2026-01-31T12:00:0xZ", "2026-01-31T12:00:00+",
        "x026-01-31T12:00:00Z", "2026-00-10T12:00:00Z", "2026-01-31T12:00:00Z "}) {
    CAPTURE(text);
    CHECK_FALSE(ParseTime(text));
  }
}

}  // namespace
}  // namespace mxward
