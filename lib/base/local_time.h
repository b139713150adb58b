// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

namespace mxward {

// The time of day where this machine is.
struct LocalTime {
  int weekday = 0;  // 0 is Monday
  int minute = 0;   // since midnight, 0..1439
};

// By the time zone of the process (TZ, or /etc/localtime). Thread-safe.
LocalTime LocalTimeOf(WallTime time);

}  // namespace mxward
