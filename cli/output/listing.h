// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/output/rows.h"

namespace mxward::cli {

inline constexpr std::int64_t kNoLimit = 0;

// What --limit says, or what the format shows without it; nothing for what is not a number, and
// that has been said.
std::optional<std::int64_t> LimitOf(Context& context, const Words& words);

// Says that a table was cut off.
void SayCut(Output& output, std::size_t shown);

// Prints a listing of the API slice by slice as it comes; returns the exit status.
int PrintListing(Context& context, const Words& words, Context::Needs needs,
                 const std::string& path, Parameters parameters, Layout layout);

}  // namespace mxward::cli
