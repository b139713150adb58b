// SPDX-License-Identifier: Apache-2.0
// mxward_bench: mxward beside two libmilter filters that do nothing. See README.md.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/bench_daemon.h"
#include "tests/bench/bench_figure.h"
#include "tests/bench/bench_options.h"
#include "tests/bench/bench_setup.h"
#include "tests/bench/bench_store.h"
#include "tests/bench/goals.h"
#include "tests/bench/live_resolver.h"
#include "tests/bench/same_terms.h"

namespace mxward {
namespace {

struct Goal {
  Tuples of;
  int connections;
  double to_full;
  double to_same;  // zero: none, for the filters that do nothing let everybody go on
};
constexpr Goal kGoals[] = {
    {Tuples::kUnsuspicious, 16, 0.9, 0.9}, {Tuples::kUnsuspicious, 128, 0.9, 0.9},
    {Tuples::kKnown, 16, 0.9, 0.9},        {Tuples::kKnown, 128, 0.9, 0.9},
    {Tuples::kNew, 16, 0.75, 0},           {Tuples::kNew, 128, 1.0, 0}};
// Of another version of mxward, in the same run.
constexpr double kLeastOfBefore = 0.97;
constexpr double kMostAnonMb = 11;
constexpr const char* kNoSenderDomains =
    "[score]\nsender_domain_none = 0\nsender_null_mx = 0\nsender_mx_nowhere = 0\n";

class Bench {
 public:
  explicit Bench(const BenchOptions& options) : options_(options) {}

  Result<void> Run() {
    PrepareBench(options_.directory);
    auto resolver = LiveResolver::Start(options_.unbound, options_.directory + "/dns");
    if (!resolver) return Fail(resolver.error());
    resolver_ = std::move(*resolver);
    if (auto begun = StartMxward(); !begun) return begun;
    for (const Turn turn : {kFull, kSame}) {
      if (auto begun = StartNullFilter(turn, turn == kFull ? "full" : "same"); !begun) return begun;
    }
    if (auto begun = StartBefore(); !begun) return begun;
    if (daemon_ != nullptr) {
      if (auto checked = CompareTerms(); !checked) return checked;
    }
    for (const int idle : options_.idle) {
      if (auto done = RunFiguresBeside(idle); !done) return done;
    }
    if (auto measured = MeasureMemory(); !measured) return measured;
    goals_.Print();
    return {};
  }

 private:
  void Enter(Turn turn, std::string name, std::string socket, ChildProcess& process) {
    contenders_.resize(std::max<std::size_t>(contenders_.size(), turn + 1U));
    contenders_[turn] = {std::move(name), std::move(socket), &process};
  }

  Result<void> StartNullFilter(Turn turn, const std::string& mode) {
    const std::string name = turn == kMxward ? "stand-in" : mode;
    auto process = mxward::StartNullFilter(options_.null_filter, mode, options_.directory, name);
    if (!process) return Fail(process.error());
    processes_.push_back(std::move(*process));
    Enter(turn, name, options_.directory + "/" + name + ".sock", *processes_.back());
    return {};
  }

  Result<std::unique_ptr<BenchDaemon>> StartDaemon(const std::string& program,
                                                   const std::string& directory) const {
    std::filesystem::create_directories(directory);
    return BenchDaemon::Start(program, directory,
                              DefaultSettings(resolver_->Address(), /*privacy=*/false));
  }

  Result<void> StartMxward() {
    if (options_.daemon.empty()) return StartNullFilter(kMxward, "same");
    if (options_.store_figures) {
      if (auto done = MeasurePrivacy(options_, resolver_->Address()); !done) return done;
    }
    auto daemon = StartDaemon(options_.daemon, options_.directory);
    if (!daemon) return Fail(daemon.error());
    daemon_ = std::move(*daemon);
    if (options_.store_figures) {
      if (auto done = MeasureStore(*daemon_, options_); !done) return done;
    } else if (auto filled = daemon_->Fill(options_.records, options_.seed); !filled) {
      return Fail(filled.error());
    }
    Enter(kMxward, "mxward", daemon_->Socket(), daemon_->Process());
    return daemon_->MakeKnown(options_.known, options_.seed);
  }

  Result<void> StartBefore() {
    if (options_.before.empty()) return {};
    auto daemon = StartDaemon(options_.before, options_.directory + "/before");
    if (!daemon) return Fail("before", daemon.error());
    before_ = std::move(*daemon);
    if (auto filled = before_->Fill(options_.records, options_.seed); !filled) {
      return Fail("before", filled.error());
    }
    // As much mail since its last start as the other has seen.
    if (options_.store_figures) {
      if (auto started = before_->Restart(); !started) return Fail("before", started.error());
    }
    Enter(kBefore, "before", before_->Socket(), before_->Process());
    return before_->MakeKnown(options_.known, options_.seed);
  }

