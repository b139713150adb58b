// SPDX-License-Identifier: Apache-2.0
#include "cli/report/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "cli/report/parts.h"

namespace mxward::cli {
namespace {

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>mxward report</title>
<style>
:root { color-scheme: light dark; --ink: #1c2126; --soft: #5b6570; --line: #d7dce1;
  --page: #ffffff; --good: #1a7f4b; --bad: #b3541e; --wait: #8b96a1; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e3e7eb; --soft: #9aa5b0; --line: #343b42;
    --page: #16191c; --good: #4cc38a; --bad: #e8935a; --wait: #6b7680; }
}
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem; background: var(--page);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 1rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1.5rem; margin: 0; }
dt { color: var(--soft); white-space: pre; }
dd { margin: 0; }
.bar { display: flex; height: .75rem; margin: 1rem 0; border-radius: .2rem; overflow: hidden; }
.good { background: var(--good); }
.bad { background: var(--bad); }
.wait { background: var(--wait); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: .3rem 1.25rem .3rem 0; border-bottom: 1px solid var(--line);
  text-align: left; white-space: nowrap; }
th { color: var(--soft); font-size: .8rem; font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.notes { color: var(--soft); margin-top: 2rem; }
</style>
</head>
<body>
<h1>What became of deferred mail</h1>
)";

// For text between tags; it is printable ASCII already.
std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// How the deferred mails are divided; the facts above it say the same in numbers.
void AppendBar(std::string& page, const Json& mails) {
  if (mails["deferred"].integer() == 0) return;
  page += "<div class=\"bar\" aria-hidden=\"true\">";
  for (const auto& [look, member] :
       {std::pair{"good", "came_back"}, {"bad", "never_back"}, {"wait", "still_out"}}) {
    page += fmt::format("<span class=\"{}\" style=\"flex-grow:{}\"></span>", look,
                        mails[member].integer());
  }
  page += "</div>\n";
}

void AppendTable(std::string& page, const ReportTable& table, WallTime now) {
  page += fmt::format("<h2>{}</h2>\n<div class=\"scroll\"><table>\n<thead><tr>", table.title);
  const auto look = [](const Column& column) { return column.right ? " class=\"number\"" : ""; };
  for (const Column& column : table.columns) {
    page += fmt::format("<th scope=\"col\"{}>{}</th>", look(column), column.title);
  }
  page += "</tr></thead>\n<tbody>\n";
  for (const Json& item : *table.items) {
    page += "<tr>";
    for (const Column& column : table.columns) {
      page += fmt::format("<td{}>{}</td>", look(column), Escaped(column.cell(item, now).text));
    }
    page += "</tr>\n";
  }
  page += "</tbody>\n</table></div>\n";
}

}  // namespace

std::string ReportPage(const Json& report, WallTime now) {
  std::string page(kHead);
  page += "<dl>\n";
  for (const auto& [name, text] : ReportFacts(report, now)) {
    page += fmt::format("<dt>{}</dt><dd>{}</dd>\n", Escaped(name), Escaped(text));
  }
  page += fmt::format("<dt>until</dt><dd>{}</dd>\n</dl>\n", Escaped(FieldText(report["until"])));
  AppendBar(page, report["mails"]);
  for (const ReportTable& table : ReportTables(report)) AppendTable(page, table, now);
  const auto notes = ReportNotes(report);
  if (!notes.empty()) page += "<div class=\"notes\">\n";
  for (const std::string& note : notes) page += fmt::format("<p>{}</p>\n", Escaped(note));
  if (!notes.empty()) page += "</div>\n";
  page += "</body>\n</html>\n";
  return page;
}

}  // namespace mxward::cli
