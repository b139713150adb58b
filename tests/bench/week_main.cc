// SPDX-License-Identifier: Apache-2.0
// mxward_bench_week: a week's mail through mxward, beside a filter that does nothing. See
// README.md.

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/bench/bench_daemon.h"
#include "tests/bench/bench_figure.h"
#include "tests/bench/bench_setup.h"
#include "tests/bench/goals.h"
#include "tests/bench/week_mix.h"
#include "tests/bench/week_options.h"

namespace mxward {
namespace {

constexpr double kMostTime = 1.15;  // of what *full* needs
constexpr double kMostAnonMb = 11;
constexpr double kMostCpuMs = 0.25;  // a session
constexpr double kLeastShare = 0.99;

// What a site with trouble would set. No name is looked up: the DNS is not what is measured.
constexpr const char* kSettings = R"([score]
sender_domain_none = 0
sender_null_mx = 0
sender_mx_nowhere = 0
[greylist]
delay = "1s"
)";
constexpr const char* kLimits = R"([[limit]]
name = "connections"
count = "connections"
per = "client"
rate = "300/1m"
[[limit]]
name = "at once"
count = "concurrent"
per = "client"
rate = "20"
[[limit]]
name = "network"
count = "connections"
per = "network"
rate = "1000/1m"
[[limit]]
name = "senders"
count = "recipients"
per = "sender"
rate = "200/1h"
[[limit]]
name = "harvest"
count = "bad-recipients"
per = "client"
rate = "20/1h"
action = "reject"
)";

double Mb(std::uint64_t kib) { return static_cast<double>(kib) / 1024; }

// What became of the recipients of one kind of session.
struct Answers {
  std::uint64_t sessions = 0;
  std::uint64_t passed = 0;
  std::uint64_t deferred = 0;
  std::uint64_t rejected = 0;
  std::uint64_t All() const { return passed + deferred + rejected; }
};

// One of the two filters, and what it has needed so far.
struct Side {
  std::string socket;
  ChildProcess* process = nullptr;
  std::vector<Sample> samples;  // of each slice
  std::chrono::nanoseconds elapsed{0};
  std::chrono::nanoseconds cpu_before{0};

  double Seconds() const { return std::chrono::duration<double>(elapsed).count(); }
  double CpuMs() const {
    return std::chrono::duration<double, std::milli>(process->CpuTime() - cpu_before).count();
  }
  double MedianOf(double Sample::*member) const {
    std::vector<double> values;
    for (const Sample& sample : samples) values.push_back(sample.*member);
    return Median(std::move(values));
  }
};

class Week {
 public:
  explicit Week(const WeekOptions& options)
      : options_(options), mix_(options.sessions, options.seed, 2 * options.slice) {}

  Result<void> Run() {
    PrepareBench(options_.directory);
    auto null = StartNullFilter(options_.null_filter, "full", options_.directory, "full");
    if (!null) return Fail(null.error());
    null_ = std::move(*null);
    auto daemon = BenchDaemon::Start(options_.daemon, options_.directory,
                                     std::string(kSettings) + (options_.limits ? kLimits : ""));
    if (!daemon) return Fail(daemon.error());
    daemon_ = std::move(*daemon);
    if (auto known = MakeKnown(); !known) return known;
    // What making the tuples known has left behind in memory is no part of the week.
    if (auto started = daemon_->Restart(); !started) return Fail(started.error());
    ours_ = {daemon_->Socket(), &daemon_->Process(), {}, {}, daemon_->Process().CpuTime()};
    full_ = {options_.directory + "/full.sock", null_.get(), {}, {}, null_->CpuTime()};
    if (auto done = RunSlices(); !done) return done;
    PrintAnswers();
    PrintTotals();
    goals_.Print();
    return {};
  }

