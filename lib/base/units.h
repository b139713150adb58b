// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace mxward {

// "4m", "48h", "1d12h", "90s", "500ms", "2w": units ms s m h d w, each at most once, largest first.
// "0" needs no unit; a bare number otherwise does, because "300" has been minutes for some
// greylisters and seconds for others. At most a century.
Result<Millis> ParseDuration(std::string_view text);
// The exact form that ParseDuration reads back, in the largest units up to days: "4m", "1d12h",
// "36d"; 48 h are "2d". Weeks are not written.
std::string FormatDuration(Millis duration);
// Human-readable, two units at most: "3 s", "4 min", "2 h 5 min", "36 d". What is
// smaller is cut off.
std::string HumanDuration(Seconds duration);

// "512", "64K", "1G": powers of 1024, units K M G T in either case.
Result<std::uint64_t> ParseSize(std::string_view text);
// The exact form in the largest unit that divides: "1G", "1536K", "1000".
std::string FormatSize(std::uint64_t bytes);
// Human-readable, who compare it with df: "512 bytes", "64.0 KiB", "6.6 GiB".
std::string HumanSize(std::uint64_t bytes);

// RFC 3339 in UTC: "2026-01-31T12:00:00Z".
std::string FormatTime(WallTime time);
// That form backwards, and no other; nothing for dates that do not exist.
std::optional<WallTime> ParseTime(std::string_view text);

}  // namespace mxward
