// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "config/config.h"
#include "control/json.h"
#include "entries/entry.h"
#include "greylist/earned.h"
#include "greylist/record.h"

namespace mxward::control {

// What records of the store look like in answers. Pure.

// What the next try of a tuple would meet.
enum class TupleState : std::uint8_t {
  kPending,    // deferred, may come back
  kPassed,     // known
  kExpired,    // too late: begins anew
  kForgotten,  // not shown
};
TupleState StateOf(const greylist::TupleRecord& record, WallTime now, const GreylistConfig& config);

// How a pending tuple is getting on.
enum class Progress : std::uint8_t {
  kWaiting,  // the delay is not over
  kOverdue,  // it could have come back by now
  kLost,     // its window closed: it never came back
  kNone,     // not pending, or nobody was deferred
};
Progress ProgressOf(const greylist::TupleRecord& record, WallTime now,
                    const GreylistConfig& config);

Json TupleItem(const greylist::TupleKey& key, const greylist::TupleRecord& record, WallTime now,
               const GreylistConfig& config);
Json EarnedItem(std::uint64_t identity_hash, const greylist::EarnedRecord& record, WallTime now,
                const GreylistConfig& config);
Json EntryItem(const entries::Entry& entry);

}  // namespace mxward::control
