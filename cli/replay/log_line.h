// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"

namespace mxward::cli::maillog {

// A line of syslog, taken apart. Views into the line, or into who read it (log_format.h).
struct Line {
  WallTime time{};
  std::string_view host;     // may be empty
  std::string_view program;  // "postfix/smtpd", "sm-mta"
  std::uint64_t pid = 0;     // 0: the line does not say
  std::string_view text;     // what the program said
};

}  // namespace mxward::cli::maillog
