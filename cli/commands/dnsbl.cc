// SPDX-License-Identifier: Apache-2.0
#include <functional>
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

// Asks the daemon for items and prints each; `use` looks at every one of them. The exit status:
// what `status` says after them, unless there is no answer. What is said of blind lists comes after
// the items.
int PrintItems(Context& context, const Question& question, Layout layout,
               const std::function<void(const Json& item, Rows& rows)>& use,
               const std::function<int()>& status) {
  return context.Ask(Context::Needs::kDaemon, question, [&](const Json& answer) {
    Rows rows(context.output(), std::move(layout), context.clock().Now());
    for (const Json& item : answer["items"].items()) use(item, rows);
    rows.End();
    const std::string& blind = answer["blind"]["message"].text();
    if (!blind.empty()) context.output().Say(blind);
    return status();
  });
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
  const auto use = [&](const Json& item, Rows& rows) {
    any = true;
    rows.Add(item);
  };
  return PrintItems(context, {"/v1/dnsbl"}, ListLayout(), use, [&] {
    if (any) return kExitOk;
    context.output().Say(kNoLists);
    return kExitNegative;
  });
}

int RunDnsblTest(Context& context, const Words& words) {
  bool any = false;
  bool all_good = true;
  const auto use = [&](const Json& tested, Rows& rows) {
    any = true;
    all_good = all_good && tested["verdict"].text() != "fail";
    AddTestRows(tested, rows);
  };
  const Question question = {"/v1/dnsbl/test", {{"name", words.Get("NAME")}}};
  return PrintItems(context, question, ListTestLayout(), use, [&] {
    if (!any) context.output().Say(kNoLists);
    return any && all_good ? kExitOk : kExitNegative;
  });
}

int RunDnsblCheck(Context& context, const Words& words) {
  bool any = false;
  bool listed = false;
  bool answered = false;
  const auto use = [&](const Json& said, Rows& rows) {
    any = true;
    const std::string& state = said["state"].text();
    // To be on an allow list is nothing to worry about.
    const bool bad = said["score"].integer() >= 0;
    listed = listed || (state == "listed" && bad);
    answered = answered || state == "listed" || state == "not-listed" || state == "unlisted-code";
    rows.Add(said);
  };
  const Question question = {"/v1/dnsbl/check",
                             {{"what", words.Get("WHAT")},
                              {"sender", words.Get("--sender")},
                              {"fresh", words.Has("--fresh") ? "1" : ""}}};
  return PrintItems(context, question, ListAnswerLayout(), use, [&] {
    if (listed) return kExitNegative;
    if (!any) context.output().Say("no configured DNS list can be asked about this");
    if (any && !answered) context.output().Say("no list answered");
    return answered ? kExitOk : kExitTrouble;
  });
}

}  // namespace mxward::cli
