// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "config/dump.h"

namespace mxward {

// DNS lists in the texts of dump.h. None shows a key, or a zone with a key in it. Pure.

// A [[dnsbl]] entry that loads back to the list: with all its keys, or with only those that its
// profile does not say.
std::string DnsblLines(const DnsblConfig& list, bool only_changed);

// Adds a row for each key that means something for the list.
void ListDnsbl(const DnsblConfig& list, std::vector<ListedOption>& out);

// Adds lists that came or went, and what changed in those that stayed. Lists are known by name.
void AddDnsblChanges(const std::vector<DnsblConfig>& before, const std::vector<DnsblConfig>& after,
                     std::vector<ChangedOption>& out);

}  // namespace mxward
