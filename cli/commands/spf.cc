// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "cli/commands/commands.h"
#include "cli/exit_status.h"
#include "cli/output/layouts.h"

namespace mxward::cli {
namespace {

Color ColorOf(const std::string& result) {
  if (result == "pass" || result == "match") return Color::kGreen;
  if (result == "fail" || result == "permerror") return Color::kRed;
  if (result == "softfail" || result == "temperror" || result == "unknown") return Color::kYellow;
  return Color::kNone;
}

// "12 ms", "cached", "already looked up"
std::string CostText(const Json& step) {
  const std::string& origin = step["origin"].text();
  if (origin == "before") return "already looked up";
  if (origin == "cache") return "cached";
  return std::to_string(step["took_ms"].integer()) + " ms";
}

std::string StepText(Output& output, const Json& step) {
  const std::string& kind = step["kind"].text();
  const std::string text = FieldText(step["text"]);
  const std::string answer = FieldText(step["answer"]);
  if (kind == "lookup") {
    return output.Paint(
        FieldText(step["type"]) + " " + text + ": " + answer + " (" + CostText(step) + ")",
        Color::kDim);
  }
  const std::string& note = step["note"].text();
  const std::string& result = step["result"].text();
  std::string line = text;
  if (kind == "record") {
    if (!answer.empty()) line += ": " + answer;
    line += " => " + output.Paint(result, ColorOf(result));
  } else {
    // What macros came to.
    if (!answer.empty() && step["text"].text().find('%') != std::string::npos) {
      line += " (" + answer + ")";
    }
    if (result == "match") line += " => " + output.Paint("matches", Color::kGreen);
  }
  return note.empty() ? line : line + ", " + FieldText(step["note"]);
}

std::string OfLimit(const Json& answer, const std::string& what) {
  return FieldText(answer[what]) + " of " + FieldText(answer["limits"][what]);
}

void AddCosts(const Json& answer, Facts& facts) {
  facts.emplace_back("terms", OfLimit(answer, "terms"));
  facts.emplace_back("void lookups", OfLimit(answer, "voids"));
  facts.emplace_back("queries", OfLimit(answer, "questions") + ", " +
                                    FieldText(answer["from_cache"]) + " cached, " +
                                    FieldText(answer["took_ms"]) + " ms");
  if (!answer["problem"].is_null()) facts.emplace_back("problem", FieldText(answer["problem"]));
}

void WriteSteps(Output& output, const Json& answer) {
  if (answer["steps"].items().empty()) return;
  output.Line("");
  for (const Json& step : answer["steps"].items()) {
    output.Line(std::string(2 * static_cast<std::size_t>(step["depth"].integer()), ' ') +
                StepText(output, step));
  }
}

std::string ResultText(Output& output, const Json& answer) {
  const std::string& result = answer["result"].text();
  std::string text = output.Paint(result, ColorOf(result));
  if (!answer["matched"].is_null()) text += ", by " + FieldText(answer["matched"]);
  return text;
}

int StatusOf(const std::string& result) {
  if (result == "pass") return kExitOk;
  return result == "temperror" || result == "unknown" ? kExitTrouble : kExitNegative;
}

}  // namespace

int RunSpfCheck(Context& context, const Words& words) {
  if (!words.Has("--client")) return context.UsageError("spf check requires --client");
  if (!words.Has("--from") && !words.Has("--helo")) {
    return context.UsageError("spf check requires --from or --helo");
  }
  const Question question = {"/v1/spf/check",
                             {{"client", words.Get("--client")},
                              {"from", words.Get("--from")},
                              {"helo", words.Get("--helo")},
                              {"fresh", words.Has("--fresh") ? "1" : ""}}};
  return context.Ask(Context::Needs::kDaemon, question, [&](const Json& answer) {
    context.Show(answer, [&](Output& output) {
      Facts facts;
      facts.emplace_back("client", FieldText(answer["client"]));
      facts.emplace_back("domain",
                         FieldText(answer["domain"]) +
                             (answer["identity"].text() == "helo" ? " (HELO)" : " (MAIL FROM)"));
      facts.emplace_back("result", ResultText(output, answer));
      if (answer["result"].text() == "pass") {
        facts.emplace_back(
            "identity", answer["carries_identity"].boolean() ? "yes" : "no, the term is too broad");
      }
      AddCosts(answer, facts);
      WriteFacts(output, facts);
      WriteSteps(output, answer);
    });
    return StatusOf(answer["result"].text());
  });
}

int RunSpfShow(Context& context, const Words& words) {
  const Question question = {
      "/v1/spf/show",
      {{"domain", words.Get("DOMAIN")}, {"fresh", words.Has("--fresh") ? "1" : ""}}};
  return context.Ask(Context::Needs::kDaemon, question, [&](const Json& answer) {
    const std::string& result = answer["result"].text();
    context.Show(answer, [&](Output& output) {
      Facts facts;
      facts.emplace_back("domain", FieldText(answer["domain"]));
      facts.emplace_back(answer["problem"].is_null() ? "default" : "result",
                         ResultText(output, answer));
      AddCosts(answer, facts);
      WriteFacts(output, facts);
      WriteSteps(output, answer);
    });
    if (result == "temperror" || result == "unknown") return kExitTrouble;
    return result == "none" || result == "permerror" ? kExitNegative : kExitOk;
  });
}

}  // namespace mxward::cli
