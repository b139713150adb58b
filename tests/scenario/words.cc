// SPDX-License-Identifier: Apache-2.0
#include "scenario/words.h"

#include <charconv>

#include "base/text.h"
#include "base/units.h"

namespace mxward::scenario {
namespace {

// One character of a quoted word, after its backslash; moves *at past it.
char Escaped(std::string_view line, std::size_t* at) {
  if (*at >= line.size()) throw Problem("the line ends in a backslash");
  const char c = line[(*at)++];
  if (c != 'x') return c;
  const std::string byte = HexDecode(line.substr(*at, 2)).value_or("");
  if (byte.size() != 1) throw Problem("\\x needs two hexadecimal digits");
  *at += 2;
  return byte[0];
}

}  // namespace

std::vector<std::string> SplitWords(std::string_view line) {
  std::vector<std::string> words;
  std::size_t at = 0;
  for (;;) {
    while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
    if (at >= line.size() || line[at] == '#') return words;
    std::string word;
    bool quoted = false;
    while (at < line.size() && (quoted || (line[at] != ' ' && line[at] != '\t'))) {
      const char c = line[at++];
      if (c == '"') {
        quoted = !quoted;
      } else {
        word += c == '\\' ? Escaped(line, &at) : c;
      }
    }
    if (quoted) throw Problem("a quote is not closed");
    words.push_back(std::move(word));
  }
}

Millis DurationOf(const std::string& word) {
  const auto duration = ParseDuration(word);
  if (!duration) throw Problem(duration.error().message);
  return *duration;
}

Millis SignedDurationOf(const std::string& word) {
  if (word.size() < 2 || (word[0] != '+' && word[0] != '-')) {
    throw Problem("\"" + word + "\" needs a sign: +6m or -2h");
  }
  const Millis duration = DurationOf(word.substr(1));
  return word[0] == '-' ? -duration : duration;
}

std::uint64_t NumberOf(const std::string& word) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) {
    throw Problem("\"" + word + "\" is not a number");
  }
  return number;
}

}  // namespace mxward::scenario
