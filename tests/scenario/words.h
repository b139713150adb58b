// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace mxward::scenario {

// What is wrong with a scenario, or with what it met. The runner adds file and line.
class Problem : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The words of a line, up to a "#" that begins a word. A word in double quotes may hold blanks;
// \xHH in one is that byte, \" and \\ are what they look like. Throws Problem.
std::vector<std::string> SplitWords(std::string_view line);

// "6m", "1d"; with_sign: "+6m", "-2h". Throws Problem.
Millis DurationOf(const std::string& word);
Millis SignedDurationOf(const std::string& word);

// A number of a listing. Throws Problem.
std::uint64_t NumberOf(const std::string& word);

}  // namespace mxward::scenario
