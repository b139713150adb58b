// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "base/clock.h"
#include "config/config.h"
#include "facts/decision.h"
#include "facts/session_facts.h"
#include "policy/evidence.h"
#include "policy/facts.h"

namespace mxward::policy {

// The replies of mxward. A 4xx never says "Service unavailable" or "Client host rejected": the
// stock filter of fail2ban would ban an honest server for it.

// 451 4.7.1 with greylist.text.
SmtpReply GreylistReply(Seconds remaining, const Facts& facts, const Config& config);
// What a rule with action = "defer" or "reject" says; a 5xx with reply.contact.
SmtpReply RuleReply(const RuleConfig& rule, const Facts& facts, const Config& config);
// 550 5.7.1 with reply.contact.
SmtpReply BlockedReply(std::string_view what, const Config& config);
// 554 5.7.1 "Service unavailable; Client host [192.0.2.1] blocked using NAME", the form that
// Postfix uses and fail2ban knows; then text, the list's own, made printable; then reply.contact.
// Text that would give the list's key away is left out.
SmtpReply ListedReply(const ListEvidence& said, const SessionFacts& session, std::string_view text,
                      const Config& config);
// 550 5.7.1 with what was found, and reply.contact. Rules are "local policy": their names are for
// the administrator.
SmtpReply SuspiciousReply(const std::vector<Finding>& findings, bool by_rules,
                          const Config& config);
// 451 4.3.0, for on_failure = "tempfail".
SmtpReply FailureReply();

}  // namespace mxward::policy
