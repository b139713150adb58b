// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "cli/replay/event.h"

namespace mxward::cli::maillog {

// Whether a program is a Sendmail that takes mail: "sendmail", "sm-mta", "sm-mta-in",
// "sm-acceptingconnections" (FreeBSD). The queue
// runner of local submissions ("sm-msp-queue") is none.
bool IsSendmail(std::string_view program);

// What Sendmail said at its standard log level (9). Pure; any bytes.
//
// "relay=name [a] (may be forged)" is a forged name, "relay=[a]" no name. What Sendmail does not
// log of a session: its beginning and end, and the HELO.
Event ParseSendmail(std::string_view text);

}  // namespace mxward::cli::maillog
