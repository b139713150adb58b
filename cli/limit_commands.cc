// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/layouts.h"
#include "cli/listing.h"

namespace mxward::cli {

int RunLimits(Context& context, const Words& words) {
  return PrintListing(context, words, Context::Needs::kDaemon, "/v1/limits", {}, LimitLayout());
}

int RunLimitsReset(Context& context, const Words& words) {
  const auto backend = context.OpenBackend(Context::Needs::kDaemon);
  if (backend == nullptr) return kExitTrouble;
  const auto reply = backend->Ask("POST", "/v1/limits/reset",
                                  {{"key", words.Get("KEY")}, {"limit", words.Get("--limit")}});
  if (!reply) return context.Report(reply.error());
  Output& output = context.output();
  const std::int64_t reset = reply->json["reset"].integer();
  if (output.format() == Format::kTable) {
    const std::string key = FieldText(reply->json["key"]);
    output.Line(reset == 0 ? "nothing is counted for " + key
                           : std::to_string(reset) + (reset == 1 ? " counter" : " counters") +
                                 " of " + key + " reset");
  } else {
    output.Document(reply->json);
  }
  return reset > 0 ? kExitYes : kExitNo;
}

}  // namespace mxward::cli
