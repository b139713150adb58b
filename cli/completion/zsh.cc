// SPDX-License-Identifier: Apache-2.0
#include "cli/completion/command_line.h"
#include "cli/completion/completion.h"

namespace mxward::cli::completion {
namespace {

// A text of an _arguments specification, or of _describe, between single quotes.
std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += R"('\'')";
      continue;
    }
    if (c == ':' || c == '[' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

// The action behind the last colon.
std::string Action(const Value& value) {
  switch (value.kind) {
    case Value::Kind::kAnything:
      return " ";
    case Value::Kind::kChoice:
      return "(" + Joined(value.words) + ")";
    case Value::Kind::kFile:
      return "_files";
    case Value::Kind::kFolder:
      return "_files -/";
  }
  return " ";
}

std::string Specification(const Switch& one) {
  std::string text = one.repeatable ? "*" : "";
  text += std::string(one.name) + "[" + Escaped(one.help) + "]";
  if (!one.value.empty()) text += ":" + std::string(one.value) + ":" + Action(ValueOf(one));
  return "    '" + text + "'";
}

std::string Specification(const Argument& argument) {
  std::string text = argument.repeatable ? "*" : argument.needed ? "" : ":";
  text += ":" + Escaped(argument.name) + ":" + Action(ValueOf(argument));
  return "    '" + text + "'";
}

// "clients top" is served by _mxwardctl_clients_top.
std::string FunctionOf(std::string_view path) {
  std::string name = "_mxwardctl";
  if (!path.empty()) name += "_" + std::string(path);
  for (char& c : name) {
    if (c == ' ') c = '_';
  }
  return name;
}

std::string Continued(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += " \\\n" + line;
  return text;
}

std::vector<std::string> Switches(std::string_view path) {
  std::vector<std::string> lines;
  for (const Switch& one : SwitchesAt(path)) lines.push_back(Specification(one));
  return lines;
}

// Words that stand below: shown with their help; the word then has a function of its own.
std::string Branching(std::string_view path, const std::vector<Word>& words) {
  std::string text = "(( $+functions[" + FunctionOf(path) + "_words] )) ||\n" + FunctionOf(path) +
                     "_words() {\n  local -a words_below=(\n";
  for (const Word& word : words) {
    text += "    '" + std::string(word.word) + ":" + Escaped(word.help) + "'\n";
  }
  text += "  )\n  _describe -t commands command words_below\n}\n\n" + FunctionOf(path) +
          "() {\n  local curcontext=$curcontext state line\n  typeset -A opt_args\n";
  std::vector<std::string> lines = Switches(path);
  lines.push_back("    '1: :" + FunctionOf(path) + "_words'");
  lines.emplace_back("    '*:: :->below'");
  text += "  _arguments -C" + Continued(lines) +
          " && return\n  [[ $state == below ]] || return\n  case $words[1] in\n";
  for (const Word& word : words) {
    const std::string longer =
        (path.empty() ? "" : std::string(path) + " ") + std::string(word.word);
    text += "    " + std::string(word.word) + ") " + FunctionOf(longer) + " ;;\n";
  }
  // "clients 192.0.2.1 --sort": what stands there is an argument.
  return text + "    *) _arguments" + Continued(Switches(path)) + " ;;\n  esac\n}\n\n";
}

std::string Leaf(std::string_view path) {
  std::vector<std::string> lines = Switches(path);
  for (const Argument& argument : CommandAt(path)->arguments) {
    lines.push_back(Specification(argument));
  }
  return FunctionOf(path) + "() {\n  _arguments" + Continued(lines) + "\n}\n\n";
}

}  // namespace

std::string Zsh() {
  std::string text =
      "#compdef mxwardctl\n# mxwardctl(8) in zsh, as printed by \"mxwardctl completion zsh\".\n\n";
  for (const std::string_view path : Paths()) {
    const std::vector<Word> words = WordsBelow(path);
    text += words.empty() ? Leaf(path) : Branching(path, words);
  }
  // Autoloaded the file is the function's first call; sourced it only has to be known.
  return text +
         "if [[ $funcstack[1] == _mxwardctl ]]; then\n  _mxwardctl \"$@\"\nelse\n"
         "  compdef _mxwardctl mxwardctl\nfi\n";
}

}  // namespace mxward::cli::completion
