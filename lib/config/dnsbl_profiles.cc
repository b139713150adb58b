// SPDX-License-Identifier: Apache-2.0
#include "config/dnsbl_profiles.h"

#include <algorithm>

#include "config/dnsbl_reader.h"

namespace mxward {
namespace {

// Takes a text out of the table that only profiles have.
std::string Take(TomlValue& table, std::string_view key) {
  std::string out;
  std::erase_if(table.entries, [&](TomlEntry& entry) {
    if (entry.key != key) return false;
    out = std::move(entry.value.text);
    return true;
  });
  return out;
}

}  // namespace

std::vector<DnsblProfile> ParseDnsblProfiles(std::string_view text,
                                             std::vector<PlacedProblem>& problems) {
  TomlDocument document = ParseToml(text);
  problems = std::move(document.problems);
  std::vector<DnsblProfile> out;
  for (TomlEntry& entry : document.root.entries) {
    if (entry.key != "dnsbl") problems.push_back({entry.place, "profiles are [[dnsbl]] entries"});
    for (TomlValue& table : entry.value.items) {
      DnsblProfile profile;
      profile.about = Take(table, "about");
      profile.draft = ReadDnsblDraft(table, problems);
      profile.name = profile.draft.name.value_or("");
      profile.draft.name.reset();
      out.push_back(std::move(profile));
    }
  }
  return out;
}

const std::vector<DnsblProfile>& DnsblProfiles() {
  static const std::vector<DnsblProfile> profiles = [] {
    // A unit test sees to it that there are none.
    std::vector<PlacedProblem> problems;
    return ParseDnsblProfiles(DnsblProfilesFile(), problems);
  }();
  return profiles;
}

const DnsblProfile* FindDnsblProfile(std::string_view name) {
  const auto& profiles = DnsblProfiles();
  const auto found =
      std::find_if(profiles.begin(), profiles.end(),
                   [&](const DnsblProfile& profile) { return profile.name == name; });
  return found == profiles.end() ? nullptr : &*found;
}

}  // namespace mxward
