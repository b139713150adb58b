// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/units.h"
#include "cli/commands/commands.h"
#include "cli/exit_status.h"
#include "cli/import/importer.h"

namespace mxward::cli {
namespace {

// What a format is detected by: not comments and blank lines.
constexpr std::size_t kLookAhead = 200;
// Of the lines in it, all together.
constexpr std::size_t kLookAheadBytes = 4 << 20;
constexpr Millis kProgressOnTerminal{200};
constexpr Millis kProgressElsewhere{10000};

std::string NamesOfFormats() {
  std::string names;
  for (const ImportFormat& format : ImportFormats()) {
    names += (names.empty() ? "" : ", ") + std::string(format.name);
  }
  return names;
}

const ImportFormat* FormatOf(std::string_view name) {
  const auto formats = ImportFormats();
  const auto found = std::find_if(formats.begin(), formats.end(),
                                  [&](const ImportFormat& one) { return one.name == name; });
  return found == formats.end() ? nullptr : &*found;
}

const ImportFormat* Recognise(std::string_view line) {
  const auto formats = ImportFormats();
  const auto found = std::find_if(formats.begin(), formats.end(),
                                  [&](const ImportFormat& one) { return one.recognises(line); });
  return found == formats.end() ? nullptr : &*found;
}

// A line of a file, or that there was one.
struct SeenLine {
  LineSource::Got got{};
  std::string text;
};

// Reads ahead until a line determines the format. Null at the end of the file, or after too many
// lines.
Result<const ImportFormat*> LookAhead(LineSource& source, std::vector<SeenLine>& seen) {
  std::size_t bytes = 0;
  while (seen.size() < kLookAhead && bytes < kLookAheadBytes) {
    SeenLine line;
    MXWARD_TRY(const auto got, source.Next(&line.text));
    if (got == LineSource::Got::kEnd) break;
    line.got = got;
    bytes += line.text.size();
    seen.push_back(std::move(line));
    const bool whole = got == LineSource::Got::kLine;
    const ImportFormat* format = whole ? Recognise(seen.back().text) : nullptr;
    if (format != nullptr) return format;
  }
  return nullptr;
}

class Progress {
 public:
  Progress(Context& context, const LineSource& source, bool asked)
      : context_(context),
        source_(source),
        terminal_(isatty(STDERR_FILENO) == 1),
        wanted_(asked || terminal_) {}

  void Show(const ImportTotals& totals) {
    const MonoTime now = context_.clock().Monotonic();
    if (!wanted_ || now < next_) return;
    next_ = now + (terminal_ ? kProgressOnTerminal : kProgressElsewhere);
    std::string text = std::to_string(totals.records) + " records";
    if (const auto size = source_.size(); size && *size > 0) {
      text += ", " +
              std::to_string(std::min<std::uint64_t>(100, source_.bytes_read() * 100 / *size)) +
              " % of the file";
    }
    if (terminal_) {
      context_.output().Transient(text);
      shown_ = true;
    } else {
      context_.output().Say(text);
    }
  }
  void End() {
    if (shown_) context_.output().Transient("");
  }

