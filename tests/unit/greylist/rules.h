// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "greylist/record.h"
#include "tests/fake/test_config.h"
#include "tests/fake/times.h"

namespace mxward::greylist {

// TestConfig(): a delay of 5 minutes, a window of 48 hours, a lifetime of 36 days; allowed after 3
// passes, for 60 days.
inline GreylistConfig Rules() { return TestConfig().greylist; }

inline TupleRecord Forgotten(Seconds age) {
  TupleRecord record;
  record.state = State::kForgotten;
  record.last_seen = kNow - age;
  return record;
}

}  // namespace mxward::greylist
