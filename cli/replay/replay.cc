// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/replay/journal.h"
#include "cli/replay/log_format.h"
#include "cli/replay/player.h"
#include "cli/replay/stage.h"

namespace mxward::cli {
namespace {

// How many lines are looked at to see when a file begins.
constexpr int kFirstLines = 1000;
constexpr std::uint64_t kProgressEvery = 4096;
// So many lines of a mail server tell of a session, or they are not understood.
constexpr std::uint64_t kBlindAfter = 1000;
constexpr std::string_view kHint =
    "; where the mail server's messages are in the systemd journal: mxwardctl replay --journal";

WallTime LatestOf(const LogFile& file, WallTime now) { return file.written().value_or(now); }

// When the log of a file begins; nothing when it is none.
std::optional<WallTime> BeginOf(const std::string& path, WallTime now, Error& error) {
  auto file = LogFile::Open(path);
  if (!file) {
    error = file.error();
    return std::nullopt;
  }
  maillog::LineReader reader;
  reader.BeginFile(LatestOf(**file, now));
  std::string_view text;
  maillog::Line line;
  for (int i = 0; i < kFirstLines && (*file)->Next(text); ++i) {
    if (reader.Read(text, line) == maillog::LineReader::Took::kLine) return line.time;
  }
  std::string why = (*file)->error();
  if (why.empty()) {
    why =
        (*file)->path() + ": contains no syslog line (\"Nov 26 10:00:00 host program[pid]: ...\")";
    why += reader.Advice().empty() ? kHint : "; " + reader.Advice();
  }
  error = {ErrorCode::kInvalid, std::move(why)};
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

// Lines on their way to the assembler: one whose time leaps is held until the next confirms it.
class Intake {
 public:
  Intake(maillog::Assembler& assembler, ReplayResult& result)
      : assembler_(assembler), result_(result) {}

  void Take(const maillog::Line& line) {
    switch (guard_.Judge(line.time)) {
      case maillog::TimeGuard::Belief::kDoubted:
        Drop();
        Hold(line);
        return;
      case maillog::TimeGuard::Belief::kConfirms:
        PassHeld();
        break;
      case maillog::TimeGuard::Belief::kBelieved:
        Drop();
        break;
    }
    Pass(line);
  }
  // After the last line. latest: no line is from later than this.
  void End(WallTime latest) {
    if (holds_ && held_.time <= latest) PassHeld();
    Drop();
  }

 private:
  void Pass(const maillog::Line& line) {
    if (!result_.from) result_.from = line.time;
    assembler_.Add(line);
  }
  void Hold(const maillog::Line& line) {
    host_ = line.host;
    program_ = line.program;
    text_ = line.text;
    held_ = {line.time, host_, program_, line.pid, text_};
    holds_ = true;
  }
  void PassHeld() {
    if (holds_) Pass(held_);
    holds_ = false;
  }
  void Drop() {
    if (holds_) ++result_.astray;
    holds_ = false;
  }

  maillog::Assembler& assembler_;
  ReplayResult& result_;
  maillog::TimeGuard guard_;
  bool holds_ = false;
  maillog::Line held_;
  std::string host_, program_, text_;
};

// What the file was made of, once it is read.
void NoteInput(const LogFile& file, const maillog::LineReader& reader, std::uint64_t lines,
               const maillog::Counts& before, const maillog::Counts& after, ReplayResult& result) {
  ReplayResult::Input input;
  input.file = file.path();
  input.format = reader.Formats();
  input.lines = lines;
  input.mail_server = after.mail_server - before.mail_server;
  input.sessions = after.sessions - before.sessions;
  if (input.mail_server >= kBlindAfter && input.sessions == 0) {
    result.problems.push_back(fmt::format(
        "{}: {} lines of a mail server, and not one session: replay does not understand this log "
        "(its form: {}), and says nothing about it",
        input.file, input.mail_server, input.format));
  }
  result.inputs.push_back(std::move(input));
}

}  // namespace

Result<ReplayResult> Replay(const ReplayOptions& options, const ReplayProgress& progress) {
  MXWARD_TRY(const auto order, InOrder(options));
  std::vector<std::unique_ptr<LogFile>> files;
  std::uint64_t size = 0;
  bool size_known = true;
  const auto add = [&](std::unique_ptr<LogFile> file) {
    size += file->size();
    size_known = size_known && file->written().has_value();
    files.push_back(std::move(file));
  };
  for (const std::string& path : order) {
    MXWARD_TRY(auto file, LogFile::Open(path));
    add(std::move(file));
  }
  std::unique_ptr<Journal> journal;
  if (options.journal) {
    MXWARD_TRY(journal, Journal::Start(options.journal->since, options.journal->until));
    MXWARD_TRY(auto file, LogFile::Of(journal->TakeOutput(), "the journal"));
    add(std::move(file));
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
  maillog::LineReader reader;
  Intake intake(assembler, result);
  if (options.year != 0) reader.SetYear(options.year);
  std::uint64_t done = 0;
  std::string advice;
  WallTime latest = options.now;
  for (const auto& file : files) {
    latest = LatestOf(*file, options.now);
    reader.BeginFile(latest);
    const maillog::Counts before = assembler.counts();
    const std::uint64_t lines_before = result.lines;
    std::string_view text;
    maillog::Line line;
    while (file->Next(text)) {
      if (++result.lines % kProgressEvery == 0 && progress) {
        progress(done + file->position(), size_known ? size : 0, result.lines);
      }
      switch (reader.Read(text, line)) {
        case maillog::LineReader::Took::kLine:
          intake.Take(line);
          break;
        case maillog::LineReader::Took::kOther:
          ++result.not_syslog;
          break;
        case maillog::LineReader::Took::kPart:
          break;
      }
    }
    done += file->size();
    ++result.files;
    if (advice.empty()) advice = reader.Advice();
    NoteInput(*file, reader, result.lines - lines_before, before, assembler.counts(), result);
    if (!file->error().empty()) {
      result.problems.push_back(file->error() + ": what was read so far is used");
    }
  }
  intake.End(latest + maillog::TimeGuard::kLeap);
  if (journal != nullptr) {
    if (const auto ended = journal->Wait(); !ended)
      result.problems.push_back(ended.error().message);
  }
  if (!result.from) {
    if (options.journal) {
      return Fail(ErrorCode::kInvalid, "the journal contains no message of a mail server");
    }
    return Fail(ErrorCode::kInvalid, "the input contains no syslog line" +
                                         (advice.empty() ? std::string(kHint) : "; " + advice));
  }
  result.until = assembler.now();
  assembler.End();
  result.counts = assembler.counts();
  for (const auto& course : courses) MXWARD_TRY(course->End(options.temporary));
  return result;
}

}  // namespace mxward::cli
