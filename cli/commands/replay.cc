// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/replay.h"

#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "base/own_addresses.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/commands/commands.h"
#include "cli/exit_status.h"
#include "cli/output/rows.h"
#include "cli/replay/report.h"
#include "config/loader.h"

namespace mxward::cli {
namespace {

constexpr Seconds kRetry{300};
constexpr Millis kRedrawEvery{200};
constexpr std::size_t kBarWidth = 30;

// A bar on the standard error, where that is a terminal.
class Bar {
 public:
  explicit Bar(const Clock& clock) : clock_(clock) {
    const char* kind = std::getenv("TERM");
    shown_ = isatty(STDERR_FILENO) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
  }
  ~Bar() {
    if (drawn_) std::fputs("\r\033[K", stderr);
  }
  Bar(const Bar&) = delete;
  Bar& operator=(const Bar&) = delete;

  void Draw(std::uint64_t bytes, std::uint64_t of, std::uint64_t lines) {
    if (!shown_) return;
    const MonoTime now = clock_.Monotonic();
    if (drawn_ && now - last_ < kRedrawEvery) return;
    drawn_ = true;
    last_ = now;
    if (of == 0) {
      std::fprintf(stderr, "\r%llu lines\033[K", static_cast<unsigned long long>(lines));
      return;
    }
    const std::uint64_t done = bytes < of ? bytes : of;
    std::string bar(static_cast<std::size_t>(done * kBarWidth / of), '#');
    bar.resize(kBarWidth, '.');
    std::fprintf(stderr, "\r[%s] %3u %%, %llu lines\033[K", bar.c_str(),
                 static_cast<unsigned>(done * 100 / of), static_cast<unsigned long long>(lines));
  }

 private:
  const Clock& clock_;
  bool shown_ = false;
  bool drawn_ = false;
  MonoTime last_{};
};

std::string TemporaryFolder() {
  const char* folder = std::getenv("TMPDIR");
  return folder != nullptr && *folder != '\0' ? folder : "/tmp";
}

// A number from the words; false when it is none, or out of bounds.
bool ReadNumber(const std::string& text, int least, int most, int& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() && number >= least &&
         number <= most;
}

// What the words say; the complaint when they say something that is not possible.
std::string ReadWords(const Words& words, ReplayOptions& options, ReportOptions& report) {
  options.files = words.All("FILE");
  std::size_t standard = 0;
  for (const std::string& file : options.files) {
    if (file.empty()) return "replay: FILE is empty";
    if (file == "-") ++standard;
  }
  if (standard > 1) return "replay: \"-\" can be given once";
  if (words.Has("--journal")) {
    options.journal = {words.Get("--since"), words.Get("--until")};
  } else if (words.Has("--since") || words.Has("--until")) {
    return "--since and --until are for --journal";
  } else if (options.files.empty()) {
    return "replay: name a log, such as /var/log/mail.log, or --journal";
  }
  options.dns = words.Has("--dns");
  options.retry = kRetry;
  if (words.Has("--retry")) {
    const auto retry = ParseDuration(words.Get("--retry"));
    if (!retry) return "--retry: " + retry.error().message;
    options.retry = std::chrono::floor<Seconds>(*retry);
    if (options.retry < Seconds(1) || options.retry > std::chrono::hours(24)) {
      return "--retry: must be from 1s to 1d";
    }
  }
  if (words.Has("--year") && !ReadNumber(words.Get("--year"), 1970, 9999, options.year)) {
    return "--year: a year of four digits, not \"" + EscapeForLog(words.Get("--year"), 20) + "\"";
  }
  int most = static_cast<int>(report.organisations);
  if (words.Has("--limit") && !ReadNumber(words.Get("--limit"), 0, 100000, most)) {
    return "--limit: a number up to 100000, not \"" + EscapeForLog(words.Get("--limit"), 20) + "\"";
  }
  report.organisations = most == 0 ? Tally::kMostOrganisations : static_cast<std::size_t>(most);
  return "";
}

// Asked for is what would be decided, whether or not it would be enforced.
std::shared_ptr<const Config> AsReplayed(Config config) {
  config.mode = Mode::kEnforce;
  if (config.trust.self || config.names.own_self) config.trust.own_addresses = OwnAddresses();
  return std::make_shared<const Config>(std::move(config));
}

}  // namespace

int RunReplay(Context& context, const Words& words) {
  ReplayOptions options;
  ReportOptions report;
  if (const auto wrong = ReadWords(words, options, report); !wrong.empty()) {
    return context.UsageError(wrong);
  }
  const auto loaded = context.LoadConfig();
  if (loaded == nullptr) return kExitTrouble;
  report.observing = loaded->mode == Mode::kObserve;
  options.configs.push_back(AsReplayed(*loaded));
  const Context::Files& files = context.files();
  const bool has_file = files.config_given || access(files.config.c_str(), F_OK) == 0;
  report.changes = words.All("--set");
  if (!report.changes.empty()) {
    const LoadResult changed = has_file ? LoadConfigFile(files.config, report.changes)
                                        : ParseConfig("", "", report.changes);
    if (!changed) {
      for (const ConfigProblem& problem : changed.error()) {
        context.output().Say(Printable(problem.ToString()));
      }
      return kExitUsage;
    }
    options.configs.push_back(AsReplayed(*changed));
  }
  options.temporary = TemporaryFolder();
  options.now = context.clock().Now();

  const MonoTime began = context.clock().Monotonic();
  Result<ReplayResult> result = [&] {
    Bar bar(context.clock());
    return Replay(options, [&bar](std::uint64_t bytes, std::uint64_t of, std::uint64_t lines) {
      bar.Draw(bytes, of, lines);
    });
  }();
  if (!result) {
    context.output().Say(result.error().message);
    return kExitTrouble;
  }
  report.took = std::chrono::duration_cast<Millis>(context.clock().Monotonic() - began);
  if (has_file) report.config = files.config;
  report.dns = options.dns;
  report.lists = !loaded->dnsbl.empty();
  report.retry = options.retry;
  WriteReplay(context.output(), ReplayDocument(*result, report));
  for (const ReplayOutcome& outcome : result->outcomes) {
    for (const std::string& warning : outcome.warnings) context.output().Say(warning);
  }
  for (const std::string& problem : result->problems) context.output().Say(problem);
  return result->problems.empty() ? kExitOk : kExitTrouble;
}

}  // namespace mxward::cli
