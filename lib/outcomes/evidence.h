// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "facts/decision.h"

namespace mxward::outcomes {

// The organisation that a sender's address belongs to (clients/organisation.h); "<>" for the null
// sender, "" for an address without one.
std::string SenderOrganisation(std::string_view sender);

// Whether the evidence speaks for mail that is being deferred: no bad list has its client, and its
// score is 0 or less, or an allow list or the client's history speaks for it, or the client has the
// name of the sender's own organisation. client_organisation: that of its verified name that is not
// dynamic, "" for none.
bool SpeaksFor(const Decision& decision, std::string_view client_organisation,
               std::string_view sender_organisation);

}  // namespace mxward::outcomes
