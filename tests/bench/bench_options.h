// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "tests/bench/bench_figure.h"

namespace mxward {

struct BenchOptions {
  std::string daemon;       // the program; empty: *same* stands in for it, to see the noise
  std::string before;       // another version of mxward to compare with; empty: none
  std::string null_filter;  // the program
  std::string unbound = "/usr/sbin/unbound";
  std::string directory;  // where the store goes, on a real disk; made if missing
  int pairs = 20;
  std::chrono::milliseconds window{500};
  std::uint64_t records = 1'000'000;
  std::uint64_t known = 20'000;
  std::uint64_t clients = 200'000;  // met before memory is looked at
  std::uint64_t seed = 1;
  int restarts = 5;
  bool store_figures = true;  // start-up time and bytes on disk
  std::vector<int> connections = {1, 16, 128, 1000};
  std::vector<int> idle = {0, 4000};
  std::vector<Tuples> tuples = {Tuples::kUnsuspicious, Tuples::kKnown, Tuples::kNew};
};

std::string BenchUsage();

// kInvalid with a text for a wrong option; an empty message for --help.
Result<BenchOptions> ParseBenchOptions(int argc, char** argv);

}  // namespace mxward