 private:
  // The senders of known tuples have been here before this week.
  Result<void> MakeKnown() {
    LoadSpec spec = SpecOf(*daemon_);
    spec.supply = [this](std::uint64_t number) { return mix_.KnownTuple(number); };
    spec.messages = mix_.known_tuples();
    if (auto tried = RunLoad(spec); !tried) return Fail(tried.error());
    std::this_thread::sleep_for(std::chrono::seconds(2));  // delay, and records hold whole seconds
    auto passed = RunLoad(spec);
    if (!passed) return Fail(passed.error());
    if (passed->passed == spec.messages) return {};
    return Fail(ErrorCode::kInternal, "making tuples known: only " +
                                          std::to_string(passed->passed) + " of " +
                                          std::to_string(spec.messages) + " passed");
  }

  LoadSpec SpecOf(const BenchDaemon& daemon) const {
    LoadSpec spec;
    spec.socket = daemon.Socket();
    spec.connections = options_.connections;
    spec.depth = LoadSession::Depth::kEndOfMessage;
    return spec;
  }

  Result<void> RunSlices() {
    std::printf("%llu sessions, %llu known tuples, %d connections, in slices of %llu\n\n",
                static_cast<unsigned long long>(mix_.size()),
                static_cast<unsigned long long>(mix_.known_tuples()), options_.connections,
                static_cast<unsigned long long>(options_.slice));
    std::printf("%10s %8s %13s %11s %9s %9s %9s\n", "sessions", "seconds", "full seconds", "CPU ms",
                "RSS MB", "anon MB", "store MB");
    PrintProgress(0);
    std::uint64_t next_print = mix_.size() / 10;
    bool ours_first = false;
    for (std::uint64_t first = 0; first < mix_.size(); first += options_.slice) {
      const std::uint64_t count = std::min(options_.slice, mix_.size() - first);
      ours_first = !ours_first;
      for (const bool ours : {ours_first, !ours_first}) {
        if (auto done = RunSlice(first, count, ours); !done) return done;
      }
      daemon_->TruncateLog();
      if (first + count < next_print) continue;
      PrintProgress(first + count);
      next_print += mix_.size() / 10;
    }
    return {};
  }

  Result<void> RunSlice(std::uint64_t first, std::uint64_t count, bool ours) {
    Side& side = ours ? ours_ : full_;
    LoadSpec spec = SpecOf(*daemon_);
    spec.socket = side.socket;
    spec.supply = [this](std::uint64_t number) { return mix_.At(number); };
    spec.first_message = first;
    spec.messages = count;
    spec.cpu_time = [&side] { return side.process->CpuTime(); };
    if (ours) {
      spec.ended = [this](std::uint64_t number, const LoadSession& session) {
        Count(answers_[static_cast<std::size_t>(mix_.KindOf(number))], session);
      };
    }
    auto result = RunLoad(spec);
    if (!result) return Fail(ours ? "mxward" : "full", result.error());
    failures_ += result->failures;
    side.elapsed += result->elapsed;
    side.samples.push_back(SampleOf(*result));
    AwaitQuiet(*side.process);
    // While *full* has its turn, mxward writes what it put off.
    most_anon_kib_ = std::max(most_anon_kib_, ours_.process->Memory().anon_kib);
    return {};
  }

  static void Count(Answers& answers, const LoadSession& session) {
    ++answers.sessions;
    for (const LoadSession::RcptAnswer& answer : session.RcptAnswers()) {
      ++(answer.reply.Passes()   ? answers.passed
         : answer.reply.Defers() ? answers.deferred
                                 : answers.rejected);
    }
  }

  void PrintProgress(std::uint64_t sessions) const {
    const ProcessMemory memory = ours_.process->Memory();
    std::printf("%10llu %8.1f %13.1f %11.3f %9.1f %9.2f %9.1f\n",
                static_cast<unsigned long long>(sessions), ours_.Seconds(), full_.Seconds(),
                ours_.CpuMs() / static_cast<double>(std::max<std::uint64_t>(1, sessions)),
                Mb(memory.rss_kib), Mb(memory.anon_kib),
                static_cast<double>(daemon_->StoreBytes()) / 1e6);
    std::fflush(stdout);
  }

