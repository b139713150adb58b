// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/result.h"
#include "entries/entry.h"

namespace mxward::entries {

// Whether an entry with that key, as an administrator writes it, could ever match; the message says
// in which form it would. Only for entries that are made: those of before have to be found, to be
// forgotten. Pure.
//
// A key is one address, name or prefix. It has no patterns: domains and names cover what is below
// them, and for everything else there are rules.
Result<void> CheckKeyCanMatch(Kind kind, std::string_view text);

}  // namespace mxward::entries
