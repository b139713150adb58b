// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "config/config.h"
#include "config/field.h"
#include "config/toml_document.h"
#include "config/value_text.h"

namespace mxward {

// Arrays of tables, [[dnsbl]], [[limit]] and [[rule]]: what may stand in a file several times. Each
// is an EntryTable: fields of a draft, which is an entry as written, and the way from a draft to
// what is in force and back. The loader, dump-config, the difference of two configs, the manual and
// the sample file see all of them through EntryArray alone. Constant data: usable from any thread.

// What an array of tables is to people.
struct ArrayWords {
  std::string_view name;  // "limit"
  std::string_view one;   // "limit"
  std::string_view many;  // "limits"
  std::size_t max;
};

// Which keys an entry of the file has itself, and where a mistake in them is to be shown.
class EntryPlaces {
 public:
  // All outlive it.
  EntryPlaces(std::string_view array, const TomlValue& table, std::vector<PlacedProblem>& problems)
      : array_(array), table_(table), problems_(problems) {}

  bool Has(std::string_view key) const { return Find(key) != nullptr; }
  // Of the value, or of the entry where the file does not have the key.
  Place Of(std::string_view key) const;
  // "limit.rate: MESSAGE"
  void Problem(std::string_view key, std::string_view message);
  // The key is missing. What is there but wrong has been said already.
  void Need(std::string_view key, std::string_view advice);

 private:
  const TomlEntry* Find(std::string_view key) const;

  std::string_view array_;
  const TomlValue& table_;
  std::vector<PlacedProblem>& problems_;
};

// Draft: an entry as written; what is not there, or wrong, is not set. Entry has a `name`.
template <class Draft, class Entry>
struct EntryTable {
  ArrayWords words;
  std::string_view description;  // plain sentences for the manual and the sample file
  std::string_view examples;     // commented out, for the sample file
  std::span<const Field<Draft>> fields;
  // Makes an entry, or finds out why there is none. config: the rest of the file.
  Entry (*finish)(Draft draft, EntryPlaces& places, const Config& config);
  // The other way. What means nothing for the entry is not set.
  Draft (*written)(const Entry& entry);
  // The entry as it would be if it said no more than it has to; what has to be said is not set.
  Draft (*plain)(const Entry& entry);
};

// Defaults for what the file does not say.
template <class Draft>
void FillDefaults(std::span<const Field<Draft>> fields, const EntryPlaces& places, Draft& draft) {
  for (const Field<Draft>& field : fields) {
    if (!places.Has(field.key) && field.kind->Write(draft).empty()) SetDefault(field, draft);
  }
}

// Reads all keys of one entry. What is not a key is a problem.
template <class Draft>
void ReadKeys(const TomlValue& table, std::string_view array, std::span<const Field<Draft>> fields,
              Draft& draft, const Config& config, std::vector<PlacedProblem>& problems) {
  for (const TomlEntry& entry : table.entries) {
    if (const Field<Draft>* field = FindField(fields, entry.key)) {
      ReadField(*field, entry.value, draft, config, problems);
    } else {
      problems.push_back({entry.place, fmt::format("unknown key {} in [[{}]]{}", Quoted(entry.key),
                                                   array, DidYouMean(entry.key, KeysOf(fields)))});
    }
  }
}

// The tables of an array, or a problem where there is none.
std::vector<const TomlValue*> TablesOf(const TomlEntry& entry, const ArrayWords& words,
                                       std::vector<PlacedProblem>& problems);
void SameName(const ArrayWords& words, std::string_view name, Place place, Place other,
              std::vector<PlacedProblem>& problems);

// All entries of an array, with names that differ; with problems, nothing useful.
template <class Draft, class Entry>
std::vector<Entry> ReadEntries(const EntryTable<Draft, Entry>& array, const TomlEntry& entry,
                               const Config& config, std::vector<PlacedProblem>& problems) {
  std::vector<Entry> out;
  const std::vector<const TomlValue*> tables = TablesOf(entry, array.words, problems);
  for (const TomlValue* table : tables) {
    Draft draft;
    ReadKeys(*table, array.words.name, array.fields, draft, config, problems);
    EntryPlaces places(array.words.name, *table, problems);
    Entry one = array.finish(std::move(draft), places, config);
    const auto same = std::find_if(out.begin(), out.end(), [&](const Entry& other) {
      return !one.name.empty() && EqualsNoCase(other.name, one.name);
    });
    if (same != out.end()) {
      SameName(array.words, one.name, places.Of("name"),
               tables[static_cast<std::size_t>(same - out.begin())]->place, problems);
    }
    out.push_back(std::move(one));
  }
  return out;
}

// What an entry that is in force says.
struct EntryValue {
  std::string_view key;
  OptionText value;
  OptionText default_value;  // what stands without it; may be empty

  bool changed() const { return value != default_value; }
};

struct EntryValues {
  std::string name;                // unique in the array
  std::vector<EntryValue> values;  // that mean something for the entry
};

template <class Draft, class Entry>
std::vector<EntryValues> ValuesOf(const EntryTable<Draft, Entry>& array,
                                  const std::vector<Entry>& entries) {
  std::vector<EntryValues> out;
  for (const Entry& entry : entries) {
    const Draft written = array.written(entry);
    const Draft plain = array.plain(entry);
    EntryValues values{entry.name, {}};
    for (const Field<Draft>& field : array.fields) {
      OptionText value = field.kind->Write(written);
      if (value.empty()) continue;
      values.values.push_back({field.key, std::move(value), field.kind->Write(plain)});
    }
    out.push_back(std::move(values));
  }
  return out;
}

struct EntryArray {
  std::string_view name;
  std::string_view description;
  std::string_view examples;
  std::vector<FieldDoc> (*docs)();
  void (*read)(const TomlEntry& entry, Config& config, std::vector<PlacedProblem>& problems);
  std::vector<EntryValues> (*values)(const Config& config);
  bool after_others;  // its entries speak of those of other arrays

  bool Has(std::string_view key) const;
};

// An array without its types. kTable gives it, kEntries is the member of Config that holds what is
// in force.
template <auto kTable, auto kEntries>
EntryArray ArrayOf(bool after_others = false) {
  const auto& table = kTable();
  return {
      .name = table.words.name,
      .description = table.description,
      .examples = table.examples,
      .docs =
          [] {
            std::vector<FieldDoc> out;
            for (const auto& field : kTable().fields) out.push_back(DocOf(field));
            return out;
          },
      .read =
          [](const TomlEntry& entry, Config& config, std::vector<PlacedProblem>& problems) {
            config.*kEntries = ReadEntries(kTable(), entry, config, problems);
          },
      .values = [](const Config& config) { return ValuesOf(kTable(), config.*kEntries); },
      .after_others = after_others,
  };
}

// All of them in the order of the manual.
std::span<const EntryArray> EntryArrays();
// nullptr: there is none of this name.
const EntryArray* FindEntryArray(std::string_view name);

}  // namespace mxward
