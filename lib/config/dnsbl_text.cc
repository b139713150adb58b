// SPDX-License-Identifier: Apache-2.0
#include "config/dnsbl_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/dnsbl_fields.h"
#include "config/dnsbl_profiles.h"
#include "config/dnsbl_reader.h"
#include "config/value_text.h"

namespace mxward {
namespace {

constexpr std::size_t kWidth = 90;
constexpr std::string_view kKeyComment =
    "# The key is not shown. Put your own in its place before you use this file.\n";

struct Value {
  std::string_view key;
  std::string text;          // in TOML
  std::string default_text;  // what stands without it; "" is nothing
  bool changed() const { return text != default_text; }
};

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
  if (!list.profile.empty()) return false;
  return key == "name" || key == "zone" || (key == "of" && !list.AboutClients());
}

std::vector<Value> ValuesOf(const DnsblConfig& list) {
  const DnsblConfig plain = Plain(list);
  std::vector<Value> out;
  for (const DnsblField& field : DnsblFields()) {
    if (field.text == nullptr) continue;
    if (list.AboutClients() ? OfNamesOnly(field.key) : OfClientsOnly(field.key)) continue;
    std::string text = field.text(list);
    if (text.empty()) continue;
    std::string without = AlwaysSaid(field.key, list) ? "" : field.text(plain);
    out.push_back({field.key, std::move(text), std::move(without)});
  }
  return out;
}

std::string Title(const DnsblConfig& list) { return "dnsbl " + TomlQuote(list.name); }

const DnsblConfig* Find(const std::vector<DnsblConfig>& lists, const std::string& name) {
  const auto found = std::find_if(lists.begin(), lists.end(),
                                  [&](const DnsblConfig& list) { return list.name == name; });
  return found == lists.end() ? nullptr : &*found;
}

std::string OneLine(const DnsblConfig& list) {
  std::vector<std::string> out;
  for (const Value& value : ValuesOf(list)) {
    if (value.changed()) out.push_back(fmt::format("{} = {}", value.key, value.text));
  }
  return fmt::format("{{ {} }}", fmt::join(out, ", "));
}

void AddChanges(const DnsblConfig& before, const DnsblConfig& after,
                std::vector<ChangedOption>& out) {
  for (const DnsblField& field : DnsblFields()) {
    if (field.text == nullptr) continue;
    const std::string old_text = field.text(before);
    const std::string new_text = field.text(after);
    const bool other_key = field.key == "key" && before.key != after.key;
    if (old_text == new_text && !other_key) continue;
    out.push_back({fmt::format("{}.{}", Title(after), field.key), old_text, new_text,
                   /*needs_restart=*/false});
  }
}

}  // namespace

std::string DnsblLines(const DnsblConfig& list, bool only_changed) {
  std::string out = "[[dnsbl]]\n";
  std::string table;  // behind all keys, because whatever follows would belong to it
  for (const Value& value : ValuesOf(list)) {
    if (only_changed && !value.changed()) continue;
    const std::string line = fmt::format("{} = {}\n", value.key, value.text);
    if (value.key == "codes" && line.size() > kWidth) {
      table = fmt::format("[dnsbl.codes]\n{}\n", fmt::join(DnsblCodeTexts(list), "\n"));
      continue;
    }
    if (value.key == "key") out += kKeyComment;
    out += line;
  }
  return out + table;
}

void ListDnsbl(const DnsblConfig& list, std::vector<ListedOption>& out) {
  for (const Value& value : ValuesOf(list)) {
    ListedOption listed;
    listed.section = Title(list);
    listed.key = value.key;
    listed.value = value.text;
    listed.default_value = value.default_text;
    listed.changed = value.changed();
    out.push_back(std::move(listed));
  }
}

void AddDnsblChanges(const std::vector<DnsblConfig>& before, const std::vector<DnsblConfig>& after,
                     std::vector<ChangedOption>& out) {
  for (const DnsblConfig& list : before) {
    if (Find(after, list.name) != nullptr) continue;
    out.push_back({Title(list), OneLine(list), "", /*needs_restart=*/false});
  }
  for (const DnsblConfig& list : after) {
    if (const DnsblConfig* old = Find(before, list.name)) {
      AddChanges(*old, list, out);
    } else {
      out.push_back({Title(list), "", OneLine(list), /*needs_restart=*/false});
    }
  }
}

}  // namespace mxward
