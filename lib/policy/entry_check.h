// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "entries/entry.h"
#include "policy/facts.h"
#include "policy/outcome.h"

namespace mxward::policy {

// What the entries of all kinds together say: a block over an allow. Points to them.
struct EntryVerdict {
  const entries::Entry* block = nullptr;
  const entries::Entry* allow = nullptr;          // accepts
  const entries::Entry* skip_greylist = nullptr;  // a sender or recipient allow without --all
};

// Which entries are asked about.
entries::Question QuestionOf(const Facts& facts);

// found: the winner of each kind. Of a relay's mail none about the client holds. Pure.
EntryVerdict Combine(const std::vector<entries::Entry>& found, Trust trust);

Outcome BlockedBy(const entries::Entry& entry, const Config& config);
Outcome AllowedBy(const entries::Entry& entry);

}  // namespace mxward::policy
