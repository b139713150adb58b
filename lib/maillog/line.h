// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "maillog/timestamp.h"

namespace mxward::maillog {

// A line of syslog, taken apart. Views into the line.
struct Line {
  WallTime time{};
  std::string_view host;
  std::string_view program;  // "postfix/smtpd", "sm-mta"
  std::uint64_t pid = 0;     // 0: the line does not say
  std::string_view text;     // what the program said
};

// "Nov 26 10:00:00 mx postfix/smtpd[123]: connect from ..."; nothing for what is none.
std::optional<Line> ParseLine(std::string_view line, TimeReader& times);

}  // namespace mxward::maillog
