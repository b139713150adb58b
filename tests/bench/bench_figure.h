// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "tests/bench/child_process.h"
#include "tests/bench/milter_load.h"

namespace mxward {

// A filter that takes its turn in the figures.
struct Contender {
  std::string name;
  std::string socket;
  ChildProcess* process;
};

// In this order, everywhere. The last is another version of mxward, if one was said.
enum Turn : std::uint8_t { kMxward, kFull, kSame, kBefore };
using Contenders = std::vector<Contender>;

// Who comes: suspicious clients whose tuples are new, or have been deferred and waited; or clients
// that pass at once.
enum class Tuples : std::uint8_t { kNew, kKnown, kUnsuspicious };

struct FigureSpec {
  Tuples tuples = Tuples::kKnown;
  int connections = 16;
  std::uint64_t idle = 0;  // connections open beside, for the heading only
  int pairs = 20;
  std::chrono::milliseconds window{500};
  std::chrono::milliseconds warmup{100};
  std::uint64_t known = 0;  // how many known tuples there are, and clients that pass at once
  std::uint64_t* next_new;  // the first message of supply::kNew not yet used, moved on
  std::uint64_t seed = 1;
};

// One run of one contender.
struct Sample {
  double sessions_per_second = 0;
  double rcpt_p50_us = 0;
  double rcpt_p99_us = 0;
  double session_p50_us = 0;
  double session_p99_us = 0;
  double cpu_us_a_session = 0;
};

struct Figure {
  FigureSpec spec;
  std::array<std::vector<Sample>, 4> samples;  // the runs of each contender, by round
  std::array<ProcessMemory, 4> memory;         // of each after its last run
  double expected_answers = 1;  // share of mxward's answers that are what the scenario wants
};

double Median(std::vector<double> values);
// q from 0 to 1; reorders the values.
double Quantile(std::vector<float>& values, double q);
Sample SampleOf(LoadResult& result);

// Medians over the rounds of one contender, and of the round-by-round ratios of mxward to another.
double MedianOf(const Figure& figure, Turn turn, double Sample::*member);
double MedianRatio(const Figure& figure, Turn other, double Sample::*member);

// Runs them turn by turn: full, mxward, same, and back, so that mxward has either as a neighbour
// in every round; another version comes after mxward, and so before it in every second round.
Result<Figure> RunFigure(const FigureSpec& spec, Contenders& contenders);

// A heading and a line for each contender, then the ratios.
const char* TuplesText(Tuples tuples);
void PrintFigure(const Figure& figure, const Contenders& contenders);

}  // namespace mxward
