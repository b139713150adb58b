// SPDX-License-Identifier: Apache-2.0
#include "config/dnsbl_profiles.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "config/entry_array.h"

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

const DnsblProfile* Find(const std::vector<DnsblProfile>& profiles, std::string_view name) {
  const auto found = std::find_if(profiles.begin(), profiles.end(),
                                  [&](const DnsblProfile& one) { return one.name == name; });
  return found == profiles.end() ? nullptr : &*found;
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
      ReadKeys(table, "dnsbl", DnsblTable().fields, profile.draft, Config(), problems);
      profile.name = std::exchange(profile.draft.name, std::nullopt).value_or("");
      if (const auto base = std::exchange(profile.draft.profile, std::nullopt)) {
        const DnsblProfile* found = Find(out, *base);
        if (found == nullptr) problems.push_back({table.place, "no such profile above"});
        if (found != nullptr) profile.draft = MergeDnsbl(found->draft, profile.draft);
      }
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

const DnsblProfile* FindDnsblProfile(std::string_view name) { return Find(DnsblProfiles(), name); }

}  // namespace mxward
