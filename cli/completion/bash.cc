// SPDX-License-Identifier: Apache-2.0
#include "cli/completion/command_line.h"
#include "cli/completion/completion.h"

namespace mxward::cli::completion {
namespace {

// What _mxwardctl_value answers: words, or the kind of a path.
std::string Answer(const Value& value) {
  switch (value.kind) {
    case Value::Kind::kAnything:
      return "";
    case Value::Kind::kChoice:
      return Joined(value.words);
    case Value::Kind::kFile:
      return "@file";
    case Value::Kind::kFolder:
      return "@folder";
  }
  return "";
}

std::string Row(std::string_view pattern, const std::string& answer) {
  return "    '" + std::string(pattern) + "') echo '" + answer + "' ;;\n";
}

// Words below a path, its switches, and values by "PATH:SWITCH" and "PATH:PLACE".
std::string Rows() {
  std::string below;
  std::string switches;
  std::string values;
  for (const std::string_view path : Paths()) {
    const std::string name(path);
    std::vector<std::string_view> words;
    for (const Word& word : WordsBelow(path)) words.push_back(word.word);
    if (!words.empty()) below += Row(name + ":below", Joined(words));
    std::vector<std::string_view> names;
    for (const Switch& one : SwitchesAt(path)) {
      names.push_back(one.name);
      const std::string answer = Answer(ValueOf(one));
      if (!answer.empty()) values += Row(name + ":" + std::string(one.name), answer);
    }
    switches += Row(name + ":switches", Joined(names));
    const Command* command = CommandAt(path);
    if (command == nullptr) continue;
    for (std::size_t place = 0; place < command->arguments.size(); ++place) {
      const Argument& argument = command->arguments[place];
      const std::string answer = Answer(ValueOf(argument));
      if (answer.empty()) continue;
      values.append("    '").append(name).append(":'");
      values += argument.repeatable ? "[0-9]*" : std::to_string(place);
      values.append(") echo '").append(answer).append("' ;;\n");
    }
  }
  return below + switches + values;
}

std::string Pattern(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : "|") + std::string(word);
  return text;
}

}  // namespace

std::string Bash() {
  std::string paths;
  for (const std::string_view path : Paths()) {
    if (!path.empty()) paths += (paths.empty() ? "'" : "|'") + std::string(path) + "'";
  }
  return R"sh(# mxwardctl(8) in bash, as printed by "mxwardctl completion bash".

_mxwardctl_answer() {
  case $1 in
)sh" + Rows() +
         R"sh(  esac
}

_mxwardctl() {
  local current=${COMP_WORDS[COMP_CWORD]} path= pending= place=0 word longer words i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    # Bash takes --format=json for three words.
    [[ $word != '=' ]] || continue
    if [[ -n $pending ]]; then
      pending=
      continue
    fi
    case $word in
      )sh" +
         Pattern(SwitchesWithValue()) +
         R"sh() pending=$word ;;
      -*) ;;
      *)
        longer=${path:+$path }$word
        case $longer in
          )sh" +
         paths + R"sh() path=$longer ;;
          *) place=$((place + 1)) ;;
        esac
        ;;
    esac
  done
  [[ $current != '=' ]] || current=
  if [[ -n $pending ]]; then
    words=$(_mxwardctl_answer "$path:$pending")
  elif [[ $current == -* ]]; then
    words=$(_mxwardctl_answer "$path:switches")
  else
    words=$(_mxwardctl_answer "$path:$place")
    ((place)) || words+=" $(_mxwardctl_answer "$path:below")"
  fi
  case $words in
    @file*)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      ;;
    @folder*)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$current")
      ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current") ;;
  esac
}

complete -F _mxwardctl mxwardctl
)sh";
}

}  // namespace mxward::cli::completion
