// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace mxward {

struct BenchOptions {
  std::string daemon;       // the program; empty: *same* stands in for it, to see the noise
  std::string null_filter;  // the program
  std::string directory;    // where the store goes, on a real disk; made if missing
  int pairs = 20;
  std::chrono::milliseconds window{500};
  std::uint64_t records = 1'000'000;
  std::uint64_t known = 20'000;
  std::uint64_t seed = 1;
  int restarts = 5;
  bool store_figures = true;  // start-up time and bytes on disk
  std::vector<int> connections = {1, 16, 128, 1000};
  std::vector<int> idle = {0, 4000};
  bool measure_new = true;
  bool measure_known = true;
  bool send_data = true;  // known sessions that go on to DATA as well, as an MTA's do
};

std::string BenchUsage();

// kInvalid with a text for a wrong option; an empty message for --help.
Result<BenchOptions> ParseBenchOptions(int argc, char** argv);

}  // namespace mxward
