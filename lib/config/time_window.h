// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/local_time.h"
#include "base/result.h"

namespace mxward {

// Some hours of some days of the week, in local time: "mon-fri 08:00-18:00", "sat,sun",
// "22:00-06:00". One that reaches over midnight belongs to the day on which it begins. Value; pure.
struct TimeWindow {
  static constexpr int kDay = 24 * 60;

  std::uint8_t days = 0x7f;  // bit 0 is Monday
  int from = 0;              // minutes since midnight
  int to = kDay;             // not included; up to kDay, and not `from`

  static Result<TimeWindow> Parse(std::string_view text);
  bool Contains(const LocalTime& time) const;
  // The form that Parse() reads.
  std::string ToString() const;
  bool operator==(const TimeWindow&) const = default;
};

}  // namespace mxward