  // Whether *same* is what its name says.
  Result<void> CompareTerms() const {
    std::vector<MilterTerms> both;
    for (const Turn turn : {kMxward, kSame}) {
      auto client =
          MilterClient::Connect("unix:" + contenders_[turn].socket, std::chrono::seconds(10));
      if (!client) return Fail(client.error());
      auto terms = (*client)->Negotiate();
      if (!terms) return Fail(terms.error());
      both.push_back(*terms);
      if (auto quit = (*client)->SendQuit(); !quit) return quit;
    }
    bool differ = both[0].protocol != both[1].protocol;
    for (const MilterCommand event :
         {MilterCommand::kConnect, MilterCommand::kHelo, MilterCommand::kMail, MilterCommand::kRcpt,
          MilterCommand::kData}) {
      if (both[0].MacroNames(event) == both[1].MacroNames(event)) continue;
      differ = true;
      std::printf("macros at '%c': mxward \"%s\", same \"%s\"\n", static_cast<char>(event),
                  std::string(both[0].MacroNames(event)).c_str(),
                  std::string(both[1].MacroNames(event)).c_str());
    }
    if (differ) {
      std::printf("warning: mxward's terms (protocol %#x) are not those of same_terms.h (%#x)\n",
                  both[0].protocol, both[1].protocol);
    }
    return {};
  }

  Result<void> RunFiguresBeside(int idle) {
    IdleConnections idle_connections;
    for (const Contender& contender : contenders_) {
      if (auto opened = idle_connections.Open(contender.socket, static_cast<unsigned>(idle));
          !opened) {
        return Fail("idle connections to " + contender.name, opened.error());
      }
    }
    for (const Tuples tuples : options_.tuples) {
      for (const int connections : options_.connections) {
        FigureSpec spec;
        spec.tuples = tuples;
        spec.connections = connections;
        spec.idle = static_cast<unsigned>(idle);
        spec.pairs = options_.pairs;
        spec.window = options_.window;
        spec.known = options_.known;
        spec.next_new = &next_new_;
        spec.seed = options_.seed;
        auto figure = RunFigure(spec, contenders_);
        if (!figure) return Fail(figure.error());
        if (daemon_ == nullptr) figure->expected_answers = 1;
        PrintFigure(*figure, contenders_);
        for (const auto& daemon : {std::cref(daemon_), std::cref(before_)}) {
          if (daemon.get() != nullptr) daemon.get()->TruncateLog();
        }
        AddGoals(*figure);
      }
    }
    return {};
  }

  // The answers that mxward remembers about sender domains are an amount that the administrator
  // chooses (dns.cache_entries), so the goal leaves them out.
  Result<void> MeasureMemory() {
    const std::string by_default = DefaultSettings(resolver_->Address(), /*privacy=*/false);
    const std::string what = "RssAnon after " + std::to_string(options_.clients) + " clients";
    for (const Contender& contender : contenders_) {
      const bool now = contender.name == "mxward";
      const std::string& program = now ? options_.daemon : options_.before;
      if (program.empty() || (!now && contender.name != "before")) continue;
      const auto with = MeasureClients(program, options_, by_default);
      if (!with) return Fail(contender.name, with.error());
      const auto without = MeasureClients(program, options_, by_default + kNoSenderDomains);
      if (!without) return Fail(contender.name, without.error());
      std::printf("\n%s, %s: %.1f MB, %.1f MB without sender domains\n", contender.name.c_str(),
                  what.c_str(), *with, *without);
      if (now) goals_.Add(what, "MB", *without, kMostAnonMb, /*at_most=*/true);
    }
    return {};
  }

  // Of the median of the round-by-round ratios.
  void AddGoals(const Figure& figure) {
    const std::string what = std::string(TuplesText(figure.spec.tuples)) + ", " +
                             std::to_string(figure.spec.connections) + " connections";
    const auto add = [&](Turn other, const char* name, double goal) {
      goals_.Add(what + ", to " + name, "",
                 MedianRatio(figure, other, &Sample::sessions_per_second), goal,
                 /*at_most=*/false);
    };
    if (before_ != nullptr && figure.spec.idle == 0) add(kBefore, "before", kLeastOfBefore);
    for (const Goal& goal : kGoals) {
      if (goal.of != figure.spec.tuples || goal.connections != figure.spec.connections ||
          figure.spec.idle != 0) {
        continue;
      }
      add(kFull, "full", goal.to_full);
      if (goal.to_same != 0) add(kSame, "same", goal.to_same);
    }
  }

  const BenchOptions& options_;
  std::vector<std::unique_ptr<ChildProcess>> processes_;
  std::unique_ptr<LiveResolver> resolver_;
  std::unique_ptr<BenchDaemon> daemon_;
  std::unique_ptr<BenchDaemon> before_;
  Contenders contenders_;
  std::uint64_t next_new_ = 0;
  Goals goals_;
};

}  // namespace
}  // namespace mxward

int main(int argc, char** argv) {
  auto options = mxward::ParseBenchOptions(argc, argv);
  if (!options) {
    std::fprintf(stderr, "%s%s%s", options.error().message.c_str(),
                 options.error().message.empty() ? "" : "\n", mxward::BenchUsage().c_str());
    return options.error().message.empty() ? 0 : 64;
  }
  auto done = mxward::Bench(*options).Run();
  if (!done) std::fprintf(stderr, "mxward_bench: %s\n", done.error().message.c_str());
  return done ? 0 : 2;
}
