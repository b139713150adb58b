// SPDX-License-Identifier: Apache-2.0
#include "cli/completion/command_line.h"
#include "cli/completion/completion.h"

namespace mxward::cli::completion {
namespace {

// Between single quotes fish knows \' and \\.
std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string Line(const std::string& condition, const std::string& rest) {
  return "complete -c mxwardctl -n " + Quoted(condition) + rest + "\n";
}

// How complete(1) describes a value: -f forbids and -F wants names of files.
std::string Options(const Value& value, bool needed) {
  std::string exclusive = needed ? " -x" : " -f";
  switch (value.kind) {
    case Value::Kind::kAnything:
      return exclusive;
    case Value::Kind::kChoice:
      return exclusive + " -a " + Quoted(Joined(value.words));
    case Value::Kind::kFile:
      return needed ? " -r -F" : " -F";
    case Value::Kind::kFolder:
      return exclusive + " -a '(__fish_complete_directories)'";
  }
  return exclusive;
}

std::string Lines(std::string_view path) {
  std::string text;
  const std::string at = "__mxwardctl_at " + Quoted(path);
  for (const Word& word : WordsBelow(path)) {
    text += Line(at + " 0", " -a " + std::string(word.word) + " -d " + Quoted(word.help));
  }
  for (const Switch& one : SwitchesAt(path)) {
    text += Line(at, " -l " + std::string(one.name.substr(2)) +
                         (one.value.empty() ? "" : Options(ValueOf(one), /*needed=*/true)) +
                         " -d " + Quoted(one.help));
  }
  const Command* command = CommandAt(path);
  if (command == nullptr) return text;
  for (std::size_t place = 0; place < command->arguments.size(); ++place) {
    const Argument& argument = command->arguments[place];
    const Value value = ValueOf(argument);
    if (value.kind == Value::Kind::kAnything) continue;
    text += Line(argument.repeatable ? at : at + " " + std::to_string(place),
                 Options(value, /*needed=*/false) + " -d " + Quoted(argument.name));
  }
  return text;
}

}  // namespace

std::string Fish() {
  std::string paths;
  for (const std::string_view path : Paths()) {
    if (!path.empty()) paths += " " + Quoted(path);
  }
  std::string text = R"sh(# mxwardctl(8) in fish, as printed by "mxwardctl completion fish".

# Whether the words before the cursor are this command, and with a number also, whether so many
# arguments stand behind it.
function __mxwardctl_at
    set -l path ''
    set -l place 0
    set -l value no
    for word in (commandline -opc)[2..-1]
        if test $value = yes
            set value no
            continue
        end
        switch $word
            case )sh" +
                     Joined(SwitchesWithValue()) +
                     R"sh(
                set value yes
            case '-*'
            case '*'
                set -l longer (string trim -- "$path $word")
                if contains -- $longer)sh" +
                     paths + R"sh(
                    set path $longer
                else
                    set place (math $place + 1)
                end
        end
    end
    test "$path" = "$argv[1]"; or return 1
    test (count $argv) -lt 2; or test $place = $argv[2]
end

complete -c mxwardctl -f
)sh";
  for (const std::string_view path : Paths()) text += Lines(path);
  return text;
}

}  // namespace mxward::cli::completion
