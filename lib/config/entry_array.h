// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/options.h"
#include "config/toml_document.h"

namespace mxward {

// Arrays of tables, [[dnsbl]], [[limit]] and [[rule]]: the counterpart of the option table for what
// may stand in a file several times. Each has a table of its keys (dnsbl_fields.h, ...); the
// loader, dump-config, the difference of two configs, the manual and the sample file see all of
// them through EntryArray alone. Constant data: usable from any thread.

// A row of such a table. Kind is a variant: where a draft of the entry stores the value, and what
// it may be. DescribeKind(field) tells it to people.
template <class Entry, class Kind>
struct EntryField {
  std::string_view key;
  Kind kind;
  // The value of a finished entry, without secrets; empty when it has none. nullptr: other fields
  // say it.
  OptionText (*text)(const Entry&);
  std::string_view fallback;  // what stands without it, for the manual
  std::string_view example;   // in TOML
  std::string_view description;
};

// nullptr: there is no such key.
template <class Field>
const Field* FindField(std::span<const Field> fields, std::string_view key) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const Field& field) { return field.key == key; });
  return found == fields.end() ? nullptr : &*found;
}

// A row without its types.
struct EntryKey {
  std::string_view key;
  std::string kind;  // "an integer from 1 to 100"
  std::string_view fallback;
  std::string_view example;
  std::string_view description;
};

template <class Field>
std::vector<EntryKey> EntryKeys(std::span<const Field> fields) {
  std::vector<EntryKey> out;
  for (const Field& field : fields) {
    out.push_back(
        {field.key, DescribeKind(field), field.fallback, field.example, field.description});
  }
  return out;
}

// What an entry that is in force says.
struct EntryValue {
  std::string_view key;
  OptionText value;
  OptionText default_value;  // what stands without it; may be empty
  std::string secret = {};   // what it is really, to tell a change; shown nowhere
  std::string behind = {};   // of the files that it names, to tell a change
  // Of a table: its assignments, for when one line is too long.
  std::vector<std::string> table = {};

  bool changed() const { return value != default_value; }
};

struct EntryValues {
  std::string name;                // unique in the array
  std::vector<EntryValue> values;  // that mean something for the entry
};

struct EntryArray {
  std::string_view name;         // "dnsbl"
  std::string_view description;  // plain sentences for the manual and the sample file
  std::string_view examples;     // commented out, for the sample file
  std::vector<EntryKey> (*keys)();
  void (*read)(const TomlEntry& entry, Config& config, std::vector<PlacedProblem>& problems);
  std::vector<EntryValues> (*values)(const Config& config);
  bool after_others = false;  // its entries speak of those of other arrays

  bool Has(std::string_view key) const;
};

// All of them in the order of the manual.
std::span<const EntryArray> EntryArrays();
// nullptr: there is none of this name.
const EntryArray* FindEntryArray(std::string_view name);

}  // namespace mxward
