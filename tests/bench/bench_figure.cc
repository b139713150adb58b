// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/bench_figure.h"

#include <algorithm>
#include <cstdio>

#include "tests/bench/bench_daemon.h"

namespace mxward {
namespace {

LoadSpec SpecOf(const FigureSpec& figure, const Contender& contender, int round) {
  LoadSpec spec;
  spec.socket = contender.socket;
  spec.connections = figure.connections;
  spec.window = figure.window;
  spec.warmup = figure.warmup;
  spec.limit = figure.window + figure.warmup + std::chrono::seconds(60);
  spec.seed = figure.seed;
  spec.pick_seed = figure.seed + static_cast<unsigned>(round);
  spec.cpu_time = [process = contender.process] { return process->CpuTime(); };
  if (figure.tuples == Tuples::kNew) {
    // Not to the end: a deferred recipient has none, so the others must not go there either.
    spec.layout = supply::kNew;
    spec.first_message = *figure.next_new;
    spec.messages = ~std::uint64_t{0};
  } else {
    spec.layout = figure.tuples == Tuples::kKnown ? supply::kKnown : supply::kUnsuspicious;
    spec.messages = figure.known;
    spec.random = true;
    spec.depth = LoadSession::Depth::kEndOfMessage;
  }
  return spec;
}

// The share of the answers that the scenario wants of mxward: a figure of tuples that were not
// deferred, or not known, would measure something else.
double ExpectedShare(const LoadResult& result, Tuples tuples) {
  const auto wanted = tuples == Tuples::kNew ? result.deferred : result.passed;
  const auto answered = result.passed + result.deferred + result.rejected;
  const auto all = std::max(answered, result.sessions) + result.failures;
  return all == 0 ? 0 : static_cast<double>(wanted) / static_cast<double>(all);
}

void PrintRatio(const Figure& figure, const Contenders& contenders, Turn other) {
  std::vector<double> cpu_more;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < figure.samples[kMxward].size(); ++i) {
    const Sample& ours = figure.samples[kMxward][i];
    const Sample& theirs = figure.samples[other][i];
    cpu_more.push_back(ours.cpu_us_a_session - theirs.cpu_us_a_session);
    ratios.push_back(ours.sessions_per_second / theirs.sessions_per_second);
  }
  std::sort(ratios.begin(), ratios.end());
  std::printf("  mxward / %-6s %6.2f (rounds %.2f to %.2f)   RCPT p99 %.2f   CPU %+.0f us\n",
              contenders[other].name.c_str(), Median(ratios), ratios.front(), ratios.back(),
              MedianRatio(figure, other, &Sample::rcpt_p99_us), Median(cpu_more));
}

}  // namespace

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double Quantile(std::vector<float>& values, double q) {
  if (values.empty()) return 0;
  const auto rank = static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return values[static_cast<std::size_t>(rank)];
}

Sample SampleOf(LoadResult& result) {
  const auto sessions = static_cast<double>(std::max<std::uint64_t>(1, result.sessions));
  Sample sample;
  sample.sessions_per_second = sessions / std::chrono::duration<double>(result.elapsed).count();
  sample.rcpt_p50_us = Quantile(result.rcpt_us, 0.5);
  sample.rcpt_p99_us = Quantile(result.rcpt_us, 0.99);
  sample.session_p50_us = Quantile(result.session_us, 0.5);
  sample.session_p99_us = Quantile(result.session_us, 0.99);
  sample.cpu_us_a_session =
      std::chrono::duration<double, std::micro>(result.cpu).count() / sessions;
  return sample;
}

double MedianOf(const Figure& figure, Turn turn, double Sample::*member) {
  std::vector<double> values;
  for (const Sample& sample : figure.samples[turn]) values.push_back(sample.*member);
  return Median(std::move(values));
}

double MedianRatio(const Figure& figure, Turn other, double Sample::*member) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < figure.samples[kMxward].size(); ++i) {
    const double divisor = figure.samples[other][i].*member;
    if (divisor > 0) ratios.push_back(figure.samples[kMxward][i].*member / divisor);
  }
  return Median(std::move(ratios));
}

Result<Figure> RunFigure(const FigureSpec& spec, Contenders& contenders) {
  Figure figure;
  figure.spec = spec;
  for (int round = 0; round < spec.pairs; ++round) {
    std::vector<Turn> order = {kFull, kMxward, kSame};
    if (contenders.size() > kBefore) order.insert(order.begin() + 2, kBefore);
    if (round % 2 == 1) std::reverse(order.begin(), order.end());
    for (const Turn turn : order) {
      const Contender& contender = contenders[turn];
      auto result = RunLoad(SpecOf(spec, contender, round));
      if (!result) return Fail(contender.name, result.error());
      // Each version of mxward has a store of its own, but what they get is not to differ in age.
      const bool judges = turn == kMxward || turn == kBefore;
      if (judges && spec.tuples == Tuples::kNew) *spec.next_new += result->messages_used;
      if (turn == kMxward) {
        figure.expected_answers =
            std::min(figure.expected_answers, ExpectedShare(*result, spec.tuples));
      }
      figure.samples[turn].push_back(SampleOf(*result));
      figure.memory[turn] = contender.process->Memory();
      AwaitQuiet(*contender.process);
    }
  }
  return figure;
}

const char* TuplesText(Tuples tuples) {
  switch (tuples) {
    case Tuples::kNew:
      return "new tuples";
    case Tuples::kKnown:
      return "known tuples";
    case Tuples::kUnsuspicious:
      return "unsuspicious clients";
  }
  return "";
}

void PrintFigure(const Figure& figure, const Contenders& contenders) {
  const FigureSpec& spec = figure.spec;
  std::printf("\n%s, %d connections, %llu idle beside (%d pairs)\n", TuplesText(spec.tuples),
              spec.connections, static_cast<unsigned long long>(spec.idle), spec.pairs);
  std::printf("  %-8s %10s %17s %21s %9s %8s %8s\n", "", "sessions/s", "RCPT us p50/p99",
              "session us p50/p99", "CPU us", "RSS MB", "anon MB");
  for (std::size_t number = 0; number < contenders.size(); ++number) {
    const auto turn = static_cast<Turn>(number);
    const auto median = [&](double Sample::*member) { return MedianOf(figure, turn, member); };
    std::printf("  %-8s %10.0f %8.0f %8.0f %10.0f %10.0f %9.0f %8.1f %8.1f\n",
                contenders[turn].name.c_str(), median(&Sample::sessions_per_second),
                median(&Sample::rcpt_p50_us), median(&Sample::rcpt_p99_us),
                median(&Sample::session_p50_us), median(&Sample::session_p99_us),
                median(&Sample::cpu_us_a_session),
                static_cast<double>(figure.memory[turn].rss_kib) / 1024,
                static_cast<double>(figure.memory[turn].anon_kib) / 1024);
  }
  for (std::size_t other = kFull; other < contenders.size(); ++other) {
    PrintRatio(figure, contenders, static_cast<Turn>(other));
  }
  if (figure.expected_answers < 0.99) {
    std::printf("  NOT VALID: only %.1f %% of mxward's answers were what %s get\n",
                100 * figure.expected_answers, TuplesText(spec.tuples));
  }
  std::fflush(stdout);
}

}  // namespace mxward
