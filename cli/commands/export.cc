// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <optional>
#include <utility>

#include "cli/commands/commands.h"
#include "cli/exit_status.h"
#include "cli/output/output_file.h"

namespace mxward::cli {
namespace {

constexpr std::string_view kExportSlice = "2000";

using Line = std::function<void(std::string_view text)>;

int WriteRecords(Context& context, Backend& backend, const Line& line) {
  std::string after;
  std::int64_t records = 0;
  bool first = true;
  do {
    const auto reply =
        backend.Ask("GET", "/v1/export", {{"limit", std::string(kExportSlice)}, {"after", after}});
    // Without its last line, what was written so far does not pass for all.
    if (!reply) return context.Report(reply.error());
    if (std::exchange(first, false)) line(reply->json["header"].Dump());
    for (const Json& item : reply->json["items"].items()) {
      line(item.Dump());
      ++records;
    }
    after = reply->json["next"].text();
  } while (!after.empty());
  Json end;
  end.Set("mxward", "end").Set("records", records);
  line(end.Dump());
  return kExitOk;
}

int WriteHashKey(Context& context, Backend& backend, const Line& line) {
  const auto reply = backend.Ask("GET", "/v1/hash-key");
  if (!reply) return context.Report(reply.error());
  line(reply->json["hash_key"].text());
  return kExitOk;
}

}  // namespace

int RunExport(Context& context, const Words& words) {
  const auto backend = context.OpenBackend(Context::Needs::kReading);
  if (backend == nullptr) return kExitTrouble;
  const auto write = words.Has("--hash-key") ? &WriteHashKey : &WriteRecords;
  if (!words.Has("--output")) {
    return write(context, *backend, [&](std::string_view text) { context.output().Line(text); });
  }
  auto file = OutputFile::Open(words.Get("--output"));
  if (!file) return context.Report(file.error());
  const int status = write(context, *backend, [&](std::string_view text) { file->Line(text); });
  if (status != kExitOk) return status;
  const auto finished = file->Finish();
  return finished ? kExitOk : context.Report(finished.error());
}

}  // namespace mxward::cli
