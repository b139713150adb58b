// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "config/config.h"
#include "facts/decision.h"

namespace mxward::policy {

// The replies of mxward. A 4xx never says "Service unavailable" or "Client host rejected": the
// stock filter of fail2ban would ban an honest server for it.

// 451 4.7.1 with greylist.text.
SmtpReply GreylistReply(Seconds remaining, const Config& config);
// 550 5.7.1 with reply.contact.
SmtpReply BlockedReply(std::string_view what, const Config& config);
// 451 4.3.0, for on_failure = "tempfail".
SmtpReply FailureReply();

}  // namespace mxward::policy
