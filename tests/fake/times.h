// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

namespace mxward {

// Now, where a test hands in the time and needs no FakeClock: Monday, 5 January 2026, 00:00:00 UTC.
inline constexpr WallTime kNow{Seconds(1767571200)};

inline constexpr Seconds kSecond{1};
inline constexpr Seconds kMinute{60};
inline constexpr Seconds kHour{3600};
inline constexpr Seconds kDay{86400};

}  // namespace mxward
