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
  LogClock clock;
  MXWARD_TRY(auto stage, Stage::Build({options.config, options.temporary, options.dns}, clock));

  ReplayResult result;
  Player player(*stage, clock, result.tally, options.retry);
  maillog::Assembler assembler([&player](const maillog::Step& step) { player.Play(step); });
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
  player.End();
  result.counts = assembler.counts();
  result.refused = stage->engine().counters().recipients_refused.value();
  for (const RuleConfig& rule : options.config->rule) {
    const auto count = stage->engine().rule_counts().Of(rule.name);
    result.rules.push_back({rule.name, count.hits, count.observed});
  }
  result.warnings = stage->warnings();
  if (const auto& written = stage->outcome(); !written) {
    return Fail("the database of the replay in " + options.temporary, written.error());
  }
  return result;
}

}  // namespace mxward::cli
