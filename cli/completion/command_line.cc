// SPDX-License-Identifier: Apache-2.0
#include "cli/completion/command_line.h"

#include <algorithm>

#include "cli/doctor/check.h"

namespace mxward::cli::completion {
namespace {

std::vector<std::string_view> Split(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, blank));
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return words;
}

// By what stands for the value in the help.
Value ValueByWord(std::string_view name, std::string_view choices) {
  if (!choices.empty()) return {Value::Kind::kChoice, Split(choices)};
  if (name == "FILE" || name == "PATH") return {Value::Kind::kFile, {}};
  if (name == "DIR") return {Value::Kind::kFolder, {}};
  if (name == "CHECK") {
    Value value{Value::Kind::kChoice, {}};
    for (const doctor::Check& check : doctor::Checks()) value.words.push_back(check.id);
    return value;
  }
  return {};
}

std::string_view SummaryOf(std::string_view path) {
  for (const Family& family : Families()) {
    if (family.name == path) return family.summary;
  }
  const Command* command = CommandAt(path);
  return command == nullptr ? "" : command->summary;
}

}  // namespace

Value ValueOf(const Argument& argument) { return ValueByWord(argument.name, argument.choices); }
Value ValueOf(const Switch& one) { return ValueByWord(one.value, one.choices); }

std::vector<std::string_view> Paths() {
  std::vector<std::string_view> paths = {""};
  for (const Family& family : Families()) paths.push_back(family.name);
  for (const Command& command : Commands()) paths.push_back(command.name);
  return paths;
}

const Command* CommandAt(std::string_view path) {
  const auto commands = Commands();
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [&](const Command& one) { return one.name == path; });
  return found == commands.end() ? nullptr : &*found;
}

std::vector<Word> WordsBelow(std::string_view path) {
  std::vector<Word> words;
  for (const Command& command : Commands()) {
    std::string_view rest = command.name;
    if (!path.empty()) {
      if (!rest.starts_with(path) || !rest.substr(path.size()).starts_with(' ')) continue;
      rest.remove_prefix(path.size() + 1);
    }
    const std::string_view word = rest.substr(0, rest.find(' '));
    if (!words.empty() && words.back().word == word) continue;
    const std::string_view longer =
        command.name.substr(0, command.name.size() - rest.size() + word.size());
    words.push_back({word, SummaryOf(longer)});
  }
  return words;
}

std::vector<Switch> SwitchesAt(std::string_view path) {
  std::vector<Switch> switches;
  if (const Command* command = CommandAt(path)) {
    switches.assign(command->switches.begin(), command->switches.end());
  }
  switches.insert(switches.end(), CommonSwitches().begin(), CommonSwitches().end());
  switches.push_back({"--help", "", "show help"});
  if (path.empty()) switches.push_back({"--version", "", "show the version"});
  return switches;
}

std::vector<std::string_view> SwitchesWithValue() {
  std::vector<std::string_view> names;
  for (const std::string_view path : Paths()) {
    for (const Switch& one : SwitchesAt(path)) {
      if (!one.value.empty()) names.push_back(one.name);
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string Joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

}  // namespace mxward::cli::completion
