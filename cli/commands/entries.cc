// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"
#include "cli/commands/commands.h"
#include "cli/exit_status.h"
#include "cli/output/rows.h"

namespace mxward::cli {
namespace {

std::string Sentence(const Json& entry, WallTime now) {
  const bool allow = entry["action"].text() == "allow";
  std::string text = FieldText(entry["kind"]) + " " + FieldText(entry["key"]) +
                     (allow ? " is allowed" : " is blocked");
  if (entry["all"].boolean()) text += ", whatever other checks say";
  const WallTime ends = TimeOf(entry["expires"]);
  text += entry["expires"].is_null()
              ? " until it is removed"
              : " for " + HumanDuration(ends - now) + ", until " + FieldText(entry["expires"]);
  return text;
}

void SayNotices(Output& output, const Json& answer) {
  for (const Json& notice : answer["notices"].items()) output.Say(FieldText(notice));
}

int PutEntry(Context& context, const Words& words, const std::string& action) {
  const Question question = {"/v1/entries",
                             {{"action", action},
                              {"kind", words.Get("KIND")},
                              {"key", words.Get("KEY")},
                              {"for", words.Get("--for")},
                              {"all", words.Has("--all") ? "1" : ""},
                              {"note", words.Get("--note")}},
                             "PUT"};
  return context.Ask(Context::Needs::kDaemon, question, [&](const Json& answer) {
    context.Show(answer, [&](Output& output) {
      const WallTime now = context.clock().Now();
      output.Line(Sentence(answer["entry"], now));
      const Json& before = answer["replaced"];
      if (!before.is_null()) output.Line("before: " + Sentence(before, now));
    });
    SayNotices(context.output(), answer);
    return kExitOk;
  });
}

int ForgetEntry(Context& context, const Words& words) {
  const Question question = {
      "/v1/entries", {{"kind", words.Get("KIND")}, {"key", words.Get("KEY")}}, "DELETE"};
  return context.Ask(Context::Needs::kDaemon, question, [&](const Json& answer) {
    context.Show(answer, [&](Output& output) {
      const Json& entry = answer["entry"];
      output.Line("the " + FieldText(entry["action"]) + " entry about " + FieldText(entry["kind"]) +
                  " " + FieldText(entry["key"]) + " has been removed");
    });
    return kExitOk;
  });
}

std::string Counted(std::int64_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

}  // namespace

int RunAllow(Context& context, const Words& words) { return PutEntry(context, words, "allow"); }

int RunBlock(Context& context, const Words& words) { return PutEntry(context, words, "block"); }

int RunForget(Context& context, const Words& words) {
  if (words.Has("--entry-only")) return ForgetEntry(context, words);
  const auto backend = context.OpenBackend(Context::Needs::kDaemon);
  if (backend == nullptr) return kExitTrouble;
  bool entry = false;
  std::int64_t tuples = 0;
  std::int64_t earned = 0;
  std::int64_t clients = 0;
  std::int64_t limits = 0;
  std::int64_t unknown = 0;
  std::string after;
  Reply last;
  do {
    auto reply =
        backend->Ask("POST", "/v1/forget",
                     {{"kind", words.Get("KIND")}, {"key", words.Get("KEY")}, {"after", after}});
    if (!reply) {
      if (tuples + earned + clients + limits > 0) {
        context.output().Say("not everything has been deleted yet; run the command again:");
      }
      return context.Report(reply.error());
    }
    last = *std::move(reply);
    entry = entry || last.json["entry"].boolean();
    tuples += last.json["tuples"].integer() + last.json["folded"].integer();
    earned += last.json["earned"].integer();
    clients += last.json["clients"].integer();
    limits += last.json["limits"].integer();
    unknown += last.json["unknown"].integer();
    after = last.json["next"].text();
  } while (!after.empty());

  Output& output = context.output();
  if (output.format() == Format::kTable) {
    output.Line("deleted for " + FieldText(last.json["kind"]) + " " + FieldText(last.json["key"]) +
                ": " + (entry ? "its entry, " : "no entry, ") + Counted(tuples, "tuple") + ", " +
                Counted(earned, "auto-allow record") +
                (clients > 0 ? ", the history of " + Counted(clients, "client") : "") +
                (limits > 0 ? ", " + Counted(limits, "limit") : ""));
  } else {
    Json answer;
    answer.Set("kind", last.json["kind"]).Set("key", last.json["key"]).Set("entry", entry);
    answer.Set("tuples", tuples).Set("earned", earned).Set("unknown", unknown);
    answer.Set("clients", clients).Set("limits", limits);
    output.Document(answer);
  }
  SayNotices(output, last.json);
  if (unknown > 0) {
    output.Say(
        Counted(unknown, "record") +
        " store no addresses (greylist.privacy), so they cannot be matched; they will expire");
  }
  return entry || tuples + earned + clients + limits > 0 ? kExitOk : kExitNegative;
}

}  // namespace mxward::cli
