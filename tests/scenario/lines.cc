// SPDX-License-Identifier: Apache-2.0
#include "scenario/lines.h"

#include <string_view>

#include "base/text.h"
#include "scenario/words.h"

namespace mxward::scenario {
namespace {

// Nobody means more, and a number mistyped must not play for hours.
constexpr std::uint64_t kMostTimes = 10000;

bool Begins(std::string_view line, std::string_view command) {
  return line.starts_with(command) &&
         (line.size() == command.size() || line[command.size()] == ' ');
}

}  // namespace

Lines::Lines(std::istream& in) {
  for (std::string line; std::getline(in, line);) lines_.push_back(std::move(line));
}

std::optional<std::string> Lines::Next() {
  while (next_ < lines_.size()) {
    std::string line = lines_[next_++];
    if (Obey(line)) continue;
    if (times_ == 0) return line;
    static constexpr std::string_view kCounter = "{n}";
    const std::string number = std::to_string(round_);
    for (auto at = line.find(kCounter); at != std::string::npos;
         at = line.find(kCounter, at + number.size())) {
      line.replace(at, kCounter.size(), number);
    }
    return line;
  }
  if (times_ != 0) {
    next_ = begin_;
    times_ = 0;
    throw Problem("repeat without an end");
  }
  return std::nullopt;
}

std::string Lines::place() const {
  const std::string number = std::to_string(next_);
  return times_ == 0 ? number : number + " (repetition " + std::to_string(round_) + ")";
}

bool Lines::Obey(const std::string& line) {
  const std::string_view text = Trim(line);
  if (Begins(text, "repeat")) {
    const auto words = SplitWords(text);
    if (words.size() != 2) throw Problem("usage: repeat NUMBER");
    if (times_ != 0) throw Problem("a repeat inside another");
    const std::uint64_t times = NumberOf(words[1]);
    if (times == 0 || times > kMostTimes) {
      throw Problem("repeat: from 1 to " + std::to_string(kMostTimes) + " times");
    }
    begin_ = next_;
    times_ = times;
    round_ = 1;
    return true;
  }
  if (!Begins(text, "end")) return false;
  if (SplitWords(text).size() != 1) throw Problem("usage: end");
  if (times_ == 0) throw Problem("end without a repeat");
  if (round_ == times_) {
    times_ = 0;
  } else {
    ++round_;
    next_ = begin_;
  }
  return true;
}

}  // namespace mxward::scenario
