// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/toml_document.h"

namespace mxward {

// The content of a regular file or character device. The message says what is wrong with the file
// and does not name it. Never blocks on a pipe.
Result<std::string> ReadConfigFile(const std::string& path, std::size_t max_bytes);

// The first thing in text that no UTF-8 text file holds: a NUL byte, a bad sequence, UTF-16.
std::optional<PlacedProblem> CheckEncoding(std::string_view text);

}  // namespace mxward
