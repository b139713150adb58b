// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/clock.h"
#include "config/config.h"
#include "greylist/auto_allow.h"
#include "greylist/folded.h"
#include "greylist/record.h"

namespace mxward::greylist {

// What is stored and what a file, or another host, says about the same key, as one record:
// first-seen by min, last-seen by max; passed once is passed. Nothing when the other one says
// nothing new. A record that is over counts as none. A tombstone stands against all that is not
// newer than it, and takes away all that is older. Pure.
std::optional<TupleRecord> Merged(const std::optional<TupleRecord>& stored,
                                  const TupleRecord& other, WallTime now,
                                  const GreylistConfig& config);
// The same for what an identity has earned. An allowance stays as long as either grants it.
std::optional<AutoAllowRecord> Merged(const std::optional<AutoAllowRecord>& stored,
                                      const AutoAllowRecord& other, WallTime now,
                                      const GreylistConfig& config);
// The same for a block of folded tuples: those of both, each with the earlier time, as many as
// there is room for.
std::optional<FoldedBlock> Merged(const std::optional<FoldedBlock>& stored,
                                  const FoldedBlock& other, WallTime now,
                                  const GreylistConfig& config);

}  // namespace mxward::greylist
