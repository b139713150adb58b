// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/top_screen.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"
#include "cli/output/rows.h"

namespace mxward::cli {
namespace {

// Of the lists that are in trouble.
constexpr std::size_t kMostLists = 5;

std::int64_t Verdicts(const Json& stats, std::string_view action) {
  std::int64_t sum = 0;
  for (const Json& line : stats["decisions"].items()) {
    if (line["action"].text() == action) sum += line["count"].integer();
  }
  return sum;
}

// What grew between two samples, a second.
class Rates {
 public:
  Rates(const TopSample& before, const TopSample& now)
      : before_(before),
        now_(now),
        seconds_(std::chrono::duration<double>(now.taken - before.taken).count()) {}

  std::string Of(std::string_view counter) const {
    return Text(before_.stats[counter], now_.stats[counter]);
  }
  std::string OfDns(std::string_view counter) const {
    return Text(before_.stats["dns"][counter], now_.stats["dns"][counter]);
  }
  std::string OfVerdict(std::string_view action) const {
    return Text(Verdicts(before_.stats, action), Verdicts(now_.stats, action));
  }

 private:
  std::string Text(const Json& before, const Json& now) const {
    return Text(before.integer(), now.integer());
  }
  // A restarted daemon counts from nothing.
  std::string Text(std::int64_t before, std::int64_t now) const {
    if (seconds_ <= 0) return "-";
    return fmt::format("{:.1f}/s",
                       static_cast<double>(std::max<std::int64_t>(now - before, 0)) / seconds_);
  }

  const TopSample& before_;
  const TopSample& now_;
  double seconds_;
};

TopLine Labelled(std::string_view label, std::string text, Color color = Color::kNone) {
  return {{fmt::format("{:<10}", label), Color::kBold}, {std::move(text), color}};
}

TopLine TitleLine(const Json& status, WallTime wall) {
  TopLine line = {{"mxward " + FieldText(status["version"]), Color::kBold},
                  {"  up " + HumanDuration(Seconds(status["uptime_seconds"].integer())) + "  " +
                   FormatTime(wall)}};
  if (status["mode"].text() != "enforce") {
    line.push_back({"  " + FieldText(status["mode"]), Color::kYellow});
  }
  if (!status["paused_until"].is_null()) {
    line.push_back({"  paused until " + FieldText(status["paused_until"]), Color::kYellow});
  }
  return line;
}

TopLine DnsLine(const Json& status, const Rates& rates) {
  const auto& servers = status["dns"]["servers"].items();
  const auto up = std::count_if(servers.begin(), servers.end(),
                                [](const Json& server) { return server["state"].text() == "up"; });
  const bool all = static_cast<std::size_t>(up) == servers.size();
  TopLine line = Labelled("DNS", FieldText(status["dns"]["outstanding"]) + " questions open, " +
                                     rates.OfDns("asked") + " asked, " + rates.OfDns("failures") +
                                     " failed; ");
  line.push_back(
      {fmt::format("{} of {} servers up", up, servers.size()), all ? Color::kNone : Color::kRed});
  return line;
}

void AddLists(std::vector<TopLine>& lines, const Json& lists, WallTime wall) {
  std::vector<TopLine> sick;
  for (const Json& list : lists.items()) {
    if (list["condition"].text() == "healthy") continue;
    std::string text = FieldText(list["name"]) + " " + FieldText(list["condition"]) + " since " +
                       HumanDuration(wall - TimeOf(list["since"]));
    if (!list["detail"].text().empty()) text += ": " + FieldText(list["detail"]);
    sick.push_back(
        {{"  " + std::move(text), list["suspended"].boolean() ? Color::kRed : Color::kNone}});
  }
  const std::size_t all = lists.items().size();
  lines.push_back(Labelled("lists", fmt::format("{} of {} healthy", all - sick.size(), all)));
  sick.resize(std::min(sick.size(), kMostLists));
  lines.insert(lines.end(), sick.begin(), sick.end());
}

void AddLimits(std::vector<TopLine>& lines, const Json& limits, WallTime wall) {
  lines.push_back(Labelled(
      "limits", FieldText(limits["over"]) + " over, " + FieldText(limits["near"]) + " near"));
  for (const Json& item : limits["items"].items()) {
    const bool over = item["state"].text() == "over";
    std::string text = "  " + FieldText(item["state"]) + " " + FieldText(item["limit"]) + ": " +
                       FieldText(item["key"]) + ", " + FieldText(item["used"]) + " of " +
                       FieldText(item["of"]) + ", denied " + FieldText(item["denied"]);
    if (!item["until"].is_null()) text += ", ends " + RelativeTime(TimeOf(item["until"]), wall);
    lines.push_back({{std::move(text), over ? Color::kRed : Color::kYellow}});
  }
}

void AddClients(std::vector<TopLine>& lines, const Json& recent) {
  const auto& items = recent["items"].items();
  const Seconds span = std::chrono::round<Seconds>(Millis(recent["span_ms"].integer()));
  lines.push_back(Labelled("clients", FieldText(recent["clients"]) + " in the last " +
                                          HumanDuration(span) + ", the busiest:"));
  if (items.empty()) return;
  std::size_t width = 6;
  for (const Json& item : items) width = std::max(width, FieldText(item["client"]).size());
  constexpr std::string_view kRow = "  {:<{}} {:>8} {:>8} {:>8} {:>8} {:>8}  {:<8}  {}";
  lines.push_back({{fmt::format(kRow, "CLIENT", width, "CONN", "PASSED", "DEFERRED", "REJECTED",
                                "BAD", "NAME", "STANDING"),
                    Color::kDim}});
  for (const Json& item : items) {
    const std::string& standing = item["standing"].text();
    const Color color = standing == "good"  ? Color::kGreen
                        : standing == "bad" ? Color::kRed
                                            : Color::kNone;
    lines.push_back(
        {{fmt::format(kRow, FieldText(item["client"]), width, item["connections"].integer(),
                      item["passed"].integer(), item["deferred"].integer(),
                      item["rejected"].integer(), item["bad"].integer(),
                      FieldText(item["name_class"]), color == Color::kNone ? "" : standing),
          color}});
  }
}

void Cut(TopLine& line, std::size_t columns) {
  for (Piece& piece : line) {
    piece.text.resize(std::min(piece.text.size(), columns));
    columns -= piece.text.size();
  }
}

}  // namespace

std::vector<TopLine> TopScreen(const TopSample& before, const TopSample& now, WallTime wall,
                               Terminal::Size size) {
  const Rates rates(before, now);
  std::vector<TopLine> lines;
  lines.push_back(TitleLine(now.status, wall));
  lines.push_back(Labelled("sessions", FieldText(now.status["sessions"]) + " now, " +
                                           rates.Of("sessions") + "; messages " +
                                           rates.Of("messages") + "; refused by the MTA " +
                                           rates.Of("recipients_refused")));
  lines.push_back(Labelled("verdicts", "accept " + rates.OfVerdict("accept") + ", defer " +
                                           rates.OfVerdict("defer") + ", reject " +
                                           rates.OfVerdict("reject")));
  lines.push_back(DnsLine(now.status, rates));
  AddLists(lines, now.status["lists"], wall);
  AddLimits(lines, now.limits, wall);
  AddClients(lines, now.recent);
  lines.resize(std::min(lines.size(), size.rows));
  for (TopLine& line : lines) Cut(line, size.columns);
  return lines;
}

}  // namespace mxward::cli
