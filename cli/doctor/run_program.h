// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace mxward::cli::doctor {

// Runs a program of the system without a shell, with an environment of nothing but PATH and
// LC_ALL=C, and returns what it prints. kNotFound: it is not installed. kTimeout: it took longer
// than `limit`, and was killed. kFull: it prints more than four megabytes. kIo: it failed; the
// message has the first line of what it said.
Result<std::string> RunProgram(const std::string& program, const std::vector<std::string>& words,
                               const Clock& clock, Millis limit);

// The whole path of a program, looked for where only root can put one; "" when it is not there.
std::string FindProgram(const std::string& program);

}  // namespace mxward::cli::doctor
