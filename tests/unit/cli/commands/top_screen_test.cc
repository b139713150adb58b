// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/top_screen.h"

#include "tests/unit/catch.h"

namespace mxward::cli {
namespace {

Json Parsed(const std::string& text) { return ParseJson(text).value(); }

TopSample SampleAt(int seconds, int sessions, int accepted) {
  TopSample sample;
  sample.taken = MonoTime(Seconds(seconds));
  sample.status = Parsed(
      R"({"version":"1","uptime_seconds":7200,"mode":"observe","paused_until":null,"sessions":3,)"
      R"("dns":{"outstanding":1,"servers":[{"state":"up"},{"state":"down"}]},)"
      R"("lists":[{"name":"a","condition":"healthy"},{"name":"b\u001b[2J","condition":"lying",)"
      R"("suspended":true,"since":"1970-01-01T00:00:00Z","detail":"lists all"}]})");
  sample.stats.Set("sessions", sessions);
  Json line;
  line.Set("action", "accept").Set("reason", "x").Set("count", accepted);
  Json decisions = Json::Array();
  decisions.Push(std::move(line));
  sample.stats.Set("decisions", std::move(decisions));
  sample.limits = Parsed(R"({"over":0,"near":0,"items":[]})");
  sample.recent = Parsed(R"({"items":[],"clients":0,"span_ms":14900})");
  return sample;
}

std::string Text(const std::vector<TopLine>& lines) {
  std::string text;
  for (const TopLine& line : lines) {
    for (const Piece& piece : line) text += piece.text;
    text += '\n';
  }
  return text;
}

constexpr Terminal::Size kWide{50, 200};
const WallTime kScreenTime{Seconds(3600)};

TEST_CASE("a screen has rates between two samples, and only lists in trouble", "[cli]") {
  const std::string text =
      Text(TopScreen(SampleAt(10, 100, 7), SampleAt(14, 110, 9), kScreenTime, kWide));
  CHECK_THAT(text, HasText("sessions  3 now, 2.5/s;"));
  CHECK_THAT(text, HasText("verdicts  accept 0.5/s, defer 0.0/s"));
  CHECK_THAT(text, HasText("1 of 2 servers up"));
  CHECK_THAT(text, HasText("lists     1 of 2 healthy\n  b\\x1b[2J lying since 1 h: lists all\n"));
  CHECK_THAT(text, HasText("  observe\n"));
  CHECK_THAT(text, HasText("clients   0 in the last 15 s"));
}

TEST_CASE("the first screen has no rates, and a restart none below zero", "[cli]") {
  const TopSample first = SampleAt(10, 100, 7);
  CHECK_THAT(Text(TopScreen(first, first, kScreenTime, kWide)), HasText("3 now, -; messages -;"));
  CHECK_THAT(Text(TopScreen(first, SampleAt(12, 4, 0), kScreenTime, kWide)),
             HasText("3 now, 0.0/s;"));
}

TEST_CASE("a screen is never larger than the terminal", "[cli]") {
  const TopSample sample = SampleAt(10, 100, 7);
  const auto [rows, columns] =
      GENERATE(table<std::size_t, std::size_t>({{1, 1}, {3, 20}, {5, 0}, {0, 80}, {100, 30}}));
  const auto lines = TopScreen(sample, sample, kScreenTime, {rows, columns});
  CHECK(lines.size() <= rows);
  for (const TopLine& line : lines) CHECK(Text({line}).size() <= columns + 1);
}

}  // namespace
}  // namespace mxward::cli
