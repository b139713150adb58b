// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "cli/replay/event.h"

namespace mxward::cli::maillog {

// Pieces of log lines that several kinds of line have in common. They take what they find off the
// front of the text, and return false, the text being as it was, when it is not there.

inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool Skip(std::string_view& text, std::string_view word);
// Up to `end`, which is taken away, too.
bool TakeUntil(std::string_view& text, std::string_view end, std::string_view& taken);
// "4F2C1A0B9D: " or, long, "4bXyZk1WpQz9sXv: ".
bool TakeQueueId(std::string_view& text, std::string_view& queue_id);
// "mail.example.org[192.0.2.1]" or followed by ":4711" (smtpd_client_port_logging).
bool TakeClient(std::string_view& text, Event& event);
// "550 5.1.1 "; either may be missing.
void TakeCodes(std::string_view& text, Event& event);
// The number at the front, 0 where there is none.
std::uint32_t TakeNumber(std::string_view& text);

}  // namespace mxward::cli::maillog
