// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <string>
#include <vector>

#include "tests/fake/code_points.h"
#include "tests/unit/catch.h"

namespace mxward {
namespace {

TEST_CASE("only printable ASCII reaches the log as it is", "[base]") {
  struct Row {
    std::string text;
    const char* expected;
    const char* why;
  };
  const std::vector<Row> rows = {
      {"", "", "nothing stays nothing"},
      {"user@example.org", "user@example.org", "an address is printable"},
      {"a b\"c'", "a b\"c'", "blanks and quotes are printable"},
      {"a\nb", "a\\x0ab", "a line end would fake a log line"},
      {std::string("a\0b", 3), "a\\x00b", "NUL"},
      {"\x1b[31m", "\\x1b[31m", "terminal escapes"},
      {"\\x41", "\\x5cx41", "a backslash is escaped, so what is shown is unambiguous"},
      {"\x7f~ ", "\\x7f~ ", "the ends of the printable range"},
      {"m\xc3\xbcller", "m\\xc3\\xbcller", "UTF-8 is shown by bytes"},
      {"\xff", "\\xff", "the last byte"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    CHECK(EscapeForLog(row.text) == row.expected);
  }
}

TEST_CASE("long text is cut in the log, and says so", "[base]") {
  CHECK(EscapeForLog("abcdef", 6) == "abcdef");
  CHECK(EscapeForLog("abcdefg", 6) == "abcdef...");
  CHECK(EscapeForLog("abc", 0) == "...");
  CHECK(EscapeForLog(std::string(1000, 'x')).size() == 256 + 3);
  CHECK(EscapeForLog(std::string(1000, '\n')).size() == 4 * 256 + 3);
}

TEST_CASE("JSON gets valid UTF-8 whatever the bytes are", "[base]") {
  struct Row {
    std::string text;
    const char* expected;
    const char* why;
  };
  const std::vector<Row> rows = {
      {"plain", "plain", "ASCII"},
      {"a\"b\\c", "a\\\"b\\\\c", "quote and backslash"},
      {"a\tb\nc\rd", "a\\tb\\nc\\rd", "short forms"},
      {std::string("\0\x01\x1f\x7f", 4), "\\u0000\\u0001\\u001f\\u007f", "control characters"},
      {"m\xc3\xbcller", "m\xc3\xbcller", "valid UTF-8 stays"},
      {"\xe2\x82\xac \xf0\x9f\x93\xa7", "\xe2\x82\xac \xf0\x9f\x93\xa7", "three and four bytes"},
      {"m\xfcller", "m\\u00fcller", "Latin-1"},
      {"\xc3", "\\u00c3", "a sequence cut short"},
      {"\xe2\x82", "\\u00e2\\u0082", "a longer one cut short"},
      {"\xc0\xaf", "\\u00c0\\u00af", "an overlong slash"},
      {"\xe0\x80\xaf", "\\u00e0\\u0080\\u00af", "an overlong one of three"},
      {"\xf0\x80\x80\xaf", "\\u00f0\\u0080\\u0080\\u00af", "an overlong one of four"},
      {"\xed\xa0\x80", "\\u00ed\\u00a0\\u0080", "a surrogate"},
      {"\xf4\x90\x80\x80", "\\u00f4\\u0090\\u0080\\u0080", "beyond the last code point"},
      {"\xc3\x28", "\\u00c3(", "a wrong second byte"},
      {"\x80", "\\u0080", "a continuation alone"},
      {"a\xc2\x9b\x33\x31m", "a\\u009b31m", "C1: what begins a terminal's commands"},
      {"\xc2\x85", "\\u0085", "next line"},
      {"\xc2\x9f\xc2\xa0", "\\u009f\xc2\xa0", "the last of C1, and a blank"},
      {"\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9", "\xe2\x80\xa7\\u2028\\u2029", "separators of lines"},
      {"\xd8\x9b\xd8\x9c", "\xd8\x9b\\u061c", "the Arabic letter mark"},
      {"\xe2\x80\x8e\xe2\x80\xae\xe2\x80\xaf", "\\u200e\\u202e\xe2\x80\xaf", "direction"},
      {"\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa", "\\u2066\\u2069\xe2\x81\xaa", "isolates"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    std::string out = "<";
    AppendJsonEscaped(out, row.text);
    CHECK(out == std::string("<") + row.expected);
  }
}

TEST_CASE("no code point that a terminal obeys is in JSON as it is", "[base]") {
  for (const std::string& text : AllCodePoints(1000)) {
    std::string json;
    AppendJsonEscaped(json, text);
    const std::string unsafe = UnsafeIn(json);
    if (!unsafe.empty()) FAIL(HexEncode(unsafe));
    if (!IsPrintableAscii(EscapeForLog(text, text.size()))) FAIL(HexEncode(text));
  }
}

TEST_CASE("case means ASCII letters only", "[base]") {
  CHECK(ToLower("User@EXAMPLE.Org [Z]") == "user@example.org [z]");
  CHECK(ToLower("\xc3\x84\xc4") == "\xc3\x84\xc4");
  CHECK(ToLower("@[`{") == "@[`{");
  CHECK(EqualsNoCase("", ""));
  CHECK(EqualsNoCase("IPv6:", "ipV6:"));
  CHECK_FALSE(EqualsNoCase("abc", "ab"));
  CHECK_FALSE(EqualsNoCase("[", "{"));
  CHECK_FALSE(EqualsNoCase("\xc4", "\xe4"));
}

TEST_CASE("trimming takes blanks, tabs and line ends off both ends", "[base]") {
  CHECK(Trim("") == "");
  CHECK(Trim(" \t\r\n\v\f") == "");
  CHECK(Trim(" a b\r\n") == "a b");
  CHECK(Trim(std::string_view("\0 ", 2)) == std::string_view("\0", 1));
}

TEST_CASE("the nearest name is found for a typing slip or two", "[base]") {
  const std::vector<std::string_view> names = {"delay",   "retry_window", "lifetime", "apply",
                                               "privacy", "path",         "mode",     "user"};
  struct Row {
    const char* text;
    const char* expected;
    const char* why;
  };
  const std::vector<Row> rows = {
      {"delay", "delay", "itself"},
      {"dealy", "delay", "two letters swapped"},
      {"delays", "delay", "one too many"},
      {"dlay", "delay", "one missing in a word that is itself short"},
      {"retry-windw", "retry_window", "two slips"},
      {"LIFETIME", "lifetime", "case"},
      {"mdoe", "mode", "a swap is one slip"},
      {"moed", "mode", "the other swap"},
      {"node", "mode", "a wrong letter"},
      {"x", "", "nothing is near a single letter"},
      {"mo", "", "two slips are too many in a short word"},
      {"greylist", "", "another word"},
      {"", "", "nothing"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text, row.why);
    CHECK(ClosestMatch(row.text, names) == row.expected);
  }
  CHECK(ClosestMatch("bar", {"baz", "bat"}) == "baz");
  CHECK(ClosestMatch("bat", {"baz", "bat"}) == "bat");
  CHECK(ClosestMatch("delay", {}).empty());
  CHECK(ClosestMatch(std::string(100000, 'd'), names).empty());
}

TEST_CASE("hexadecimal goes both ways", "[base]") {
  CHECK(HexEncode("") == "");
  CHECK(HexEncode(std::string_view("\x00\x7f\x80\xff", 4)) == "007f80ff");
  CHECK(HexDecode("007F80ff") == std::string("\x00\x7f\x80\xff", 4));
  CHECK(HexDecode("") == "");
  CHECK(HexDecode("0") == std::nullopt);
  CHECK(HexDecode("0g") == std::nullopt);
  CHECK(HexDecode("g0") == std::nullopt);
  CHECK(HexDecode("0x00") == std::nullopt);
  CHECK(HexDecode(" 00 ") == std::nullopt);
}

}  // namespace
}  // namespace mxward
