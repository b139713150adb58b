// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/bench/bench_figure.h"
#include "tests/bench/evidence_figures.h"

namespace mxward {
namespace {

constexpr double kGoal = 0.9;  // of the throughput without lists
constexpr int kTurns = 3;

struct Contestant {
  const char* name;
  Lists lists;
  std::unique_ptr<BenchDaemon> daemon{};
  std::vector<Sample> samples{};
};
using Contestants = std::array<Contestant, kTurns>;

LoadSpec RepeatedClients(const EvidenceRig& rig, const Contestant& contestant, int round) {
  LoadSpec spec = DistinctClients(rig, *contestant.daemon);
  spec.layout = supply::kRepeated;
  spec.first_message = 0;
  spec.messages = rig.options.repeated;
  spec.random = true;
  spec.pick_seed = rig.options.seed + static_cast<unsigned>(round);
  spec.window = rig.options.window;
  spec.warmup = std::chrono::milliseconds(100);
  spec.cpu_time = [&contestant] { return contestant.daemon->Process().CpuTime(); };
  return spec;
}

// Every client once, so that everything is in the cache.
Result<void> Acquaint(const EvidenceRig& rig, const Contestant& contestant) {
  LoadSpec spec = RepeatedClients(rig, contestant, 0);
  spec.random = false;
  spec.window = std::chrono::milliseconds(0);
  auto result = RunLoad(spec);
  if (!result) return Fail(contestant.name, result.error());
  return {};
}

Result<void> RunRound(const EvidenceRig& rig, Contestants& contestants, int round) {
  std::array<int, kTurns> order = {0, 1, 2};
  if (round % 2 == 1) std::reverse(order.begin(), order.end());
  for (const int turn : order) {
    Contestant& contestant = contestants[static_cast<std::size_t>(turn)];
    auto result = RunLoad(RepeatedClients(rig, contestant, round));
    if (!result) return Fail(contestant.name, result.error());
    PrintUnlessAllPassed(*result);
    contestant.samples.push_back(SampleOf(*result));
    AwaitQuiet(contestant.daemon->Process());
  }
  return {};
}

double MedianOf(const Contestant& contestant, double Sample::*member) {
  std::vector<double> values;
  for (const Sample& sample : contestant.samples) values.push_back(sample.*member);
  return Median(std::move(values));
}

std::vector<double> Ratios(const Contestant& ours, const Contestant& theirs) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ours.samples.size(); ++i) {
    ratios.push_back(ours.samples[i].sessions_per_second / theirs.samples[i].sessions_per_second);
  }
  std::sort(ratios.begin(), ratios.end());
  return ratios;
}

void PrintRatio(const Contestant& ours, const Contestant& theirs) {
  const std::vector<double> ratios = Ratios(ours, theirs);
  std::printf(
      "  %-15s / %-15s %6.2f (rounds %.2f to %.2f)   CPU %+.0f us\n", ours.name, theirs.name,
      Median(ratios), ratios.front(), ratios.back(),
      MedianOf(ours, &Sample::cpu_us_a_session) - MedianOf(theirs, &Sample::cpu_us_a_session));
}

void PrintContestant(const Contestant& contestant) {
  const auto median = [&](double Sample::*member) { return MedianOf(contestant, member); };
  std::printf("  %-16s %10.0f %8.0f %8.0f %10.0f %10.0f %9.0f\n", contestant.name,
              median(&Sample::sessions_per_second), median(&Sample::rcpt_p50_us),
              median(&Sample::rcpt_p99_us), median(&Sample::session_p50_us),
              median(&Sample::session_p99_us), median(&Sample::cpu_us_a_session));
}

}  // namespace

Result<void> MeasureCached(EvidenceRig& rig) {
  const EvidenceOptions& options = rig.options;
  std::printf("\ncached answers, %d connections, %llu clients again and again (%d rounds)\n",
              options.connections, static_cast<unsigned long long>(options.repeated),
              options.pairs);
  // The one in the middle stands next to both others in every round.
  Contestants contestants = {{{"no lists", Lists::kNone},
                              {"eight lists", Lists::kEight},
                              {"connect answered", Lists::kNeverAsked}}};
  for (Contestant& contestant : contestants) {
    auto daemon = StartEvidenceDaemon(
        rig, "cached-" + std::to_string(static_cast<int>(contestant.lists)), contestant.lists);
    if (!daemon) return Fail(daemon.error());
    contestant.daemon = std::move(*daemon);
    if (auto done = Acquaint(rig, contestant); !done) return done;
  }
  for (int round = 0; round < options.pairs; ++round) {
    if (auto done = RunRound(rig, contestants, round); !done) return done;
  }
  std::printf("  %-16s %10s %17s %21s %9s\n", "", "sessions/s", "RCPT us p50/p99",
              "session us p50/p99", "CPU us");
  for (const Contestant& contestant : contestants) PrintContestant(contestant);
  const auto& [none, eight, answered] = contestants;
  PrintRatio(eight, none);
  PrintRatio(answered, none);
  PrintRatio(eight, answered);
  std::fflush(stdout);
  rig.goals.Add("cached answers: throughput to that without lists", "", Median(Ratios(eight, none)),
                kGoal, /*at_most=*/false);
  return {};
}

}  // namespace mxward
