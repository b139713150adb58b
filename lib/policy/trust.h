// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "config/config.h"
#include "facts/session_facts.h"

namespace mxward::policy {

// How much of what follows applies to a client; from most trusted to least.
enum class Trust : std::uint8_t {
  kNetwork,        // never judged
  kRelay,          // rules and blocks apply, nothing about the client does
  kAuthenticated,  // no evidence, no harvest limit, no greylisting
  kCertificate,    // as authenticated
  kNone,
};

// A client without an address (local) counts as one of a trusted network: there is nothing to
// judge.
Trust TrustOf(const SessionFacts& session, const MessageFacts& message, const TrustConfig& config);

// exempt.recipients: "postmaster" is that local part at any domain, "abuse@example.org" just that
// address; the part from "+" on does not count.
bool IsExempt(std::string_view recipient, const Config& config);

}  // namespace mxward::policy
