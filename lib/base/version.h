// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mxward {

// Of both programs: "0.2.0". CMakeLists.txt says it. A file of its own, so that a new version
// compiles nothing else again. Valid from the start of main() on.
extern const std::string_view kVersion;

}  // namespace mxward
