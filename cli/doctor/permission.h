// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "cli/doctor/machine.h"

namespace mxward::cli::doctor {

// What keeps somebody from a socket.
struct Obstacle {
  std::string path;  // the folder that may not be entered, or the socket itself
  Machine::File file;
};

// The first obstacle on the way of `account` from the folder `root`, which counts, to the socket at
// `path` below it: folders want "x", the socket wants "w" (unix(7)). Nothing: the way is free.
// kNotFound: there is no such socket. kUnavailable: whoever runs this cannot tell.
Result<std::optional<Obstacle>> FirstObstacle(Machine& machine, const Machine::Account& account,
                                              const std::string& root, const std::string& path);

// "drwxr-x--- mxward postfix", as ls(1) shows it.
std::string DescribeFile(Machine& machine, const Machine::File& file);

}  // namespace mxward::cli::doctor
