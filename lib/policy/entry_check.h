// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "entries/entry.h"
#include "policy/facts.h"
#include "policy/outcome.h"
#include "policy/permissions.h"

namespace mxward::policy {

// What the entries of all kinds together say: a block over an allow. Points to them.
struct EntryVerdict {
  const entries::Entry* block = nullptr;
  const entries::Entry* allow = nullptr;          // accepts
  const entries::Entry* skip_greylist = nullptr;  // a sender or recipient allow without --all
};

// Which entries are asked about. account: PossibleAccount()
entries::Question QuestionOf(const Facts& facts, std::string_view account);

// found: the winner of each kind, and all of spf-of. Of a relay's mail none about the client holds;
// those of spf-of and account hold where permissions has what proves them. Pure.
EntryVerdict Combine(const std::vector<entries::Entry>& found, const Facts& facts,
                     const Permissions& permissions);
// What has to be known first, because an entry of spf-of or account could decide otherwise. Pure.
PermissionRequest WantedByEntries(const std::vector<entries::Entry>& found, const Facts& facts,
                                  const Permissions& permissions);

Outcome BlockedBy(const entries::Entry& entry, const Config& config);
Outcome AllowedBy(const entries::Entry& entry);

}  // namespace mxward::policy
