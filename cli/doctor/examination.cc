// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/examination.h"

#include <algorithm>
#include <utility>

#include "cli/output/rows.h"

namespace mxward::cli::doctor {
namespace {

constexpr std::string_view kUnchecked = "unchecked";
constexpr std::string_view kIndent = "    ";

Color ColorOf(std::string_view state) {
  if (state == WordOf(Severity::kError)) return Color::kRed;
  if (state == WordOf(Severity::kWarning)) return Color::kYellow;
  return state == kUnchecked ? Color::kDim : Color::kNone;
}

bool IsNamed(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void WriteHead(Output& output, std::string_view state, const Check& check,
               const std::string& what) {
  output.Line(output.Paint(std::string(state), ColorOf(state)) + " " +
              output.Paint(std::string(check.id), Color::kBold) + ": " + Printable(what));
}

void WriteFinding(Output& output, const Check& check, const Finding& finding) {
  WriteHead(output, WordOf(finding.severity), check, finding.what);
  if (!finding.why.empty()) output.Line(std::string(kIndent) + Printable(finding.why));
  for (const std::string& line : finding.fix) {
    // What to edit by hand begins with "#", as a comment in a shell does.
    const bool command = !line.starts_with('#');
    output.Line(std::string(kIndent) + (command ? "$ " : "") + Printable(line));
  }
}

std::string Several(std::size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

void WriteTable(Output& output, const std::vector<CheckResult>& all) {
  // The worst first; what could not be checked last.
  for (const Severity severity : {Severity::kError, Severity::kWarning, Severity::kNote}) {
    for (const CheckResult& one : all) {
      for (const Finding& finding : one.findings) {
        if (finding.severity == severity) WriteFinding(output, *one.check, finding);
      }
    }
  }
  for (const CheckResult& one : all) {
    for (const std::string& reason : one.unchecked) {
      WriteHead(output, kUnchecked, *one.check, reason);
    }
  }
  const Tally tally = Count(all);
  output.Line(Several(tally.checks, "check", "checks") + ": " + std::to_string(tally.wrong) +
              " wrong, " + Several(tally.warnings, "warning", "warnings") + ", " +
              Several(tally.notes, "note", "notes") + ", " + std::to_string(tally.unchecked) +
              " not checked");
}

Json Item(const Check& check, std::string_view state) {
  Json item;
  item.Set("check", check.id).Set("title", check.title).Set("state", state);
  return item;
}

Json FindingItem(const Check& check, const Finding& finding, Format format) {
  Json item = Item(check, WordOf(finding.severity));
  item.Set("what", finding.what).Set("why", finding.why);
  Json lines = Json::Array();
  std::string line;
  for (const std::string& command : finding.fix) {
    lines.Push(command);
    line += (line.empty() ? "" : "; ") + command;
  }
  item.Set("mend", format == Format::kJson ? std::move(lines) : Json(line));
  return item;
}

}  // namespace

std::vector<CheckResult> Examine(const HostFacts& facts, const std::vector<std::string>& only,
                                 const std::vector<std::string>& skip) {
  std::vector<CheckResult> all;
  for (const Check& check : Checks()) {
    if (!only.empty() && !IsNamed(only, check.id)) continue;
    if (IsNamed(skip, check.id)) continue;
    Report report(check.severity);
    check.run(facts, report);
    all.push_back({&check, report.findings(), report.unchecked()});
  }
  return all;
}

Tally Count(const std::vector<CheckResult>& all) {
  Tally tally;
  tally.checks = all.size();
  for (const CheckResult& one : all) {
    tally.unchecked += one.unchecked.size();
    for (const Finding& finding : one.findings) {
      switch (finding.severity) {
        case Severity::kNote:
          ++tally.notes;
          break;
        case Severity::kWarning:
          ++tally.warnings;
          break;
        case Severity::kError:
          ++tally.wrong;
          break;
      }
    }
  }
  return tally;
}

void WriteExamination(Output& output, const std::vector<CheckResult>& all, WallTime now) {
  if (output.format() == Format::kTable) {
    WriteTable(output, all);
    return;
  }
  Rows rows(output, Layout{{}, {"check", "state", "what", "why", "mend"}}, now);
  for (const CheckResult& one : all) {
    for (const Finding& finding : one.findings) {
      rows.Add(FindingItem(*one.check, finding, output.format()));
    }
    for (const std::string& reason : one.unchecked) {
      rows.Add(Item(*one.check, kUnchecked).Set("what", reason));
    }
    if (one.clean()) rows.Add(Item(*one.check, "ok"));
  }
  rows.End();
}

}  // namespace mxward::cli::doctor
