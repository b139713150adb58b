// SPDX-License-Identifier: Apache-2.0
#include "cli/output/output.h"

#include <sstream>
#include <string>

#include "base/text.h"
#include "cli/output/rows.h"
#include "tests/fake/code_points.h"
#include "tests/fake/times.h"
#include "tests/unit/catch.h"

namespace mxward::cli {
namespace {

// What rows of these items look like.
std::string Render(const std::vector<Json>& items, Output::Options options) {
  std::ostringstream out;
  std::ostringstream err;
  Output output(out, err, options);
  const Layout layout{
      {{"NAME", [](const Json& item, WallTime) { return TextCell(item["name"]); }},
       {"COUNT", [](const Json& item, WallTime) { return TextCell(item["count"]); }, true},
       {"SEEN", [](const Json& item, WallTime now) { return TimeCell(item["seen"], now); }}},
      {"name", "count", "seen"}};
  Rows rows(output, layout, kNow);
  for (const Json& item : items) rows.Add(item);
  rows.End();
  return out.str();
}

Json Item(std::string_view name, int count, const char* seen = nullptr) {
  Json item;
  item.Set("name", name).Set("count", count).Set("seen", seen == nullptr ? Json() : Json(seen));
  return item;
}

TEST_CASE("a table's columns are as wide as they need to be", "[cli]") {
  CHECK(Render({Item("a", 5, "2026-01-04T23:57:00Z"), Item("longer name", 1234)}, {}) ==
        "NAME         COUNT  SEEN\n"
        "a                5  3 min ago\n"
        "longer name   1234  -\n");
}

TEST_CASE("a table without rows is nothing at all", "[cli]") { CHECK(Render({}, {}).empty()); }

TEST_CASE("a table can do without its header", "[cli]") {
  CHECK(Render({Item("a", 5)}, {.header = false}) == "a  5  -\n");
}

TEST_CASE("colour stands around the text and moves no column", "[cli]") {
  std::ostringstream out;
  std::ostringstream err;
  Output output(out, err, {.color = true});
  Rows rows(output,
            {{{"A",
               [](const Json& item, WallTime) {
                 return Cell{item.text(), Color::kRed};
               }},
              {"B", [](const Json&, WallTime) { return Cell{"x"}; }}},
             {}},
            kNow);
  rows.Add(Json("1"));
  rows.Add(Json("333"));
  rows.End();
  CHECK(out.str() ==
        "\033[1mA\033[0m    \033[1mB\033[0m\n"
        "\033[31m1\033[0m    x\n"
        "\033[31m333\033[0m  x\n");
}

TEST_CASE("a cell far wider than the first ones is shown whole", "[cli]") {
  std::vector<Json> items(500, Item("a", 1));
  items.push_back(Item(std::string(80, 'b'), 1));
  const std::string text = Render(items, {});
  CHECK_THAT(text, Catch::Matchers::EndsWith("\n" + std::string(80, 'b') + "      1  -\n"));
  CHECK_THAT(text, Catch::Matchers::StartsWith("NAME  COUNT  SEEN\na         1  -\n"));
}

TEST_CASE("TSV has a header line even without rows", "[cli]") {
  CHECK(Render({}, {.format = Format::kTsv}) == "name\tcount\tseen\n");
  CHECK(Render({Item("a", 5)}, {.format = Format::kTsv}) == "name\tcount\tseen\na\t5\t\n");
  CHECK(Render({Item("a", 5)}, {.format = Format::kTsv, .header = false}) == "a\t5\t\n");
}

TEST_CASE("JSON rows are one array", "[cli]") {
  CHECK(Render({}, {.format = Format::kJson}) == "[]\n");
  CHECK(Render({Json(1), Json("b")}, {.format = Format::kJson}) == "[\n1,\n\"b\"\n]\n");
}

TEST_CASE("nothing that a terminal obeys gets through", "[cli]") {
  const std::string nasty = "\033]0;title\a\r\n\t\x9b\\\xc3\xa9";
  CHECK(Printable(nasty) == "\\x1b]0;title\\x07\\x0d\\x0a\\x09\\x9b\\x5c\\xc3\\xa9");
  for (const auto format : {Format::kTable, Format::kTsv}) {
    const std::string text = Render({Item(nasty, 1)}, {.format = format});
    CHECK(text.find('\033') == std::string::npos);
    CHECK(text.find('\r') == std::string::npos);
    CHECK(text.find('\x9b') == std::string::npos);
  }
}

TEST_CASE("no code point leaves a table, TSV or JSON as a terminal obeys it", "[cli]") {
  for (const std::string& text : AllCodePoints(1000)) {
    for (const auto format : {Format::kTable, Format::kTsv, Format::kJson}) {
      std::string shown = Render({Item(text, 1)}, {.format = format});
      std::erase(shown, '\n');
      if (format == Format::kTsv) std::erase(shown, '\t');
      const std::string unsafe = UnsafeIn(shown);
      if (!unsafe.empty()) FAIL(HexEncode(unsafe));
      if (format != Format::kJson && !IsPrintableAscii(shown)) FAIL(shown);
    }
  }
}

TEST_CASE("a message is harmless, and what it escaped stays as it is", "[cli]") {
  std::ostringstream out;
  std::ostringstream err;
  Output output(out, err, {});
  output.Say("no \\x1b here, nor \033[31m\n");
  CHECK(err.str() == "mxwardctl: no \\x1b here, nor \\x1b[31m\\x0a\n");
}

TEST_CASE("one answer is flattened for TSV", "[cli]") {
  std::ostringstream out;
  std::ostringstream err;
  Output output(out, err, {.format = Format::kTsv});
  Json answer;
  answer.Set("a", Json().Set("b", 1).Set("c", Json())).Set("d", Json().Push("x").Push(true));
  output.Document(answer);
  CHECK(out.str() == "name\tvalue\na.b\t1\na.c\t\nd.0\tx\nd.1\ttrue\n");
}

TEST_CASE("times are told relative to now", "[cli]") {
  CHECK(RelativeTime(kNow, kNow) == "0 s ago");
  CHECK(RelativeTime(kNow - Seconds(90), kNow) == "1 min 30 s ago");
  CHECK(RelativeTime(kNow + Seconds(7200), kNow) == "in 2 h");
  CHECK(TimeOf(Json("2026-01-05T00:00:00Z")) == kNow);
  for (const char* text : {"", "2026-13-05T00:00:00Z", "yesterday", "2026-02-30T00:00:00Z"}) {
    CHECK(TimeOf(Json(text)) == WallTime{});
  }
}

}  // namespace
}  // namespace mxward::cli
