// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "cli/commands/commands.h"
#include "cli/exit_status.h"
#include "cli/output/output_file.h"
#include "cli/report/page.h"
#include "cli/report/text.h"

namespace mxward::cli {
namespace {

// The most that the API shows.
constexpr const char* kAll = "500";

int WritePage(Context& context, const std::string& path, const std::string& page) {
  if (path == "-") {
    context.output().Write(page);
    return kExitOk;
  }
  auto file = OutputFile::Open(path);
  if (!file) return context.Report(file.error());
  file->Write(page);
  const auto finished = file->Finish();
  return finished ? kExitOk : context.Report(finished.error());
}

}  // namespace

int RunReport(Context& context, const Words& words) {
  const bool page = words.Has("--html");
  if (page && context.output().format() != Format::kTable) {
    return context.UsageError("report: --html cannot be combined with --format");
  }
  const std::string limit = words.Get("--limit");
  const Question question = {
      "/v1/report",
      {{"since", words.Get("--since")}, {"limit", limit == "0" ? std::string(kAll) : limit}}};
  return context.Ask(Context::Needs::kReading, question, [&](const Json& answer) {
    const WallTime now = context.clock().Now();
    if (page) return WritePage(context, words.Get("--html"), ReportPage(answer, now));
    WriteReport(context.output(), answer, now);
    return kExitOk;
  });
}

}  // namespace mxward::cli
