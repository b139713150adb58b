// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace mxward {

struct WeekOptions {
  std::string daemon;       // the program
  std::string null_filter;  // the program
  std::string directory;    // where the store goes, on a real disk; made if missing
  std::uint64_t sessions = 1'400'000;
  std::uint64_t slice = 20'000;  // sessions of one contender before the other has its turn
  int connections = 100;         // Postfix's default_process_limit
  std::uint64_t seed = 1;
  bool limits = true;  // false: no [[limit]], to see what they cost
};

std::string WeekUsage();

// kInvalid with a text for a wrong option; an empty message for --help.
Result<WeekOptions> ParseWeekOptions(int argc, char** argv);

}  // namespace mxward
