// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdio>
#include <future>
#include <thread>
#include <vector>

#include "tests/bench/bench_figure.h"
#include "tests/bench/evidence_figures.h"

namespace mxward {
namespace {

constexpr double kGoalMs = 3;  // of the RCPT reply above the round trip
constexpr int kRoundTrips = 2000;
// Plain questions beside the load: few enough not to be a load themselves.
constexpr std::chrono::milliseconds kPause{5};

struct Times {
  double p50;
  double p99;
};

Times TimesOf(std::vector<float>& us) { return {Quantile(us, 0.5), Quantile(us, 0.99)}; }

void Print(const char* what, const Times& times) {
  std::printf("  %-46s %8.0f %8.0f\n", what, times.p50, times.p99);
  std::fflush(stdout);
}

// Plain questions about clients that nobody asks about otherwise, as long as `go_on` says.
template <class GoOn>
Result<std::vector<float>> AskPlainly(const EvidenceRig& rig, GoOn go_on) {
  RoundTrip question(rig.dns.Port());
  std::vector<float> us;
  for (int i = 0; go_on(i); ++i) {
    const std::string address =
        "100.1." + std::to_string(i / 250 % 250) + "." + std::to_string(i % 250);
    const auto took = question.Ask(address, i % NameServer::kZones);
    if (!took) return Fail(took.error());
    us.push_back(std::chrono::duration<float, std::micro>(*took).count());
  }
  return us;
}

LoadSpec Paced(const EvidenceRig& rig, const BenchDaemon& daemon) {
  LoadSpec spec = DistinctClients(rig, daemon);
  spec.most_a_second = rig.options.rate;
  spec.window = rig.options.duration;
  spec.warmup = std::chrono::milliseconds(500);
  spec.limit = spec.window + std::chrono::seconds(60);
  return spec;
}

struct Beside {
  LoadResult load;
  Times plain;  // round trips meanwhile
};

Result<Beside> RunBesidePlainQuestions(EvidenceRig& rig, const LoadSpec& spec) {
  auto load = std::async(std::launch::async, [&] { return RunLoad(spec); });
  auto plain =
      AskPlainly(rig, [&](int) { return load.wait_for(kPause) != std::future_status::ready; });
  auto result = load.get();
  if (!result) return Fail(result.error());
  if (!plain) return Fail(plain.error());
  rig.next_client += result->messages_used;
  return Beside{std::move(*result), TimesOf(*plain)};
}

Result<void> RunPaced(EvidenceRig& rig, const BenchDaemon& daemon, const Times& idle) {
  auto run = RunBesidePlainQuestions(rig, Paced(rig, daemon));
  if (!run) return Fail(run.error());
  const Times rcpt = TimesOf(run->load.rcpt_us);
  const Sample sample = SampleOf(run->load);
  Print("DNS round trip beside it", run->plain);
  Print("RCPT, eight answers from the DNS", rcpt);
  std::printf(
      "  RCPT p99 is the median round trip + %.2f ms, %.1f times the p99 of round trips "
      "beside it (%.0f sessions/s)\n",
      (rcpt.p99 - idle.p50) / 1000, rcpt.p99 / run->plain.p99, sample.sessions_per_second);
  PrintUnlessAllPassed(run->load);
  rig.goals.Add("distinct clients: RCPT p99 above the DNS round trip", "ms",
                (rcpt.p99 - idle.p50) / 1000, kGoalMs, /*at_most=*/true);
  return {};
}

Result<void> RunFloor(EvidenceRig& rig) {
  auto daemon = StartEvidenceDaemon(rig, "distinct-none", Lists::kNone);
  if (!daemon) return Fail(daemon.error());
  auto result = RunLoad(Paced(rig, **daemon));
  if (!result) return Fail(result.error());
  Print("RCPT, the same without lists", TimesOf(result->rcpt_us));
  PrintUnlessAllPassed(*result);
  return {};
}

// What there is at most; no goal, since everything queues then.
Result<void> RunFlatOut(EvidenceRig& rig, const BenchDaemon& daemon) {
  LoadSpec spec = Paced(rig, daemon);
  spec.first_message = rig.next_client;
  spec.most_a_second = 0;
  spec.window /= 4;
  auto run = RunBesidePlainQuestions(rig, spec);
  if (!run) return Fail(run.error());
  Print("DNS round trip beside as many as there can be", run->plain);
  Print("RCPT, as many as there can be", TimesOf(run->load.rcpt_us));
  std::printf("  as many as there can be are %.0f sessions/s, %.0f questions/s\n",
              SampleOf(run->load).sessions_per_second,
              SampleOf(run->load).sessions_per_second * NameServer::kZones);
  PrintUnlessAllPassed(run->load);
  return {};
}

}  // namespace

Result<void> MeasureDistinct(EvidenceRig& rig) {
  std::printf("\ndistinct clients, %d connections, %.0f sessions a second at most\n",
              rig.options.connections, rig.options.rate);
  std::printf("  %-46s %8s %8s\n", "", "us p50", "us p99");
  auto plain = AskPlainly(rig, [](int i) { return i < kRoundTrips; });
  if (!plain) return Fail(plain.error());
  const Times idle = TimesOf(*plain);
  Print("DNS round trip, nothing else going on", idle);
  if (auto done = RunFloor(rig); !done) return done;
  auto daemon = StartEvidenceDaemon(rig, "distinct", Lists::kEight);
  if (!daemon) return Fail(daemon.error());
  if (auto done = RunPaced(rig, **daemon, idle); !done) return done;
  return RunFlatOut(rig, **daemon);
}

}  // namespace mxward