 private:
  Context& context_;
  const LineSource& source_;
  bool terminal_;
  bool wanted_;
  bool shown_ = false;
  MonoTime next_{};
};

void WriteTotals(Output& output, const ImportTotals& totals, std::string_view format,
                 bool dry_run) {
  output.Line(std::string(format) + ": " + std::to_string(totals.records) +
              (totals.records == 1 ? " record read" : " records read") +
              (dry_run ? ", nothing was changed (--dry-run)" : ""));
  Facts facts = {{"new", std::to_string(totals.added)},
                 {"brought up to date", std::to_string(totals.changed)},
                 {"known already", std::to_string(totals.kept)}};
  const auto add = [&](const std::string& what, std::uint64_t count) {
    if (count > 0) facts.emplace_back(what, std::to_string(count));
  };
  add("left out: expired", totals.expired);
  add("left out: from the future", totals.future);
  add("left out: hashed under another key", totals.hashed);
  add("left out: stored by too large a network", totals.too_wide);
  for (const auto& [what, count] : totals.left_out) add("left out: " + what, count);
  add("lines that could not be parsed", totals.unreadable);
  WriteFacts(output, facts);
}

void SayProblems(Output& output, const ImportTotals& totals) {
  for (const auto& [line, why] : totals.problems) {
    output.Say("line " + std::to_string(line) + ": " + why);
  }
  const std::uint64_t more = totals.unreadable - totals.problems.size();
  if (more > 0) output.Say("and " + std::to_string(more) + " more lines that could not be parsed");
  for (const std::string& notice : totals.notices) output.Say(notice);
}

}  // namespace

namespace {

// For who gave the wrong file.
std::string WhatWasSeen(std::uint64_t lines, const std::string& first) {
  if (lines == 0) return "it is empty";
  std::string text = std::to_string(lines) + (lines == 1 ? " line was" : " lines were") + " read";
  return first.empty() ? text : text + ", the first is \"" + first + "\"";
}

}  // namespace

int RunImport(Context& context, const Words& words) {
  Output& output = context.output();
  const bool dry_run = words.Has("--dry-run");
  const std::string from = words.Get("--from");
  const ImportFormat* format = words.Has("--from") ? FormatOf(from) : nullptr;
  if (words.Has("--from") && format == nullptr) {
    return context.UsageError("--from: \"" + Printable(from) +
                              "\" is unknown; there are: " + NamesOfFormats());
  }
  ImportTerms terms;
  terms.now = context.clock().Now();
  if (words.Has("--delay")) {
    const auto delay = ParseDuration(words.Get("--delay"));
    if (!delay) return context.UsageError("--delay: " + delay.error().message);
    terms.delay = std::chrono::ceil<Seconds>(*delay);
  }
  auto source = LineSource::Open(words.Get("FILE"));
  if (!source) return context.Report(source.error());
  std::vector<SeenLine> seen;
  if (format == nullptr) {
    const auto found = LookAhead(*source, seen);
    if (!found) return context.Report(found.error());
    format = *found;
  }
  if (format == nullptr) {
    const std::string first = seen.empty() ? "" : EscapeForLog(Trim(seen.front().text), 60);
    output.Say("cannot detect the format from the first lines (" + WhatWasSeen(seen.size(), first) +
               "): use --from with one of " + NamesOfFormats());
    return kExitTrouble;
  }
  const auto backend = context.OpenBackend(Context::Needs::kDaemon);
  if (backend == nullptr) return kExitTrouble;

  Progress progress(context, *source, words.Has("--progress"));
  const auto reader = format->make(terms);
  Importer importer(*backend, *reader,
                    {.dry_run = dry_run,
                     .name = std::string(format->name),
                     .progress = [&](const ImportTotals& totals) { progress.Show(totals); },
                     .wait = [&] { context.Sleep(Seconds(1)); }});
  // What there is to read may be nothing; what is something else altogether is not.
  bool recognised = false;
  std::string first;
  const auto read_line = [&](const SeenLine& line) -> Result<void> {
    if (first.empty()) first = EscapeForLog(Trim(line.text), 60);
    if (line.got != LineSource::Got::kTooLong) {
      recognised = recognised || format->recognises(line.text);
      return importer.Read(line.text);
    }
    importer.TooLong();
    return {};
  };
  Result<void> done;
  for (auto line = seen.begin(); done && line != seen.end(); ++line) done = read_line(*line);
  seen.clear();
  for (SeenLine line; done;) {
    const auto got = source->Next(&line.text);
    if (!got) {
      done = Fail(got.error());
    } else if (*got == LineSource::Got::kEnd) {
      break;
    } else {
      line.got = *got;
      done = read_line(line);
    }
  }
  if (done) done = importer.Finish();
  progress.End();
  const ImportTotals& totals = importer.totals();
  if (output.format() == Format::kTable) {
    WriteTotals(output, totals, format->name, dry_run);
  } else {
    Json answer;
    answer.Set("from", format->name).Set("dry_run", dry_run).Set("complete", done.has_value());
    Json counts = totals.ToJson();
    for (const JsonMember& member : counts.members()) answer.Set(member.name, member.value);
    output.Document(answer);
  }
  SayProblems(output, totals);
  if (!done) {
    output.Say(done.error().message);
    if (totals.added + totals.changed > 0 && !dry_run) {
      output.Say("what was imported so far is kept; run the command again for the rest");
    }
    return kExitTrouble;
  }
  if (totals.records == 0 && !recognised) {
    output.Say("nothing in it is known as " + std::string(format->name) + "'s; " +
               WhatWasSeen(totals.lines, first));
  }
  if (totals.records == 0 && (totals.unreadable > 0 || !recognised)) return kExitTrouble;
  const std::string missing = reader->Finish();
  if (missing.empty()) return kExitOk;
  output.Say(missing);
  return kExitNegative;
}

}  // namespace mxward::cli
