// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "cli/commands/commands.h"
#include "cli/exit_status.h"
#include "cli/output/layouts.h"
#include "cli/output/listing.h"
#include "cli/output/rows.h"

namespace mxward::cli {
namespace {

// Far more often than the daemon stops to keep decisions for nobody.
constexpr Millis kEvery{500};
constexpr Millis kEveryWhileGone{1000};

// JSON comes as lines: there is no end that could close an array.
void Show(Output& output, Rows& rows, const Json& item) {
  if (output.format() == Format::kJson) {
    output.Line(item.Dump());
  } else {
    rows.Add(item);
  }
}

// "" when nothing is to be said.
std::string Missed(const Json& answer) {
  const std::int64_t missed = answer["missed"].integer();
  if (missed == 0) return "";
  return std::to_string(missed) + (missed == 1 ? " decision was" : " decisions were") +
         " skipped: more than can be shown";
}

}  // namespace

int RunWatch(Context& context, const Words& words) {
  std::int64_t left = kNoLimit;
  if (words.Has("--limit")) {
    const auto limit = LimitOf(context, words);
    if (!limit) return kExitUsage;
    left = *limit;
  }
  const auto backend = context.OpenBackend(Context::Needs::kDaemon);
  if (backend == nullptr) return kExitTrouble;
  Output& output = context.output();
  Rows rows(output, DecisionLayout(), context.clock().Now());
  std::string after;
  for (bool gone = false;;) {
    const auto reply = backend->Ask("GET", "/v1/decisions",
                                    {{"after", after},
                                     {"client", words.Get("--client")},
                                     {"sender", words.Get("--sender")},
                                     {"recipient", words.Get("--recipient")},
                                     {"action", words.Get("--action")},
                                     {"reason", words.Get("--reason")}});
    if (!reply) {
      // A filter with a mistake, or somebody else at the socket: that does not pass.
      if (reply.error().code == ErrorCode::kInvalid || after.empty()) {
        return context.Report(reply.error());
      }
      if (!gone) output.Say("the daemon does not respond, waiting: " + reply.error().message);
      gone = true;
      context.Sleep(kEveryWhileGone);
      continue;
    }
    if (gone) output.Say("the daemon responds again");
    gone = false;
    if (const std::string missed = Missed(reply->json); !missed.empty()) output.Say(missed);
    for (const Json& item : reply->json["items"].items()) {
      Show(output, rows, item);
      if (left != kNoLimit && --left == 0) {
        rows.Flush();
        return kExitOk;
      }
    }
    rows.Flush();
    if (!output.Good()) return kExitTrouble;
    after = reply->json["next"].text();
    if (!reply->json["more"].boolean()) context.Sleep(kEvery);
  }
}

}  // namespace mxward::cli
