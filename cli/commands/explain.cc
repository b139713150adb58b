// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "base/units.h"
#include "cli/commands/commands.h"
#include "cli/exit_status.h"
#include "cli/output/layouts.h"
#include "cli/output/rows.h"

namespace mxward::cli {
namespace {

std::string Angled(const Json& address) { return "<" + FieldText(address) + ">"; }

// "192.0.2.1, mail.example.org (good)"
std::string ClientText(const Json& answer) {
  std::string text = FieldText(answer["client"]);
  if (!answer["name"].is_null())
    return text + ", " + FieldText(answer["name"]) + " (" + FieldText(answer["name_class"]) + ")";
  return text + ", name: " + FieldText(answer["name_class"]);
}

// "since 2026-01-05T00:00:00Z; connections: 12; recipients: 5 passed, ...; good: passed on ..."
std::string HistoryText(const Json& history) {
  if (history.is_null()) return "never seen before";
  std::string text = "since " + FieldText(history["first_seen"]) +
                     "; connections: " + FieldText(history["connections"]) + "; recipients: ";
  text += FieldText(history["passed"]) + " passed, " + FieldText(history["deferred"]) +
          " deferred, " + FieldText(history["rejected"]) + " rejected, " +
          FieldText(history["bad"]) + " bad";
  if (history["standing"].text() == "none") return text;
  return text + "; " + FieldText(history["standing"]) + ": " +
         FieldText(history["standing_detail"]);
}

void WriteQuestion(Output& output, const Json& answer) {
  Facts facts;
  facts.emplace_back("client", ClientText(answer));
  facts.emplace_back("history", HistoryText(answer["history"]));
  if (!answer["helo"].text().empty()) facts.emplace_back("HELO", FieldText(answer["helo"]));
  if (!answer["tls"].boolean()) facts.emplace_back("TLS", "none");
  if (!answer["user"].is_null()) facts.emplace_back("authenticated as", FieldText(answer["user"]));
  facts.emplace_back("sender", Angled(answer["sender"]));
  facts.emplace_back("recipient", Angled(answer["recipient"]));
  WriteFacts(output, facts);
}

void WriteFindings(Output& output, const Json& answer, WallTime now) {
  if (answer["findings"].items().empty()) return;
  output.Line("");
  Rows rows(output, FindingLayout(), now);
  for (const Json& finding : answer["findings"].items()) rows.Add(finding);
  rows.End();
}

// The lists that have nothing to say, which are no findings.
std::string SilentLists(const Json& answer, bool awaited) {
  std::string names;
  for (const Json& said : answer["lists"].items()) {
    const std::string& state = said["state"].text();
    const bool wanted =
        awaited ? state == "not-listed" || state == "unlisted-code" : state == "not-awaited";
    if (!wanted) continue;
    names += (names.empty() ? "" : ", ") + FieldText(said["list"]);
    if (!said["age_seconds"].is_null()) {
      names += " (" + HumanDuration(Seconds(said["age_seconds"].integer())) + " old)";
    }
  }
  return names;
}

// "fail of example.org: -all (3 queries, 2 from the cache)"
std::string SpfText(const Json& spf) {
  std::string text = FieldText(spf["result"]);
  if (spf["domain"].is_null()) return text + ": " + FieldText(spf["problem"]);
  text += spf["identity"].text() == "helo" ? " of HELO " : " of ";
  text += FieldText(spf["domain"]);
  const Json& why = spf["matched"].is_null() ? spf["problem"] : spf["matched"];
  if (!why.is_null()) text += ": " + FieldText(why);
  return text + " (" + FieldText(spf["questions"]) + " queries, " + FieldText(spf["from_cache"]) +
         " from the cache)";
}

// "fail; of _spf.example.org: pass"
std::string PermissionsText(const Json& permissions) {
  std::string text = FieldText(permissions["sender"]);
  for (const Json& item : permissions["domains"].items()) {
    if (!text.empty()) text += "; ";
    text += "of " + FieldText(item["domain"]) + ": " + FieldText(item["result"]);
  }
  return text;
}

std::string ScoreText(const Json& answer) {
  if (answer["score"].is_null()) return "not computed";
  const Json& thresholds = answer["thresholds"];
  return FieldText(answer["score"]) + " (suspicious from " + FieldText(thresholds["greylist"]) +
         ", rejected from " + FieldText(thresholds["reject"]) + ")";
}

std::string VerdictText(Output& output, const Json& answer) {
  const std::string& action = answer["action"].text();
  const Json& name = answer["decided_by"]["name"];
  const std::string by = name.is_null() ? "" : " (" + FieldText(name) + ")";
  const std::string because = ": " + FieldText(answer["reason"]) + by;
  if (action == "accept") return output.Paint("accepted" + because, Color::kGreen);
  if (action == "defer") return output.Paint("deferred" + because, Color::kYellow);
  return output.Paint("rejected" + because, Color::kRed);
}

void WriteOutcome(Output& output, const Json& answer, WallTime now) {
  Facts facts;
  if (const auto names = SilentLists(answer, /*awaited=*/true); !names.empty()) {
    facts.emplace_back("not listed by", names);
  }
  if (const auto names = SilentLists(answer, /*awaited=*/false); !names.empty()) {
    facts.emplace_back("not waited for", names);
  }
  if (!answer["spf"].is_null()) facts.emplace_back("SPF", SpfText(answer["spf"]));
  if (!answer["permissions"].is_null()) {
    facts.emplace_back("SPF, for rules", PermissionsText(answer["permissions"]));
  }
  if (!answer["account"].is_null()) facts.emplace_back("account", FieldText(answer["account"]));
  facts.emplace_back("score", ScoreText(answer));
  facts.emplace_back("verdict", VerdictText(output, answer));
  if (!answer["identity"].is_null()) {
    facts.emplace_back("known as", FieldText(answer["identity"]));
  }
  if (!answer["reply"].is_null()) facts.emplace_back("reply", FieldText(answer["reply"]));
  if (!answer["retry_passes"].is_null()) {
    facts.emplace_back("a retry passes", FieldText(answer["retry_passes"]) + " (" +
                                             RelativeTime(TimeOf(answer["retry_passes"]), now) +
                                             ")");
  }
  output.Line("");
  WriteFacts(output, facts);
  for (const Json& note : answer["notes"].items()) {
    output.Line(output.Paint("! " + FieldText(note), Color::kYellow));
  }
}

}  // namespace

int RunExplain(Context& context, const Words& words) {
  if (!words.Has("--client")) return context.UsageError("explain requires --client");
  const Question question = {"/v1/explain",
                             {{"client", words.Get("--client")},
                              {"name", words.Get("--name")},
                              {"name_class", words.Get("--name-class")},
                              {"helo", words.Get("--helo")},
                              {"tls", words.Has("--no-tls") ? "no" : ""},
                              {"from", words.Get("--from")},
                              {"to", words.Get("--to")},
                              {"user", words.Get("--user")}}};
  return context.Ask(Context::Needs::kDaemon, question, [&](const Json& answer) {
    context.Show(answer, [&](Output& output) {
      const WallTime now = context.clock().Now();
      WriteQuestion(output, answer);
      WriteFindings(output, answer, now);
      WriteOutcome(output, answer, now);
    });
    return answer["action"].text() == "accept" ? kExitOk : kExitNegative;
  });
}

}  // namespace mxward::cli
