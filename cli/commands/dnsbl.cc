// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cli/commands/commands.h"
#include "cli/exit_status.h"
#include "cli/output/layouts.h"
#include "cli/output/rows.h"

namespace mxward::cli {
namespace {

constexpr std::string_view kNoLists = "no DNS list is configured: see [[dnsbl]] in mxward.toml(5)";

// Asks the daemon for items and prints each; `use` looks at every one of them. Nothing, or the exit
// status when there is no answer. What is said of blind lists comes after them.
template <class Use>
std::optional<int> PrintItems(Context& context, const std::string& path,
                              const Parameters& parameters, Layout layout, const Use& use) {
  const auto backend = context.OpenBackend(Context::Needs::kDaemon);
  if (backend == nullptr) return kExitTrouble;
  const auto reply = backend->Ask("GET", path, parameters);
  if (!reply) return context.Report(reply.error());
  Rows rows(context.output(), std::move(layout), context.clock().Now());
  for (const Json& item : reply->json["items"].items()) use(item, rows);
  rows.End();
  const std::string& blind = reply->json["blind"]["message"].text();
  if (!blind.empty()) context.output().Say(blind);
  return std::nullopt;
}

// The points of a tested list as rows that stand alone.
void AddTestRows(const Json& tested, Rows& rows) {
  for (const Json& point : tested["points"].items()) {
    Json row;
    row.Set("list", tested["list"]);
    for (const JsonMember& member : point.members()) row.Set(member.name, member.value);
    rows.Add(row);
  }
  if (!tested["points"].items().empty()) return;
  Json row;
  row.Set("list", tested["list"]).Set("detail", tested["detail"]);
  row.Set("verdict", tested["verdict"]);
  rows.Add(row);
}

}  // namespace

int RunDnsblList(Context& context, const Words& /*words*/) {
  bool any = false;
  const auto failed =
      PrintItems(context, "/v1/dnsbl", {}, ListLayout(), [&](const Json& item, Rows& rows) {
        any = true;
        rows.Add(item);
      });
  if (failed) return *failed;
  if (any) return kExitYes;
  context.output().Say(kNoLists);
  return kExitNo;
}

int RunDnsblTest(Context& context, const Words& words) {
  bool any = false;
  bool all_good = true;
  const auto failed = PrintItems(context, "/v1/dnsbl/test", {{"name", words.Get("NAME")}},
                                 ListTestLayout(), [&](const Json& tested, Rows& rows) {
                                   any = true;
                                   all_good = all_good && tested["verdict"].text() != "fail";
                                   AddTestRows(tested, rows);
                                 });
  if (failed) return *failed;
  if (!any) context.output().Say(kNoLists);
  return any && all_good ? kExitYes : kExitNo;
}

int RunDnsblCheck(Context& context, const Words& words) {
  bool any = false;
  bool listed = false;
  bool answered = false;
  const Parameters parameters = {{"what", words.Get("WHAT")},
                                 {"sender", words.Get("--sender")},
                                 {"fresh", words.Has("--fresh") ? "1" : ""}};
  const auto failed = PrintItems(context, "/v1/dnsbl/check", parameters, ListAnswerLayout(),
                                 [&](const Json& said, Rows& rows) {
                                   any = true;
                                   const std::string& state = said["state"].text();
                                   // To be on an allow list is nothing to worry about.
                                   const bool bad = said["score"].integer() >= 0;
                                   listed = listed || (state == "listed" && bad);
                                   answered = answered || state == "listed" ||
                                              state == "not-listed" || state == "unlisted-code";
                                   rows.Add(said);
                                 });
  if (failed) return *failed;
  if (listed) return kExitNo;
  if (!any) context.output().Say("no configured DNS list knows anything of this kind");
  if (any && !answered) context.output().Say("no list answered");
  return answered ? kExitYes : kExitTrouble;
}

}  // namespace mxward::cli
