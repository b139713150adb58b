// SPDX-License-Identifier: Apache-2.0
// mxward_bench: mxward beside two libmilter filters that do nothing. See README.md.

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/bench_daemon.h"
#include "tests/bench/bench_figure.h"
#include "tests/bench/bench_options.h"
#include "tests/bench/bench_setup.h"
#include "tests/bench/bench_store.h"
#include "tests/bench/same_terms.h"

namespace mxward {
namespace {

// One kind of session.
struct Kind {
  Tuples tuples;
  bool send_data;
};
// `full` answers nothing behind RCPT: sessions that go on to DATA, which mxward and `same` answer,
// are longer than its own, and are compared with those of `same`.
constexpr Kind kKinds[] = {{Tuples::kKnown, false}, {Tuples::kKnown, true}, {Tuples::kNew, false}};

struct Goal {
  Kind of;
  int connections;
  double to_full;  // zero: none
  double to_same;  // zero: none
};
constexpr Goal kGoals[] = {{kKinds[0], 16, 1.2, 0.9}, {kKinds[0], 128, 1.3, 0.9},
                           {kKinds[1], 16, 0, 0.9},   {kKinds[1], 128, 0, 0.9},
                           {kKinds[2], 16, 0.75, 0},  {kKinds[2], 128, 1.0, 0}};

class Bench {
 public:
  explicit Bench(const BenchOptions& options) : options_(options) {}

  Result<void> Run() {
    PrepareBench(options_.directory);
    if (auto begun = StartNullFilters(); !begun) return begun;
    if (auto begun = StartDaemon(); !begun) return begun;
    for (const int idle : options_.idle) {
      if (auto done = RunFiguresBeside(idle); !done) return done;
    }
    PrintGoals();
    return {};
  }

 private:
  Result<void> StartNullFilters() {
    for (const Turn turn : {kFull, kSame}) {
      if (auto begun = StartNullFilter(turn, turn == kFull ? "full" : "same"); !begun) return begun;
    }
    return {};
  }

  Result<void> StartNullFilter(Turn turn, const std::string& mode) {
    const std::string name = turn == kMxward ? "stand-in" : mode;
    auto process = mxward::StartNullFilter(options_.null_filter, mode, options_.directory, name);
    if (!process) return Fail(process.error());
    processes_.push_back(std::move(*process));
    contenders_[turn] = {name, options_.directory + "/" + name + ".sock", processes_.back().get()};
    return {};
  }

  Result<void> StartDaemon() {
    if (options_.daemon.empty()) return StartNullFilter(kMxward, "same");
    if (options_.store_figures) {
      if (auto done = MeasurePrivacy(options_); !done) return done;
    }
    auto daemon =
        BenchDaemon::Start(options_.daemon, options_.directory, GreylistAll(/*privacy=*/false));
    if (!daemon) return Fail(daemon.error());
    daemon_ = std::move(*daemon);
    if (options_.store_figures) {
      if (auto done = MeasureStore(*daemon_, options_); !done) return done;
    } else if (auto filled = daemon_->Fill(options_.records, options_.seed); !filled) {
      return Fail(filled.error());
    }
    contenders_[kMxward] = {"mxward", daemon_->Socket(), &daemon_->Process()};
    if (auto checked = CompareTerms(); !checked) return checked;
    return daemon_->MakeKnown(options_.known, options_.seed);
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
    for (const auto& [tuples, send_data] : kKinds) {
      if (!(tuples == Tuples::kNew ? options_.measure_new : options_.measure_known)) continue;
      if (send_data && !options_.send_data) continue;
      for (const int connections : options_.connections) {
        FigureSpec spec;
        spec.tuples = tuples;
        spec.connections = connections;
        spec.idle = static_cast<unsigned>(idle);
        spec.pairs = options_.pairs;
        spec.window = options_.window;
        spec.known = options_.known;
        spec.send_data = send_data;
        spec.next_new = &next_new_;
        spec.seed = options_.seed;
        auto figure = RunFigure(spec, contenders_);
        if (!figure) return Fail(figure.error());
        if (daemon_ == nullptr) figure->expected_answers = 1;
        PrintFigure(*figure, contenders_);
        if (daemon_ != nullptr) daemon_->TruncateLog();
        if (idle == 0) figures_.push_back(std::move(*figure));
      }
    }
    return {};
  }

  void PrintGoals() const {
    std::printf(
        "\ngoals (median of the round-by-round ratios of sessions/s, no idle connections)\n");
    const auto print = [](const char* what, double is, double goal, bool at_most) {
      const bool met = at_most ? is <= goal : is >= goal;
      std::printf("    %-28s %6.2f  goal %s %.2f  %s\n", what, is, at_most ? "<=" : ">=", goal,
                  met ? "met" : "MISSED");
    };
    for (const Figure& figure : figures_) {
      for (const Goal& goal : kGoals) {
        if (goal.of.tuples != figure.spec.tuples || goal.of.send_data != figure.spec.send_data ||
            goal.connections != figure.spec.connections) {
          continue;
        }
        std::printf("  %s, %d connections\n", TuplesText(figure.spec), goal.connections);
        if (goal.to_full != 0) {
          print("to full", MedianRatio(figure, kFull, &Sample::sessions_per_second), goal.to_full,
                /*at_most=*/false);
        }
        if (goal.to_same == 0) continue;
        print("to same", MedianRatio(figure, kSame, &Sample::sessions_per_second), goal.to_same,
              /*at_most=*/false);
        print("RCPT p99 to same", MedianRatio(figure, kSame, &Sample::rcpt_p99_us), 1.3,
              /*at_most=*/true);
        print("CPU us more than same",
              MedianOf(figure, kMxward, &Sample::cpu_us_a_session) -
                  MedianOf(figure, kSame, &Sample::cpu_us_a_session),
              25, /*at_most=*/true);
      }
    }
  }

  const BenchOptions& options_;
  std::vector<std::unique_ptr<ChildProcess>> processes_;
  std::unique_ptr<BenchDaemon> daemon_;
  Contenders contenders_;
  std::uint64_t next_new_ = 0;
  std::vector<Figure> figures_;
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
