// SPDX-License-Identifier: Apache-2.0
#include "cli/report/text.h"

#include <string>
#include <utility>

#include "cli/output/rows.h"
#include "cli/report/parts.h"

namespace mxward::cli {
namespace {

void WriteText(Output& output, const Json& report, WallTime now) {
  WriteFacts(output, ReportFacts(report, now));
  for (ReportTable& table : ReportTables(report)) {
    output.Line("");
    output.Line(output.Paint(std::string(table.title), Color::kBold));
    Rows rows(output, {std::move(table.columns), {}}, now);
    for (const Json& item : *table.items) rows.Add(item);
    rows.End();
  }
  const auto notes = ReportNotes(report);
  if (!notes.empty()) output.Line("");
  for (const std::string& note : notes) output.Line(output.Paint("! " + note, Color::kYellow));
}

// In TSV a value's name has to stay the same when others join it: findings.rdns-none.alone
Json NamedValues(const Json& report) {
  Json named;
  for (const JsonMember& member : report.members()) {
    if (!member.value.is_array()) {
      named.Set(member.name, member.value);
      continue;
    }
    const bool findings = member.name == "findings" || member.name == "new_findings";
    const char* by = member.name == "missed"        ? "key"
                     : member.name == "new_clients" ? "client"
                     : findings                     ? "finding"
                                                    : "organisation";
    Json items = Json::Object();
    for (const Json& item : member.value.items()) {
      Json values = Json::Object();
      for (const JsonMember& value : item.members()) {
        if (value.name != by) values.Set(value.name, value.value);
      }
      items.Set(item[by].text(), std::move(values));
    }
    named.Set(member.name, std::move(items));
  }
  return named;
}

}  // namespace

void WriteReport(Output& output, const Json& report, WallTime now) {
  switch (output.format()) {
    case Format::kTable:
      WriteText(output, report, now);
      break;
    case Format::kJson:
      output.Document(report);
      break;
    case Format::kTsv:
      output.Document(NamedValues(report));
      break;
  }
}

}  // namespace mxward::cli
