// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/output/output.h"
#include "cli/replay/replay.h"
#include "control/json.h"

namespace mxward::cli {

struct ReportOptions {
  std::string config;      // where the config is from; empty: there is none, the defaults count
  bool observing = false;  // it says mode = "observe", and is replayed as if it did not
  bool dns = false;        // the DNS was asked
  bool lists = false;      // the config has DNS lists
  Seconds retry{};         // that was assumed
  Millis took{};           // 0: not measured
  std::vector<std::string> changes;  // of the second configuration, as they were given
  std::size_t organisations = 10;
};

// A replay as one answer: members of it are part of the interface, new ones come last in theirs.
Json ReplayDocument(const ReplayResult& result, const ReportOptions& options);
// The answer in the output's format.
void WriteReplay(Output& output, const Json& document);

}  // namespace mxward::cli
