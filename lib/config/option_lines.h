// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/options.h"

namespace mxward {

// Lines of text for dump-config, the sample file and the manual.

// What is longer is spread over several lines where that can be.
inline constexpr std::size_t kLineWidth = 90;

// "key = value\n"; a list too long for one line is spread over several, none of them indented.
std::string AssignmentLines(std::string_view key, const OptionText& value);

// The words of text in lines of at most width characters; a longer word has a line of its own.
std::vector<std::string> Wrap(std::string_view text, std::size_t width);

}  // namespace mxward
