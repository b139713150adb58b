// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cli/replay/assembler.h"
#include "cli/replay/log_file.h"
#include "cli/replay/new_evidence.h"
#include "cli/replay/tally.h"
#include "config/config.h"

namespace mxward::cli {

struct ReplayOptions {
  // Each is replayed by itself; at least one.
  std::vector<std::shared_ptr<const Config>> configs;
  std::vector<std::string> files;  // "-": the standard input
  struct JournalSpan {             // as journalctl takes them; "" for no bound
    std::string since;
    std::string until;
  };
  std::optional<JournalSpan> journal;  // the systemd journal as well
  Seconds retry{300};
  int year = 0;  // of the first line; 0: as the files' times say
  bool dns = false;
  std::string temporary;  // where the database is made
  WallTime now{};         // the real time: a log is from before it
};

// What came of one configuration.
struct ReplayOutcome {
  explicit ReplayOutcome(std::shared_ptr<const Config> replayed)
      : config(std::move(replayed)), evidence(config->score) {}

  std::shared_ptr<const Config> config;
  Tally tally;
  NewEvidence evidence;
  // Of each rule of the config, how many recipients it matched, and would have while it observes.
  struct Rule {
    std::string name;
    std::uint64_t hits = 0;
    std::uint64_t observed = 0;
  };
  std::vector<Rule> rules;
  std::uint64_t refused = 0;          // recipients that the mail server itself refused
  std::vector<std::string> warnings;  // of the engine
};

// What came of it, and of which lines.
struct ReplayResult {
  maillog::Counts counts;
  std::uint64_t files = 0;
  struct Input {
    std::string file;
    std::string format;  // how its lines are written (log_format.h); "" when none was understood
    std::uint64_t lines = 0;
    std::uint64_t mail_server = 0;
    std::uint64_t sessions = 0;  // that began in it
  };
  std::vector<Input> inputs;  // in the order in which they were read
  std::uint64_t lines = 0;
  std::uint64_t not_syslog = 0;  // without a time, a host and a program in front
  std::uint64_t astray = 0;      // from a time far ahead of the lines around
  std::optional<WallTime> from;  // of the mail server's lines
  WallTime until{};
  std::vector<ReplayOutcome> outcomes;  // in the order of the configurations
  std::vector<std::string> problems;    // files that could not be read, or understood
};

// How far it is: of so many bytes (0: nobody knows), lines so far.
using ReplayProgress =
    std::function<void(std::uint64_t bytes, std::uint64_t of, std::uint64_t lines)>;

// Replays logs against configurations, with the engine of the daemon, on the time of the log.
// kInvalid: no log.
Result<ReplayResult> Replay(const ReplayOptions& options, const ReplayProgress& progress);

}  // namespace mxward::cli
