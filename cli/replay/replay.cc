// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/replay.h"

#include <algorithm>
#include <utility>

#include "cli/replay/log_line.h"
#include "cli/replay/player.h"
#include "cli/replay/stage.h"

namespace mxward::cli {
namespace {

// How many lines are looked at to see when a file begins.
constexpr int kFirstLines = 100;
constexpr std::uint64_t kProgressEvery = 4096;

WallTime LatestOf(const LogFile& file, WallTime now) { return file.written().value_or(now); }

// When the log of a file begins; nothing when it is none.
std::optional<WallTime> BeginOf(const std::string& path, WallTime now, Error& error) {
  auto file = LogFile::Open(path);
  if (!file) {
    error = file.error();
    return std::nullopt;
  }
  maillog::TimeReader times;
  times.BeginFile(LatestOf(**file, now));
  std::string_view text;
  for (int i = 0; i < kFirstLines && (*file)->Next(text); ++i) {
    if (const auto line = maillog::ParseLine(text, times)) return line->time;
  }
  error = {ErrorCode::kInvalid, (*file)->path() +
                                    ": contains no syslog line (\"Nov 26 "
                                    "10:00:00 host program[pid]: ...\")"};
  return std::nullopt;
}

// The oldest first, whatever the order they are named in; what cannot be read twice comes last.
Result<std::vector<std::string>> InOrder(const ReplayOptions& options) {
  std::vector<std::pair<WallTime, std::string>> files;
  for (const std::string& path : options.files) {
    if (path == "-") {
      files.emplace_back(WallTime::max(), path);
      continue;
    }
    Error error;
    const auto begin = BeginOf(path, options.now, error);
    if (!begin) return Fail(std::move(error));
    files.emplace_back(*begin, path);
  }
  std::stable_sort(files.begin(), files.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> order;
  order.reserve(files.size());
  for (auto& [begin, path] : files) order.push_back(std::move(path));
  return order;
}

// One configuration on its way through the log, on a clock of its own: assumed retries are made
// between the lines.
struct Course {
  explicit Course(ReplayOutcome& out) : outcome(out) {}
  Result<void> Begin(const ReplayOptions& options) {
    MXWARD_TRY(stage, Stage::Build({outcome.config, options.temporary, options.dns}, clock));
    player.emplace(*stage, clock, outcome.tally, outcome.evidence, options.retry);
    return {};
  }
  Result<void> End(const std::string& temporary) {
    player->End();
    outcome.refused = stage->engine().counters().recipients_refused.value();
    for (const RuleConfig& rule : outcome.config->rule) {
      const auto count = stage->engine().rule_counts().Of(rule.name);
      outcome.rules.push_back({rule.name, count.hits, count.observed});
    }
    outcome.warnings = stage->warnings();
    if (const auto& written = stage->outcome(); !written) {
      return Fail("the database of the replay in " + temporary, written.error());
    }
    return {};
  }

  ReplayOutcome& outcome;
  LogClock clock;
  std::unique_ptr<Stage> stage;
  std::optional<Player> player;
};

}  // namespace

Result<ReplayResult> Replay(const ReplayOptions& options, const ReplayProgress& progress) {
  MXWARD_TRY(const auto order, InOrder(options));
  std::vector<std::unique_ptr<LogFile>> files;
  std::uint64_t size = 0;
  bool size_known = true;
  for (const std::string& path : order) {
    MXWARD_TRY(auto file, LogFile::Open(path));
    size += file->size();
    size_known = size_known && file->written().has_value();
    files.push_back(std::move(file));
  }
  ReplayResult result;
  result.outcomes.reserve(options.configs.size());
  std::vector<std::unique_ptr<Course>> courses;
  for (const auto& config : options.configs) {
    ReplayOutcome& outcome = result.outcomes.emplace_back(config);
    MXWARD_TRY(courses.emplace_back(std::make_unique<Course>(outcome))->Begin(options));
  }
  maillog::Assembler assembler([&courses](const maillog::Step& step) {
    for (const auto& course : courses) course->player->Play(step);
  });
  maillog::TimeReader times;
  maillog::TimeGuard guard;
  if (options.year != 0) times.SetYear(options.year);
  std::uint64_t done = 0;
  for (const auto& file : files) {
    times.BeginFile(LatestOf(*file, options.now));
    std::string_view text;
    while (file->Next(text)) {
      if (++result.lines % kProgressEvery == 0 && progress) {
        progress(done + file->position(), size_known ? size : 0, result.lines);
      }
      const auto line = maillog::ParseLine(text, times);
      if (!line) {
        ++result.not_syslog;
        continue;
      }
      if (!guard.Believes(line->time)) {
        ++result.astray;
        continue;
      }
      if (!result.from) result.from = line->time;
      assembler.Add(*line);
    }
    done += file->size();
    ++result.files;
    if (!file->error().empty()) result.problems.push_back(file->error());
  }
  if (!result.from) {
    return Fail(ErrorCode::kInvalid, "the input contains no syslog line");
  }
  result.until = assembler.now();
  assembler.End();
  result.counts = assembler.counts();
  for (const auto& course : courses) MXWARD_TRY(course->End(options.temporary));
  return result;
}

}  // namespace mxward::cli
