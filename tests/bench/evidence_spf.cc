// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/bench/bench_figure.h"
#include "tests/bench/evidence_figures.h"
#include "tests/bench/live_resolver.h"

namespace mxward {
namespace {

constexpr double kGoalMs = 1;           // of RCPT's median above the round trips
constexpr double kGoalLate = 1;         // of 1,000 that take longer than kLate
constexpr double kGoalSessions = 1500;  // a second
constexpr float kLateUs = 50'000;
constexpr int kQuestions = 4;  // one after the other: see LiveResolver
constexpr int kRoundTrips = 2000;
constexpr std::chrono::milliseconds kPause{5};

// SPF decides whether the client passes, so its result is waited for; it passes, so nothing is
// written.
std::string Settings(const LiveResolver& dns) {
  return "[tls]\noffered = true\n[score]\ntls_none = 1\n[greylist]\napply = \"suspicious\"\n"
         "[dns]\nservers = [\"" +
         dns.Address() + "\"]\ncache_entries = 1000000\n";
}

// Each from a domain that nobody has sent from before.
LoadSpec NewDomains(const EvidenceRig& rig, const BenchDaemon& daemon, std::uint64_t& next) {
  LoadSpec spec = DistinctClients(rig, daemon);
  spec.first_message = next;
  spec.supply = [seed = rig.options.seed](std::uint64_t number) {
    BenchSession session = MakeSession(supply::kDistinct, number, seed);
    session.messages.front().sender =
        "<joe@" + Letters(number, 6) + "." + LiveResolver::kSpfDomain + ">";
    return session;
  };
  spec.warmup = std::chrono::milliseconds(500);
  spec.window = rig.options.duration;
  spec.limit = spec.window + std::chrono::seconds(60);
  return spec;
}

Result<std::vector<float>> AskPlainly(std::uint16_t port, const std::function<bool(int)>& go_on) {
  RoundTrip question(port);
  std::vector<float> us;
  for (int i = 0; go_on(i); ++i) {
    const std::string address =
        "100.2." + std::to_string(i / 250 % 250) + "." + std::to_string(i % 250);
    const auto took = question.Ask(address, 0);
    if (!took) return Fail(took.error());
    us.push_back(std::chrono::duration<float, std::micro>(*took).count());
  }
  return us;
}

double LatePerThousand(const std::vector<float>& us) {
  const auto late = std::count_if(us.begin(), us.end(), [](float one) { return one > kLateUs; });
  return us.empty() ? 0 : 1000.0 * static_cast<double>(late) / static_cast<double>(us.size());
}

void Print(const char* what, std::vector<float>& us) {
  std::printf("  %-46s %8.0f %8.0f %10.2f\n", what, Quantile(us, 0.5), Quantile(us, 0.99),
              LatePerThousand(us));
  std::fflush(stdout);
}

}  // namespace

Result<void> MeasureSpf(EvidenceRig& rig) {
  auto dns = LiveResolver::Start(rig.options.unbound, rig.options.directory + "/spf-dns");
  if (!dns) return Fail(dns.error());
  const std::string directory = rig.options.directory + "/spf";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  auto daemon = BenchDaemon::Start(rig.options.daemon, directory, Settings(**dns));
  if (!daemon) return Fail(daemon.error());
  std::uint64_t next = 0;
  std::printf(
      "\nSPF of %d questions, each session of a new domain and without TLS, %d connections\n"
      "  %-46s %8s %8s %10s\n",
      kQuestions, rig.options.connections, "", "us p50", "us p99", "%o >50 ms");
  auto idle = AskPlainly((*dns)->Port(), [](int i) { return i < kRoundTrips; });
  if (!idle) return Fail(idle.error());
  Print("DNS round trip, nothing else going on", *idle);

  LoadSpec paced = NewDomains(rig, **daemon, next);
  paced.most_a_second = rig.options.rate;
  auto load = std::async(std::launch::async, [&] { return RunLoad(paced); });
  auto beside = AskPlainly((*dns)->Port(),
                           [&](int) { return load.wait_for(kPause) != std::future_status::ready; });
  auto run = load.get();
  if (!run) return Fail(run.error());
  if (!beside) return Fail(beside.error());
  next += run->messages_used;
  Print("DNS round trip beside it", *beside);
  Print("RCPT, after SPF", run->rcpt_us);
  PrintUnlessAllPassed(*run);
  rig.goals.Add("SPF: RCPT's median above the round trips", "ms",
                (Quantile(run->rcpt_us, 0.5) - kQuestions * Quantile(*beside, 0.5)) / 1000, kGoalMs,
                /*at_most=*/true);
  rig.goals.Add("SPF: RCPT over 50 ms, of 1,000, above the machine's own", "",
                std::max(0.0, LatePerThousand(run->rcpt_us) - LatePerThousand(*beside)), kGoalLate,
                /*at_most=*/true);

  LoadSpec flat_out = NewDomains(rig, **daemon, next);
  flat_out.window /= 2;
  auto most = RunLoad(flat_out);
  if (!most) return Fail(most.error());
  Print("RCPT, as many as there can be", most->rcpt_us);
  PrintUnlessAllPassed(*most);
  rig.goals.Add("SPF: sessions a second, each of a new domain", "/s",
                SampleOf(*most).sessions_per_second, kGoalSessions, /*at_most=*/false);
  return {};
}

}  // namespace mxward
