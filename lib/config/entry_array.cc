// SPDX-License-Identifier: Apache-2.0
#include "config/entry_array.h"

#include <array>

#include "config/dnsbl_section.h"
#include "config/limit_section.h"
#include "config/rule_section.h"

namespace mxward {

Place EntryPlaces::Of(std::string_view key) const {
  const TomlEntry* entry = Find(key);
  return entry == nullptr ? table_.place : entry->value.place;
}

void EntryPlaces::Problem(std::string_view key, std::string_view message) {
  problems_.push_back({Of(key), fmt::format("{}.{}: {}", array_, key, message)});
}

void EntryPlaces::Need(std::string_view key, std::string_view advice) {
  if (!Has(key)) Problem(key, fmt::format("is missing; {}", advice));
}

const TomlEntry* EntryPlaces::Find(std::string_view key) const {
  const auto found = std::find_if(table_.entries.begin(), table_.entries.end(),
                                  [&](const TomlEntry& entry) { return entry.key == key; });
  return found == table_.entries.end() ? nullptr : &*found;
}

std::vector<const TomlValue*> TablesOf(const TomlEntry& entry, const ArrayWords& words,
                                       std::vector<PlacedProblem>& problems) {
  const auto no_table = [&](Place place) {
    problems.push_back(
        {place,
         fmt::format("{0} is a list of sections: write [[{0}]], in double brackets, above each {1}",
                     words.name, words.one)});
  };
  std::vector<const TomlValue*> out;
  if (entry.value.kind != TomlValue::Kind::kArray) {
    no_table(entry.place);
    return out;
  }
  for (const TomlValue& table : entry.value.items) {
    if (table.kind == TomlValue::Kind::kTable) {
      out.push_back(&table);
    } else {
      no_table(table.place);
    }
  }
  if (out.size() > words.max) {
    problems.push_back({entry.place, fmt::format("there are {} {}; at most {} are allowed",
                                                 out.size(), words.many, words.max)});
  }
  return out;
}

void SameName(const ArrayWords& words, std::string_view name, Place place, Place other,
              std::vector<PlacedProblem>& problems) {
  problems.push_back({place, fmt::format("{}.name: another {}, in line {}, is called {} as well; "
                                         "give one of them another name = \"...\"",
                                         words.name, words.one, other.line, Quoted(name))});
}

bool EntryArray::Has(std::string_view key) const {
  const std::vector<FieldDoc> all = docs();
  return std::any_of(all.begin(), all.end(), [&](const FieldDoc& one) { return one.key == key; });
}

std::span<const EntryArray> EntryArrays() {
  static const std::array<EntryArray, 3> arrays = {
      ArrayOf<DnsblTable, &Config::dnsbl>(),
      ArrayOf<LimitTable, &Config::limit>(),
      ArrayOf<RuleTable, &Config::rule>(/*after_others=*/true),
  };
  return arrays;
}

const EntryArray* FindEntryArray(std::string_view name) {
  const auto arrays = EntryArrays();
  const auto found = std::find_if(arrays.begin(), arrays.end(),
                                  [&](const EntryArray& array) { return array.name == name; });
  return found == arrays.end() ? nullptr : &*found;
}

}  // namespace mxward
