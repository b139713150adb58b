// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"
#include "cli/exit_status.h"
#include "cli/output/rows.h"
#include "config/dump.h"
#include "config/loader.h"

namespace mxward::cli {
namespace {

Layout OptionLayout() {
  return {{TextColumn("OPTION", "name"), TextColumn("VALUE", "value")},
          {"name", "value", "default", "changed", "needs_restart"}};
}

Json OptionItem(const ListedOption& option) {
  Json item;
  item.Set("name", option.section.empty() ? option.key : option.section + "." + option.key);
  item.Set("value", option.value).Set("default", option.default_value);
  item.Set("changed", option.changed).Set("needs_restart", option.needs_restart);
  return item;
}

// toml: for people. options: for programs.
void WriteConfig(Context& context, const std::string& toml, const std::vector<Json>& options) {
  Output& output = context.output();
  if (output.format() == Format::kTable) {
    output.Write(toml);
    return;
  }
  Rows rows(output, OptionLayout(), context.clock().Now());
  for (const Json& option : options) rows.Add(option);
  rows.End();
}

int DumpRunning(Context& context, bool only_changed) {
  const Question question = {"/v1/config", {{"changed", only_changed ? "1" : ""}}};
  return context.Ask(Context::Needs::kDaemon, question, [&](const Json& answer) {
    WriteConfig(context, answer["toml"].text(), answer["options"].items());
    return kExitOk;
  });
}

}  // namespace

int RunCheckConfig(Context& context, const Words& words) {
  const std::string path = words.Has("FILE") ? words.Get("FILE") : context.files().config;
  const auto loaded = LoadConfigFile(path);
  Output& output = context.output();
  if (output.format() == Format::kTable) {
    if (loaded) {
      output.Line(Printable(path) + ": OK");
    } else {
      for (const ConfigProblem& problem : loaded.error()) {
        output.Line(Printable(problem.ToString()));
      }
    }
    return loaded ? kExitOk : kExitNegative;
  }
  Json problems = Json::Array();
  if (!loaded) {
    for (const ConfigProblem& problem : loaded.error()) {
      Json item;
      item.Set("file", problem.file).Set("line", problem.line).Set("column", problem.column);
      item.Set("message", problem.message);
      problems.Push(std::move(item));
    }
  }
  if (output.format() == Format::kTsv) {
    Rows rows(output, Layout{{}, {"file", "line", "column", "message"}}, context.clock().Now());
    for (const Json& problem : problems.items()) rows.Add(problem);
    rows.End();
  } else {
    Json answer;
    answer.Set("file", path).Set("ok", loaded.has_value()).Set("problems", std::move(problems));
    output.Document(answer);
  }
  return loaded ? kExitOk : kExitNegative;
}

int RunDumpConfig(Context& context, const Words& words) {
  const int ways = static_cast<int>(words.Has("--running")) +
                   static_cast<int>(words.Has("--sample")) +
                   static_cast<int>(words.Has("--manual"));
  if (ways > 1) return context.UsageError("--running, --sample and --manual cannot be combined");
  if (words.Has("--sample") || words.Has("--manual")) {
    context.output().Write(words.Has("--sample") ? SampleFile() : ManualOptions());
    return kExitOk;
  }
  const bool only_changed = words.Has("--changed");
  if (words.Has("--running")) return DumpRunning(context, only_changed);
  const auto config = context.LoadConfig();
  if (config == nullptr) return kExitNegative;
  std::vector<Json> options;
  for (const ListedOption& option : ListOptions(*config)) {
    if (!only_changed || option.changed) options.push_back(OptionItem(option));
  }
  WriteConfig(context, DumpToml(*config, only_changed), options);
  return kExitOk;
}

}  // namespace mxward::cli
