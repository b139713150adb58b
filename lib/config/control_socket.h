// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"

namespace mxward {

// The value of control.socket in a configuration file, the default where it does not say: all that
// a client of the daemon has to know. Nothing else is looked at, above all no list file, so that a
// mistake elsewhere, or a million patterns, keep nobody from a running daemon. An error when the
// file cannot be read, or is not TOML that contains it. Does not throw; thread-safe.
Result<std::string> ConfiguredControlSocket(const std::string& path);

}  // namespace mxward
