// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "config/config.h"
#include "greylist/auto_allow.h"
#include "greylist/folded.h"
#include "greylist/record.h"
#include "greylist/state.h"

namespace mxward::greylist {

// What the store knows about a tuple and its client.
struct TupleLookup {
  std::optional<TupleRecord> record;
  bool by_name = false;  // the record matches by the name identity (perhaps by the network, too)
  bool by_spf = false;   // it matches by SPF, and by nothing else
  std::optional<FoldedTuple> folded;          // the tuple, where it is folded
  bool folded_full = false;                   // no further one of the client would be remembered
  std::optional<AutoAllowRecord> auto_allow;  // of the client
  std::optional<AutoAllowRecord> of_organisation;  // Identities::organisation_hash
  std::uint32_t pending_of_client = 0;             // roughly; from PendingCounts
};

// What one more try means in the light of that, and where it is noted.
struct Consideration {
  Transition transition;
  bool fold = false;       // among the client's folded tuples, not in a record of its own
  bool remembered = true;  // false: deferred, and the next try will be a first one again
};

// A tuple that has a record of its own goes on with it; one that is folded goes by its own time,
// and one that is neither begins: in a record of its own, or folded once the client has
// config.max_pending that wait. Pure.
Consideration Consider(const TupleLookup& lookup, WallTime now, const Terms& terms, bool observing);

// What holds for the noting of a try, some time after it was decided.
struct TryFlags {
  bool observing = false;
  // Not: only if it is still there; what was forgotten meanwhile stays so.
  bool may_begin = true;
  // Not: whoever was deferred has not passed, although the clock may have been set back since and
  // the record of another try be old by now.
  bool may_pass = true;
};

// What a try that is noted among its client's folded tuples makes of them. Pure.
struct FoldedNote {
  std::optional<std::uint8_t> block;  // that changed; none when every place is taken
  std::optional<TupleRecord> passed;  // it passed: its own record from now on, without addresses
};
FoldedNote NoteFolded(FoldedTuples& folded, std::uint64_t tag, WallTime now, const Terms& terms,
                      const TryFlags& flags);

}  // namespace mxward::greylist
