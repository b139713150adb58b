// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "tests/bench/child_process.h"

namespace mxward {

// What the programs of the benchmark do first: as many open files as allowed, for themselves and
// what they start; the directory is made, and a warning printed where commits cost nothing.
void PrepareBench(const std::string& directory);

// A filter that does nothing, mode "full" or "same", on directory/name.sock; returns when it
// answers.
Result<std::unique_ptr<ChildProcess>> StartNullFilter(const std::string& program,
                                                      const std::string& mode,
                                                      const std::string& directory,
                                                      const std::string& name);

}  // namespace mxward
