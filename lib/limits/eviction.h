// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "limits/counter.h"

namespace mxward::limits {

// Who gives way in a full set. Pure. The stalest counter is the one with the lowest timestamp.

// How many places of a set one holder may have.
constexpr std::size_t kShareAllotment = CounterSet::extent / 4;  // an IPv4 /16, an IPv6 /32
constexpr std::size_t kShareSite = CounterSet::extent / 16;      // an IPv6 /48

// The stalest counter of the newcomer, where it has its share already; of an IPv6 /48 first, then
// of its /32. Null: it may have one more.
Counter* BeyondShare(CounterSet set, const Holder& newcomer);

// The stalest counter of the largest holder: of the allotment with the most places, within an IPv6
// one of the /48 with the most. The newcomer is counted as if it were in. Of equally large holders,
// the one with the stalest counter. REQUIRES: no place of the set is empty
Counter* VictimOfLargestHolder(CounterSet set, const Holder& newcomer);

}  // namespace mxward::limits