  void PrintAnswers() const {
    std::printf("\n%10s %10s %7s  recipients, of which\n", "", "sessions", "share");
    for (std::size_t kind = 0; kind < WeekMix::kKinds; ++kind) {
      const Answers& answers = answers_[kind];
      const double of_all = 100 / static_cast<double>(std::max<std::uint64_t>(1, answers.All()));
      std::printf(
          "%10s %10llu %5.1f %% %10llu  %5.1f %% passed, %5.1f %% deferred, %5.1f %% "
          "rejected\n",
          WeekMix::kNames[kind].data(), static_cast<unsigned long long>(answers.sessions),
          100 * static_cast<double>(answers.sessions) / static_cast<double>(mix_.size()),
          static_cast<unsigned long long>(answers.All()),
          of_all * static_cast<double>(answers.passed),
          of_all * static_cast<double>(answers.deferred),
          of_all * static_cast<double>(answers.rejected));
    }
    for (const WeekMix::Kind kind : {WeekMix::Kind::kKnown, WeekMix::Kind::kRetry}) {
      const Answers& answers = answers_[static_cast<std::size_t>(kind)];
      if (static_cast<double>(answers.passed) >= kLeastShare * static_cast<double>(answers.All())) {
        continue;
      }
      std::printf("  NOT VALID: not all of what is %s passed\n",
                  WeekMix::kNames[static_cast<std::size_t>(kind)].data());
    }
    if (failures_ > 0) {
      std::printf("  NOT VALID: %llu sessions broke\n", static_cast<unsigned long long>(failures_));
    }
  }

  void PrintTotals() {
    const auto sessions = static_cast<double>(mix_.size());
    std::vector<double> ratios;
    for (std::size_t i = 0; i < ours_.samples.size(); ++i) {
      ratios.push_back(full_.samples[i].sessions_per_second / ours_.samples[i].sessions_per_second);
    }
    std::sort(ratios.begin(), ratios.end());
    std::printf("\n%8s %9s %12s %18s %10s %9s %9s\n", "", "seconds", "sessions/s",
                "RCPT us p50/p99", "CPU ms", "RSS MB", "anon MB");
    for (const auto& [name, side] : {std::pair<const char*, const Side*>{"mxward", &ours_},
                                     std::pair<const char*, const Side*>{"full", &full_}}) {
      const ProcessMemory memory = side->process->Memory();
      std::printf("%8s %9.1f %12.0f %9.0f %8.0f %10.3f %9.1f %9.2f\n", name, side->Seconds(),
                  sessions / side->Seconds(), side->MedianOf(&Sample::rcpt_p50_us),
                  side->MedianOf(&Sample::rcpt_p99_us), side->CpuMs() / sessions,
                  Mb(memory.rss_kib), Mb(memory.anon_kib));
    }
    std::printf(
        "  time / full, slice by slice: median %.2f (%.2f to %.2f); most RssAnon after a "
        "slice %.2f MB\n",
        Median(ratios), ratios.front(), ratios.back(), Mb(most_anon_kib_));
    goals_.Add("the week in the time of full", "", ours_.Seconds() / full_.Seconds(), kMostTime,
               /*at_most=*/true);
    goals_.Add("RssAnon after it", "MB", Mb(ours_.process->Memory().anon_kib), kMostAnonMb, true);
    goals_.Add("CPU a session, libmilter's share included", "ms", ours_.CpuMs() / sessions,
               kMostCpuMs, true);
  }

  const WeekOptions& options_;
  WeekMix mix_;
  std::unique_ptr<ChildProcess> null_;
  std::unique_ptr<BenchDaemon> daemon_;
  Side ours_, full_;
  std::array<Answers, WeekMix::kKinds> answers_;
  std::uint64_t failures_ = 0;
  std::uint64_t most_anon_kib_ = 0;
  Goals goals_;
};

}  // namespace
}  // namespace mxward

int main(int argc, char** argv) {
  auto options = mxward::ParseWeekOptions(argc, argv);
  if (!options) {
    std::fprintf(stderr, "%s%s%s", options.error().message.c_str(),
                 options.error().message.empty() ? "" : "\n", mxward::WeekUsage().c_str());
    return options.error().message.empty() ? 0 : 64;
  }
  auto done = mxward::Week(*options).Run();
  if (!done) std::fprintf(stderr, "mxward_bench_week: %s\n", done.error().message.c_str());
  return done ? 0 : 2;
}
