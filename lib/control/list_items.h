// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "config/config.h"
#include "control/json.h"
#include "control/list_questions.h"
#include "dnsbl/health.h"

namespace mxward::control {

// What DNS lists look like in answers: never their keys, nor zones with keys in them. Pure.

// A list as configured, and how it is doing.
Json ListItem(const DnsblConfig& list, const dnsbl::ListStatus& status);
// The short form, for status.
Json ListHealthItem(const dnsbl::ListStatus& status);
// Whether such a list adds nothing to any score for now, against the administrator's wish.
bool IsSuspended(const dnsbl::ListStatus& status);

// Lists of profiles that do not list their own test point: what is listed does not come through, so
// they find nobody and look healthy.
struct BlindLists {
  std::vector<std::string> names;
  std::string cause;  // the likely one, or several; "" when no list is blind
  // Human-readable: which, and why; "" when no list is blind.
  std::string text() const;
};
BlindLists FindBlindLists(const std::vector<DnsblConfig>& lists,
                          const std::vector<dnsbl::ListStatus>& statuses);

Json ListAnswerItem(const ListAnswer& answer);
Json TestedListItem(const TestedList& tested, const std::vector<DnsblConfig>& lists);

}  // namespace mxward::control
