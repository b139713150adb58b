// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/runner_steps.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mxward::scenario {
namespace {

// Cuts a line into words. "#" at the start of a word begins a comment, ";" as a word ends a step.
class Words {
 public:
  Words(int line, std::string_view text) : line_(line), text_(text) {}

  // False at the end of the line.
  bool Next(std::string& word) {
    while (at_ < text_.size() && IsBlank(text_[at_])) ++at_;
    start_ = at_;
    if (at_ == text_.size() || text_[at_] == '#') return false;
    word.clear();
    const bool angled = text_[at_] == '<';
    bool quoted = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (!quoted && !angled && IsBlank(c)) return true;
      if (c == '\\') {
        word += Escape(quoted);
        continue;
      }
      if (c == '"') quoted = !quoted;
      // Quotes in an address belong to it, others only hold words together.
      if (c != '"' || angled) word += c;
      if (angled && !quoted && c == '>') {
        ++at_;
        if (at_ < text_.size() && !IsBlank(text_[at_])) Fail("no blank behind \">\"");
        return true;
      }
    }
    if (quoted) Fail("a quote is not closed");
    if (angled) Fail("\"<\" is not closed");
    return true;
  }

  // Where the word that was read last begins.
  std::size_t start() const { return start_; }

 private:
  static bool IsBlank(char c) { return c == ' ' || c == '\t'; }

  [[noreturn]] void Fail(const std::string& message) const { throw BadLine{line_, message}; }

  // \xHH is a byte; inside of quotes \" and \\ are what they are in an address.
  std::string Escape(bool quoted) {
    if (text_.substr(at_ + 1, 1) == "x") {
      const std::string byte = HexDecode(text_.substr(at_ + 2, 2));
      if (byte.size() != 1) Fail("\\x needs two hexadecimal digits");
      at_ += 3;
      return byte;
    }
    if (quoted && at_ + 1 < text_.size()) {
      ++at_;
      return {'\\', text_[at_]};
    }
    Fail("\\ is only for bytes (\\x00) and inside of quotes");
  }

  int line_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
};

bool IsSessionName(std::string_view word) {
  return word.size() > 1 && word.back() == ':' &&
         std::all_of(word.begin(), word.end() - 1, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

void ParseLine(int line, std::string_view text, std::vector<Step>& steps) {
  Words words(line, text);
  Step step;
  step.line = line;
  std::string word;
  while (words.Next(word)) {
    if (word == ";") {
      if (step.words.empty()) throw BadLine{line, "\";\" without a step in front of it"};
      steps.push_back(std::exchange(step, Step{.line = line}));
    } else if (step.words.empty() && step.session.empty() && IsSessionName(word)) {
      step.session = word.substr(0, word.size() - 1);
    } else {
      step.words.push_back(word);
      // TOML has quotes and comments of its own.
      if (step.words.size() == 1 && word == "config") {
        step.rest = text.substr(words.start() + word.size());
        break;
      }
    }
  }
  if (!step.words.empty()) {
    steps.push_back(std::move(step));
  } else if (!step.session.empty()) {
    throw BadLine{line, "nothing behind \"" + step.session + ":\""};
  }
}

}  // namespace

std::vector<Step> ParseScenario(std::string_view text) {
  std::vector<Step> steps;
  for (int line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    ParseLine(line, text.substr(0, end), steps);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return steps;
}

}  // namespace mxward::scenario
