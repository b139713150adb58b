// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "config/config.h"
#include "config/entry_array.h"

namespace mxward {

// What the DNS lists of a config say, for entry_array.h. Their keys are its secrets. Pure.
std::vector<EntryValues> DnsblValues(const Config& config);

}  // namespace mxward
