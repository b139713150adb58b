// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "control/json.h"
#include "outcomes/missed.h"
#include "outcomes/summary.h"

namespace mxward::control {

// The parts of the answer of /v1/report, of a Summary. Pure.

// What became of deferred mail, and how long it was held up.
Json DeferredItem(const outcomes::Row& row);
Json DelayItem(const outcomes::Row& row);

// Those that most was deferred of, at most so many; "others": what there was no room to name.
Json OrganisationItems(const outcomes::Summary& summary, std::size_t limit);

// allowed: whether such an allow entry is there already.
using IsAllowed = std::function<bool(entries::Kind kind, const std::string& key)>;
Json MissedItems(const outcomes::Summary& summary, std::size_t limit, const IsAllowed& allowed);

// What each check did, those that were there most often first; "others" as above.
Json FindingItems(const outcomes::Summary& summary);

}  // namespace mxward::control
