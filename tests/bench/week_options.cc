// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/week_options.h"

#include <string_view>

#include "tests/bench/option_values.h"

namespace mxward {
namespace {

// Takes "--name value"; false if the name is not known or the value is not acceptable.
bool Apply(std::string_view name, std::string_view value, WeekOptions& options) {
  if (name == "--daemon") options.daemon = value;
  if (name == "--null-filter") options.null_filter = value;
  if (name == "--dir") options.directory = value;
  if (name == "--daemon" || name == "--null-filter" || name == "--dir") return !value.empty();
  if (name == "--sessions") return ParseCount(value, options.sessions);
  if (name == "--slice") return ParseCount(value, options.slice);
  if (name == "--connections") return ParseCount(value, options.connections);
  if (name == "--seed") return ParseNumber(value, options.seed);
  return false;
}

}  // namespace

std::string WeekUsage() {
  return R"(usage: mxward_bench_week --daemon PROGRAM --null-filter PROGRAM --dir DIR [options]
  --daemon PROGRAM      mxward
  --null-filter PROGRAM mxward_null_filter
  --dir DIR             for store, sockets and logs; on a real disk, not tmpfs
  --quick               a tenth of the week
  --sessions N          (1400000) of as many clients as keep their visits the same
  --slice N             sessions of one filter before the other has its turn (20000)
  --connections N       at a time (100)
  --no-limits           without them, to see what they cost
  --seed N
Options apply in their order: --quick first.
)";
}

Result<WeekOptions> ParseWeekOptions(int argc, char** argv) {
  WeekOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--help" || name == "-h") return Fail(ErrorCode::kInvalid, "");
    if (name == "--quick") {
      options.sessions = WeekOptions().sessions / 10;
      options.slice = 10'000;
    } else if (name == "--no-limits") {
      options.limits = false;
    } else if (i + 1 == argc || !Apply(name, argv[i + 1], options)) {
      return Fail(ErrorCode::kInvalid, "wrong option or value: " + std::string(name));
    } else {
      ++i;
    }
  }
  if (options.daemon.empty() || options.null_filter.empty() || options.directory.empty()) {
    return Fail(ErrorCode::kInvalid, "--daemon, --null-filter and --dir are needed");
  }
  return options;
}

}  // namespace mxward
