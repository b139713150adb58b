// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

// The command table as a completion sees it: words that can follow words.

namespace mxward::cli::completion {

// A word that continues a command line, and what it means.
struct Word {
  std::string_view word;
  std::string_view help;
};

// What can stand for an argument or after a switch.
struct Value {
  enum class Kind { kAnything, kChoice, kFile, kFolder };
  Kind kind = Kind::kAnything;
  std::vector<std::string_view> words;  // of a choice
};
Value ValueOf(const Argument& argument);
Value ValueOf(const Switch& one);

// "", a family, or a command: everything that further words can follow.
std::vector<std::string_view> Paths();
// The row of this name, or null for "" and for a family.
const Command* CommandAt(std::string_view path);
// The words that make this path a longer one: all first words for "".
std::vector<Word> WordsBelow(std::string_view path);
// A command's own switches, then the common ones and --help; for "" also --version.
std::vector<Switch> SwitchesAt(std::string_view path);
// All switches that a value follows. (A name has one everywhere or nowhere.)
std::vector<std::string_view> SwitchesWithValue();

// With blanks between them.
std::string Joined(const std::vector<std::string_view>& words);

}  // namespace mxward::cli::completion
