// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <future>
#include <optional>
#include <thread>
#include <vector>

#include "tests/bench/bench_figure.h"
#include "tests/bench/evidence_figures.h"

namespace mxward {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr double kGoalAbove = 0.5;    // seconds of p95 above the deadline
constexpr double kGoalDeadlines = 2;  // of the longest session
constexpr double kGoalBack = 5;       // "within seconds"
constexpr double kBack = 0.9;         // of the throughput before

// The run through the outage, in seconds.
constexpr double kBin = 0.25;
constexpr double kAlive = 4;
constexpr double kSilent = 8;
constexpr double kAfter = 8;
constexpr int kSteady = 4;  // bins in a row that must be good

// Each connection at once, one session each.
Result<double> RunBurst(EvidenceRig& rig, const BenchDaemon& daemon, const char* what,
                        double* longest) {
  LoadSpec spec = DistinctClients(rig, daemon);
  spec.connections = rig.options.burst;
  spec.messages = static_cast<std::uint64_t>(rig.options.burst);
  auto result = RunLoad(spec);
  if (!result) return Fail(result.error());
  rig.next_client += spec.messages;
  const double p50 = Quantile(result->session_us, 0.5) / 1e6;
  const double p95 = Quantile(result->session_us, 0.95) / 1e6;
  const double most = Quantile(result->session_us, 1) / 1e6;
  std::printf("  %-34s %8.3f %8.3f %8.3f   %6.2f of the deadline at most\n", what, p50, p95, most,
              most / Seconds(kDeadline).count());
  std::fflush(stdout);
  PrintUnlessAllPassed(*result);
  *longest = std::max(*longest, most);
  return p95;
}

Result<void> RunBursts(EvidenceRig& rig, const BenchDaemon& daemon) {
  std::printf("  %-34s %8s %8s %8s\n", "session, seconds", "p50", "p95", "longest");
  double longest = 0;
  // Straight from health: a burst beforehand could open the lists' breakers, and nobody would wait.
  rig.dns.FallSilent();
  auto first = RunBurst(rig, daemon, "silent, nobody knows it yet", &longest);
  if (!first) return Fail(first.error());
  auto second = RunBurst(rig, daemon, "silent, the next ones", &longest);
  rig.dns.AnswerAgain();
  if (!second) return Fail(second.error());
  const double deadline = Seconds(kDeadline).count();
  rig.goals.Add("silent resolver: session p95 above the deadline", "s",
                std::max(*first, *second) - deadline, kGoalAbove, /*at_most=*/true);
  rig.goals.Add("silent resolver: longest session, in deadlines", "", longest / deadline,
                kGoalDeadlines, /*at_most=*/true);
  return {};
}

// Sessions a second in each bin of the run.
std::vector<double> Bins(const std::vector<float>& ended_s, double length) {
  std::vector<double> bins(static_cast<std::size_t>(length / kBin));
  for (const float when : ended_s) {
    const auto bin = static_cast<std::size_t>(when / kBin);
    if (bin < bins.size()) bins[bin] += 1 / kBin;
  }
  return bins;
}

double MedianBetween(const std::vector<double>& bins, double from, double to) {
  const auto at = [&](double when) {
    return bins.begin() + static_cast<std::ptrdiff_t>(when / kBin);
  };
  return Median({at(from), at(to)});
}

// Seconds from `since` until the throughput is at `enough` and stays there for a while.
std::optional<double> BackAfter(const std::vector<double>& bins, double since, double enough) {
  int good = 0;
  for (auto i = static_cast<std::size_t>(since / kBin); i < bins.size(); ++i) {
    good = bins[i] >= enough ? good + 1 : 0;
    if (good == kSteady) return static_cast<double>(i + 2 - kSteady) * kBin - since;
  }
  return std::nullopt;
}

double LowestBetween(const std::vector<double>& bins, double from, double to) {
  const auto at = [&](double when) {
    return bins.begin() + static_cast<std::ptrdiff_t>(when / kBin);
  };
  return *std::min_element(at(from), at(to));
}

Result<void> RunThroughOutage(EvidenceRig& rig, const BenchDaemon& daemon) {
  LoadSpec spec = DistinctClients(rig, daemon);
  spec.connections = rig.options.burst;
  const double length = kAlive + kSilent + kAfter;
  spec.window = std::chrono::duration_cast<std::chrono::milliseconds>(Seconds(length));
  auto load = std::async(std::launch::async, [&] { return RunLoad(spec); });
  std::this_thread::sleep_for(Seconds(kAlive));
  rig.dns.FallSilent();
  std::this_thread::sleep_for(Seconds(kSilent));
  rig.dns.AnswerAgain();
  auto result = load.get();
  if (!result) return Fail(result.error());
  rig.next_client += result->messages_used;
  const auto bins = Bins(result->ended_s, length);
  // Its first second is a start, not a throughput.
  const double before = MedianBetween(bins, 1, kAlive);
  const double enough = kBack * before;
  const auto print = [&](const char* what, double rate) {
    std::printf("  %-46s %8.0f sessions/s, %.2f of before\n", what, rate, rate / before);
  };
  std::printf("  %d connections all the time, silent for %.0f s\n", spec.connections, kSilent);
  print("before", before);
  print("least within a quarter of a second, silent",
        LowestBetween(bins, kAlive, kAlive + kSilent));
  print("least within a quarter of a second, after", LowestBetween(bins, kAlive + kSilent, length));
  print("at the end of the silence", MedianBetween(bins, kAlive + kSilent - 2, kAlive + kSilent));
  PrintUnlessAllPassed(*result);
  for (const auto& [what, since] :
       {std::pair{"silent resolver: 90 % of throughput back after", kAlive},
        std::pair{"it answers again: 90 % of throughput after", kAlive + kSilent}}) {
    const auto back = BackAfter(bins, since, enough);
    rig.goals.Add(what, "s", back.value_or(length), kGoalBack, /*at_most=*/true);
  }
  return {};
}

}  // namespace

Result<void> MeasureDead(EvidenceRig& rig) {
  std::printf("\nresolver falls silent, deadline %.0f s, %d connections at once\n",
              Seconds(kDeadline).count(), rig.options.burst);
  auto daemon = StartEvidenceDaemon(rig, "dead", Lists::kEight);
  if (!daemon) return Fail(daemon.error());
  if (auto done = RunBursts(rig, **daemon); !done) return done;
  const auto healthy = AwaitHealthy(**daemon, NameServer::kZones, std::chrono::seconds(100));
  if (!healthy) return Fail(healthy.error());
  std::printf("  all lists are asked again %.1f s after it answers again\n",
              Seconds(*healthy).count());
  std::fflush(stdout);
  return RunThroughOutage(rig, **daemon);
}

}  // namespace mxward
