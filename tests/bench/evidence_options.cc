// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/evidence_options.h"

#include <string_view>

#include "tests/bench/option_values.h"

namespace mxward {
namespace {

void MakeQuick(EvidenceOptions& options) {
  options.duration = std::chrono::seconds(5);
  options.pairs = 5;
  options.window = std::chrono::milliseconds(250);
}

bool ParseFigures(std::string_view text, std::set<std::string>& figures) {
  const std::set<std::string> known = EvidenceOptions().figures;
  figures.clear();
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string figure(text.substr(0, comma));
    if (!known.contains(figure)) return false;
    figures.insert(figure);
    if (comma == text.npos) return true;
    text.remove_prefix(comma + 1);
  }
}

// Takes "--name value"; false if the name is not known or the value is not acceptable.
bool Apply(std::string_view name, std::string_view value, EvidenceOptions& options) {
  int number = 0;
  if (name == "--daemon") options.daemon = value;
  if (name == "--rbldnsd") options.name_server = value;
  if (name == "--unbound") options.unbound = value;
  if (name == "--dir") options.directory = value;
  if (name == "--daemon" || name == "--rbldnsd" || name == "--unbound" || name == "--dir") {
    return !value.empty();
  }
  if (name == "--figures") return ParseFigures(value, options.figures);
  if (name == "--connections") return ParseCount(value, options.connections);
  if (name == "--rate") return ParseCount(value, options.rate);
  if (name == "--pairs") return ParseCount(value, options.pairs);
  if (name == "--repeated") return ParseCount(value, options.repeated);
  if (name == "--answers") return ParseCount(value, options.answers);
  if (name == "--burst") return ParseCount(value, options.burst);
  if (name == "--seed") return ParseNumber(value, options.seed);
  if (!ParseCount(value, number)) return false;
  if (name == "--duration") options.duration = std::chrono::seconds(number);
  if (name == "--window") options.window = std::chrono::milliseconds(number);
  return name == "--duration" || name == "--window";
}

}  // namespace

std::string EvidenceUsage() {
  return R"(usage: mxward_bench_evidence --daemon PROGRAM --dir DIR [options]
  --daemon PROGRAM   mxward
  --dir DIR          for stores, zones, sockets and logs
  --rbldnsd PROGRAM  (/usr/sbin/rbldnsd)
  --unbound PROGRAM  (/usr/sbin/unbound)
  --quick            shorter runs and fewer pairs
  --figures LIST     (cached,dead,distinct,memory,spf)
  --connections N    at a time, but for the dead resolver (16)
  --rate N           sessions a second of distinct clients (500)
  --duration S       of the run of distinct clients (20)
  --pairs N          rounds with cached answers (20)
  --window MS        length of one run with cached answers (500)
  --repeated N       clients whose answers are cached (300)
  --answers N        in the cache, of which the memory is taken (100000)
  --burst N          connections at once while the resolver is silent (1000)
  --seed N
Options apply in their order: --quick first.
)";
}

Result<EvidenceOptions> ParseEvidenceOptions(int argc, char** argv) {
  EvidenceOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--help" || name == "-h") return Fail(ErrorCode::kInvalid, "");
    if (name == "--quick") {
      MakeQuick(options);
    } else if (i + 1 == argc || !Apply(name, argv[i + 1], options)) {
      return Fail(ErrorCode::kInvalid, "wrong option or value: " + std::string(name));
    } else {
      ++i;
    }
  }
  if (options.daemon.empty() || options.directory.empty()) {
    return Fail(ErrorCode::kInvalid, "--daemon and --dir are needed");
  }
  return options;
}

}  // namespace mxward
