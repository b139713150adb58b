// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mxward::match {

// Whether text is pattern, in which each '*' stands for any characters or none. Compares bytes, and
// takes at most pattern.size() * text.size() steps. Pure.
bool MatchesWildcard(std::string_view pattern, std::string_view text);

}  // namespace mxward::match
