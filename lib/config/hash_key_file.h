// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/siphash.h"

namespace mxward {

// The key in a file of 32 hexadecimal digits, with white space around them; nothing for an empty
// path. kInvalid, with the file's name, for everything else. The message shows nothing of it.
Result<std::optional<HashKey>> ReadHashKeyFile(const std::string& path);

}  // namespace mxward
