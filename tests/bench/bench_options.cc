// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/bench_options.h"

#include <string_view>

#include "tests/bench/option_values.h"

namespace mxward {
namespace {

constexpr int kLongestWindow = 60'000;

bool ParseList(std::string_view text, std::vector<int>& numbers, int least) {
  numbers.clear();
  while (true) {
    const std::size_t comma = text.find(',');
    int number = 0;
    if (!ParseNumber(text.substr(0, comma), number) || number < least) return false;
    numbers.push_back(number);
    if (comma == text.npos) return true;
    text.remove_prefix(comma + 1);
  }
}

void MakeQuick(BenchOptions& options) {
  options.pairs = 3;
  options.window = std::chrono::milliseconds(250);
  options.records = 20'000;
  options.known = 2'000;
  options.clients = 20'000;
  options.restarts = 2;
  options.connections = {16, 128};
  options.idle = {0};
}

// Takes "--name value"; false if the name is not known or the value is not acceptable.
bool Apply(std::string_view name, std::string_view value, BenchOptions& options) {
  int window = 0;
  if (name == "--daemon") options.daemon = value;
  if (name == "--before") options.before = value;
  if (name == "--null-filter") options.null_filter = value;
  if (name == "--unbound") options.unbound = value;
  if (name == "--dir") options.directory = value;
  if (name == "--daemon" || name == "--before" || name == "--null-filter" || name == "--unbound" ||
      name == "--dir") {
    return !value.empty();
  }
  if (name == "--pairs") return ParseCount(value, options.pairs);
  if (name == "--restarts") return ParseCount(value, options.restarts);
  if (name == "--records") return ParseCount(value, options.records);
  if (name == "--known") return ParseCount(value, options.known);
  if (name == "--clients") return ParseCount(value, options.clients);
  if (name == "--seed") return ParseNumber(value, options.seed);
  if (name == "--connections") return ParseList(value, options.connections, 1);
  if (name == "--idle") return ParseList(value, options.idle, 0);
  if (name == "--window" && ParseNumber(value, window) && window > 0 && window <= kLongestWindow) {
    options.window = std::chrono::milliseconds(window);
    return true;
  }
  if (name != "--tuples") return false;
  if (value == "new") options.tuples = {Tuples::kNew};
  if (value == "known") options.tuples = {Tuples::kKnown};
  if (value == "unsuspicious") options.tuples = {Tuples::kUnsuspicious};
  return options.tuples.size() == 1;
}

}  // namespace

std::string BenchUsage() {
  return R"(usage: mxward_bench [--daemon PROGRAM] --null-filter PROGRAM --dir DIR [options]
  --daemon PROGRAM      mxward; without it the filter *same* stands in, to see the noise
  --before PROGRAM      another mxward, which takes its turns as well
  --null-filter PROGRAM mxward_null_filter
  --unbound PROGRAM     (/usr/sbin/unbound)
  --dir DIR             for store, sockets and logs; on a real disk, not tmpfs
  --quick               a look of two minutes: fewer figures, records and pairs
  --pairs N             rounds of each figure (20)
  --window MS           length of one run (500)
  --records N           pending tuples in the store (1000000)
  --known N             known tuples, and clients that pass, to choose from (20000)
  --clients N           clients met before memory is looked at (200000)
  --connections LIST    (1,16,128,1000)
  --idle LIST           connections open beside (0,4000)
  --tuples KIND         only "new", "known" or "unsuspicious" ones
  --restarts N          starts to take the median of (5)
  --no-store-figures    leave out start-up time and bytes on disk
  --seed N
Options apply in their order: --quick first.
)";
}

Result<BenchOptions> ParseBenchOptions(int argc, char** argv) {
  BenchOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--help" || name == "-h") return Fail(ErrorCode::kInvalid, "");
    if (name == "--quick") {
      MakeQuick(options);
    } else if (name == "--no-store-figures") {
      options.store_figures = false;
    } else if (i + 1 == argc || !Apply(name, argv[i + 1], options)) {
      return Fail(ErrorCode::kInvalid, "wrong option or value: " + std::string(name));
    } else {
      ++i;
    }
  }
  if (options.null_filter.empty() || options.directory.empty()) {
    return Fail(ErrorCode::kInvalid, "--null-filter and --dir are needed");
  }
  return options;
}

}  // namespace mxward
