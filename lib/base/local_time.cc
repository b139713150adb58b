// SPDX-License-Identifier: Apache-2.0
#include "base/local_time.h"

#include <ctime>

namespace mxward {

LocalTime LocalTimeOf(WallTime time) {
  const std::time_t seconds = time.time_since_epoch().count();
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return {(parts.tm_wday + 6) % 7, parts.tm_hour * 60 + parts.tm_min};
}

}  // namespace mxward
