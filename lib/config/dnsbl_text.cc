// SPDX-License-Identifier: Apache-2.0
#include "config/dnsbl_text.h"

#include <fmt/format.h>

#include "config/dnsbl_fields.h"
#include "config/dnsbl_profiles.h"
#include "config/dnsbl_reader.h"

namespace mxward {
namespace {

// The list as its profile says, or as little as an entry without one can say.
DnsblConfig Plain(const DnsblConfig& list) {
  DnsblDraft draft;
  if (const DnsblProfile* profile = FindDnsblProfile(list.profile)) draft = profile->draft;
  if (!list.profile.empty()) draft.profile = list.profile;
  if (!list.key.empty()) draft.key = list.key;
  if (list.profile.empty()) {
    draft.of = list.of;
    draft.zone = list.key.empty() ? list.zone : fmt::format("{}.{}", kKeyMark, list.shown_zone);
  }
  std::vector<PlacedProblem> none;
  return FinishDnsbl(TomlValue(), draft, none);
}

bool OfClientsOnly(std::string_view key) {
  return key == "ipv4" || key == "ipv6" || key.ends_with("_v4") || key.ends_with("_v6");
}
bool OfNamesOnly(std::string_view key) { return key == "organisation" || key.ends_with("_name"); }

// What an entry has to say even if it is what would stand without it.
bool AlwaysSaid(std::string_view key, const DnsblConfig& list) {
  if (key == "profile" || key == "key") return true;
  // Without the key, which a dump leaves out, a profile may stand for a zone that needs none.
  if (key == "zone" && !list.key.empty()) return true;
  if (!list.profile.empty()) return false;
  return key == "name" || key == "zone" || (key == "of" && !list.AboutClients());
}

EntryValues ValuesOf(const DnsblConfig& list) {
  const DnsblConfig plain = Plain(list);
  EntryValues out;
  out.name = list.name;
  for (const DnsblField& field : DnsblFields()) {
    if (field.text == nullptr) continue;
    if (list.AboutClients() ? OfNamesOnly(field.key) : OfClientsOnly(field.key)) continue;
    EntryValue value{field.key, field.text(list), {}};
    if (value.value.empty()) continue;
    if (!AlwaysSaid(field.key, list)) value.default_value = field.text(plain);
    if (field.key == "key") value.secret = list.key;
    if (field.key == "codes") value.table = DnsblCodeTexts(list);
    out.values.push_back(std::move(value));
  }
  return out;
}

}  // namespace

std::vector<EntryValues> DnsblValues(const Config& config) {
  std::vector<EntryValues> out;
  for (const DnsblConfig& list : config.dnsbl) out.push_back(ValuesOf(list));
  return out;
}

}  // namespace mxward
