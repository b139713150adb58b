// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/doctor/check.h"
#include "cli/doctor/host_facts.h"
#include "cli/output/output.h"

namespace mxward::cli::doctor {

// One check and what came of it.
struct CheckResult {
  const Check* check = nullptr;
  std::vector<Finding> findings;
  std::vector<std::string> unchecked;

  bool clean() const { return findings.empty() && unchecked.empty(); }
};

// Makes the checks of these names, or without any all of them, but not those to skip.
std::vector<CheckResult> Examine(const HostFacts& facts, const std::vector<std::string>& only,
                                 const std::vector<std::string>& skip);

struct Tally {
  std::size_t checks = 0;
  std::size_t wrong = 0;
  std::size_t warnings = 0;
  std::size_t notes = 0;
  std::size_t unchecked = 0;
};
Tally Count(const std::vector<CheckResult>& all);

// Human-readable: what was found, and a line with the sum. For programs: a row for each finding,
// each thing that could not be checked, and each check that found nothing, with the state "wrong",
// "warning", "note", "unchecked" or "ok".
void WriteExamination(Output& output, const std::vector<CheckResult>& all, WallTime now);

}  // namespace mxward::cli::doctor
