// SPDX-License-Identifier: Apache-2.0
//
// mxward_interference [--traces N] [--events M] [--seed S] [--seconds T] [--verbose]
//
// Whether a stranger decides about others (invariant 11). Each trace of honest clients, bots and an
// adversary is played twice against the real engine over a real store, on a fake clock and fake
// DNS: once with the adversary's events and once without. No verdict about anybody else may be
// milder with them, and none about a client of standing harsher. In each run nothing passes for
// having waited that has not waited (invariant 13). What differs is made small before it is shown:
// the events of the adversary that it needs. 0: nothing differs. 1: something does. 64: usage.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fake/temp_dir.h"
#include "interference/play.h"
#include "interference/trace.h"

namespace mxward::interference {
namespace {

struct Options {
  std::uint64_t traces = 300;
  std::uint64_t events = 300;
  std::uint64_t seed = 1;
  std::uint64_t seconds = 0;          // 0: all traces; else no new one is begun after so long
  std::uint64_t show = 3;             // so many differences
  std::uint64_t attack = kAttacks;    // only this one, by its place in Attack
  std::uint64_t site = Site::kKinds;  // only this kind
};

struct Case {
  std::uint64_t seed;
  Site site;
  std::vector<Event> trace;
};

std::vector<bool> WithoutAdversary(const std::vector<Event>& trace) {
  std::vector<bool> left_out;
  for (const Event& event : trace) left_out.push_back(event.who == Who::kAdversary);
  return left_out;
}

std::string Describe(const Event& event, const Heard& with, const Heard& without) {
  return fmt::format("{}\n      without: {} ({},{})\n      with:    {} ({},{})", event.ToString(),
                     WordOf(without.verdict), WordOf(without.reason), without.findings,
                     WordOf(with.verdict), WordOf(with.reason), with.findings);
}

// What is wrong with these two runs; "" when nothing is. The exceptions are those of mxward(8).
std::string Compare(const Case& one, const Played& with, const Played& without) {
  if (!with.violations.empty()) return with.violations.front();
  bool store_was_slow = false;
  for (std::size_t i = 0; i < one.trace.size(); ++i) {
    const Event& event = one.trace[i];
    store_was_slow = store_was_slow || event.sets_store_delay;
    if (event.who == Who::kAdversary) continue;
    for (std::size_t r = 0; r < with.answers[i].size(); ++r) {
      const Heard& heard = with.answers[i][r];
      const Heard& before = without.answers[i][r];
      if (heard.verdict < before.verdict) return "milder: " + Describe(event, heard, before);
      // A deferral without a record costs its sender one more delay.
      if (event.who == Who::kStanding && heard.verdict > before.verdict && !store_was_slow) {
        return "harsher: " + Describe(event, heard, before);
      }
    }
  }
  return "";
}

std::string Judge(const Case& one, const std::vector<bool>& left_out, const Played& without,
                  const Past& past) {
  return Compare(one, Play(one.trace, left_out, one.site, past), without);
}

// Leaves out as many of the adversary's events as can be, halves first, then ever smaller pieces.
std::vector<bool> Shrink(const Case& one, const Played& without, const Past& past) {
  std::vector<bool> left_out(one.trace.size(), false);
  for (std::size_t piece = one.trace.size() / 2; piece > 0; piece /= 2) {
    for (std::size_t begin = 0; begin < one.trace.size(); begin += piece) {
      std::vector<bool> fewer = left_out;
      for (std::size_t i = begin; i < std::min(begin + piece, fewer.size()); ++i) {
        if (one.trace[i].who == Who::kAdversary) fewer[i] = true;
      }
      if (fewer != left_out && !Judge(one, fewer, without, past).empty()) left_out = fewer;
    }
  }
  return left_out;
}

void Show(const Case& one, const Played& without, const Past& past) {
  const std::vector<bool> left_out = Shrink(one, without, past);
  const Played with = Play(one.trace, left_out, one.site, past);
  std::printf(
      "seed %llu, greylist.apply = %s, the list %s\n    %s\n",
      static_cast<unsigned long long>(one.seed), one.site.greylists_all ? "all" : "suspicious",
      one.site.list_rejects ? "rejects" : "makes suspicious", Compare(one, with, without).c_str());
  std::printf("  what the adversary needed for it:\n");
  std::size_t shown = 0;
  for (std::size_t i = 0; i < one.trace.size(); ++i) {
    if (one.trace[i].who != Who::kAdversary || left_out[i]) continue;
    if (++shown <= 6) std::printf("    %.300s\n", one.trace[i].ToString().c_str());
  }
  if (shown > 6) std::printf("    ... %zu events in all\n", shown);
  for (const std::string& line : with.log) {
    if (std::find(without.log.begin(), without.log.end(), line) == without.log.end()) {
      std::printf("  log: %.300s\n", line.c_str());
    }
  }
  std::fflush(stdout);
}

int Run(const Options& options) {
  const TempDir directory;
  const Past past(directory.path());
  const auto began = std::chrono::steady_clock::now();
  std::uint64_t played = 0;
  std::uint64_t recipients = 0;
  std::uint64_t different = 0;
  for (; played < options.traces; ++played) {
    if (options.seconds > 0 &&
        std::chrono::steady_clock::now() - began > std::chrono::seconds(options.seconds)) {
      break;
    }
    Case one;
    one.seed = options.seed + played;
    one.site = Site::Kind(options.site < Site::kKinds ? options.site : one.seed % Site::kKinds);
    std::optional<Attack> only;
    if (options.attack < kAttacks) only = static_cast<Attack>(options.attack);
    one.trace = Generate(one.seed, options.events, one.site, only);
    const Played without = Play(one.trace, WithoutAdversary(one.trace), one.site, past);
    const std::vector<bool> all_of_it(one.trace.size(), false);
    const Played with = Play(one.trace, all_of_it, one.site, past);
    for (const Answers& answers : with.answers) recipients += answers.size();
    if (!Compare(one, with, without).empty() && ++different <= options.show) {
      Show(one, without, past);
    }
  }
  std::printf("%llu traces, %llu recipients: %llu traces in which a verdict differs\n",
              static_cast<unsigned long long>(played), static_cast<unsigned long long>(recipients),
              static_cast<unsigned long long>(different));
  return different == 0 && played > 0 && recipients > 0 ? 0 : 1;
}

bool Parse(int argc, char** argv, Options* options) {
  const std::pair<std::string_view, std::uint64_t*> known[] = {
      {"--traces", &options->traces}, {"--events", &options->events},
      {"--seed", &options->seed},     {"--seconds", &options->seconds},
      {"--show", &options->show},     {"--attack", &options->attack},
      {"--site", &options->site}};
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    const auto* found = std::find_if(std::begin(known), std::end(known),
                                     [&](const auto& option) { return option.first == name; });
    if (found == std::end(known) || i + 1 == argc) return false;
    const std::string_view value = argv[i + 1];
    const auto [end, error] =
        std::from_chars(value.data(), value.data() + value.size(), *found->second);
    if (error != std::errc() || end != value.data() + value.size()) return false;
  }
  return options->events > 0;
}

}  // namespace
}  // namespace mxward::interference

int main(int argc, char** argv) {
  mxward::interference::Options options;
  if (!mxward::interference::Parse(argc, argv, &options)) {
    std::fprintf(stderr,
                 "usage: %s [--traces N] [--events M] [--seed S] [--seconds T] [--show K]\n",
                 argv[0]);
    return 64;
  }
  setenv("TZ", "UTC", 1);
  tzset();
  try {
    return mxward::interference::Run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 1;
  }
}
