// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mxward::scenario {

// One step of a scenario: "s1: rcpt b@here.test".
struct Step {
  int line = 0;
  std::string session;  // "s1"; empty: that of the step before
  std::vector<std::string> words;
  std::string rest;  // behind the first word, as it stands in the file
};

// A line that is no step, or a step that cannot be taken.
struct BadLine {
  int line;
  std::string message;
};

// Thrown when the outcome is another than the scenario expects.
struct Unexpected {
  int line;
  std::string expected;
  std::string got;
};

// Reads a scenario; README.md describes what it may say. Throws BadLine.
std::vector<Step> ParseScenario(std::string_view text);

}  // namespace mxward::scenario
