// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "config/config.h"
#include "config/dnsbl_fields.h"
#include "config/toml_document.h"

namespace mxward {

// From the tables of a file to lists. Pure; problems read "dnsbl.weight: ...".

// What one entry says, key by key; entries of other keys are problems.
DnsblDraft ReadDnsblDraft(const TomlValue& table, std::vector<PlacedProblem>& problems);

// The profile's keys, and in their place those that the entry has itself.
DnsblDraft MergeDnsbl(DnsblDraft profile, const DnsblDraft& entry);

// The list that a draft describes, its profile already merged; with problems, nothing useful. table
// is the entry in the file, for places.
DnsblConfig FinishDnsbl(const TomlValue& table, const DnsblDraft& draft,
                        std::vector<PlacedProblem>& problems);

// All [[dnsbl]] entries of a file, their profiles filled in.
std::vector<DnsblConfig> ReadDnsbls(const TomlEntry& entry, std::vector<PlacedProblem>& problems);

}  // namespace mxward
