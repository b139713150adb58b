// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/dnsbl_section.h"
#include "config/toml_document.h"

namespace mxward {

// The DNS lists that mxward knows, from dnsbl_profiles.toml, which is built in.
struct DnsblProfile {
  std::string name;   // "spamhaus-zen"
  std::string about;  // plain sentences for the manual
  DnsblDraft draft;
};

// In the order of the file. Thread-safe.
const std::vector<DnsblProfile>& DnsblProfiles();
// nullptr: there is none of this name.
const DnsblProfile* FindDnsblProfile(std::string_view name);

// The profiles in the text of such a file, and what is wrong with it.
std::vector<DnsblProfile> ParseDnsblProfiles(std::string_view text,
                                             std::vector<PlacedProblem>& problems);
// dnsbl_profiles.toml itself.
std::string_view DnsblProfilesFile();

}  // namespace mxward
