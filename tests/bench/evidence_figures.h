// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "tests/bench/evidence_rig.h"

namespace mxward {

// Each measures with daemons of its own, prints what it finds, and adds its goals to rig.goals. All
// move rig.next_client past the clients they used.

// How long RCPT takes when the answers of eight lists have to come from the DNS first.
Result<void> MeasureDistinct(EvidenceRig& rig);

// Throughput when all answers are in the cache, beside the same daemon without lists.
Result<void> MeasureCached(EvidenceRig& rig);

// Memory of the answers in the cache.
Result<void> MeasureMemory(EvidenceRig& rig);

// A resolver that falls silent: how long sessions take, and when throughput is back.
Result<void> MeasureDead(EvidenceRig& rig);

// How long RCPT takes where SPF decides, and how many such sessions there can be.
Result<void> MeasureSpf(EvidenceRig& rig);

}  // namespace mxward
