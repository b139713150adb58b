// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "config/entry_array.h"
#include "config/toml_document.h"
#include "config/value_text.h"

namespace mxward {

// What reading [[dnsbl]] and [[limit]] has in common. Pure; problems read "limit.rate: ...".

// Which keys an entry of the file has itself, with their places.
class Places {
 public:
  // The table outlives it.
  explicit Places(const TomlValue& table) : table_(table) {}

  bool Has(std::string_view key) const { return Find(key) != nullptr; }
  // Of the value, or of the entry where the file does not have the key.
  Place Of(std::string_view key) const;

 private:
  const TomlEntry* Find(std::string_view key) const;

  const TomlValue& table_;
};

// Reads the value of one key. What it gives nothing for has become a problem.
class KeyReader {
 public:
  // kind and example: what the key may be, for messages. All but kind outlives it.
  KeyReader(std::string_view array, std::string_view key, std::string kind,
            std::string_view example, std::vector<PlacedProblem>& problems)
      : array_(array), key_(key), kind_(std::move(kind)), example_(example), problems_(problems) {}

  void Problem(Place place, std::string_view message);
  // secret: not even a mistake may be shown.
  void WrongType(const TomlValue& value, bool secret = false);
  // "such as rate = \"300/1m\""
  std::string Such() const { return fmt::format("such as {} = {}", key_, example_); }

  std::optional<std::string> Text(const TomlValue& value, CheckText check, bool secret = false);
  std::optional<bool> Flag(const TomlValue& value);
  // The integer is there already.
  std::optional<int> WithinBounds(const TomlValue& value, int min, int max);
  // Its index.
  std::optional<std::size_t> Word(const TomlValue& value, std::span<const std::string_view> words);

 private:
  std::string_view array_;
  std::string_view key_;
  std::string kind_;
  std::string_view example_;
  std::vector<PlacedProblem>& problems_;
};

// Calls read(field, value) for each key of an entry; those that are no key are problems.
template <class Field, class Read>
void ReadKeys(const TomlValue& table, std::string_view array, std::span<const Field> fields,
              std::vector<PlacedProblem>& problems, Read read) {
  for (const TomlEntry& entry : table.entries) {
    if (const Field* field = FindField(fields, entry.key)) {
      read(*field, entry.value);
      continue;
    }
    std::vector<std::string_view> keys;
    for (const Field& field : fields) keys.push_back(field.key);
    problems.push_back({entry.place, fmt::format("unknown key {} in [[{}]]{}", Quoted(entry.key),
                                                 array, DidYouMean(entry.key, keys))});
  }
}

// What an array of tables is to people.
struct ArrayWords {
  std::string_view name;  // "limit"
  std::string_view one;   // "limit"
  std::string_view many;  // "limits"
  std::size_t max;
};

// The tables of an array, or a problem where there is none.
std::vector<const TomlValue*> TablesOf(const TomlEntry& entry, const ArrayWords& words,
                                       std::vector<PlacedProblem>& problems);
void SameName(const ArrayWords& words, std::string_view name, Place place, Place other,
              std::vector<PlacedProblem>& problems);

// All entries of an array, each by `read`, with names that differ.
template <class Read>
auto ReadEntries(const TomlEntry& entry, const ArrayWords& words, Read read,
                 std::vector<PlacedProblem>& problems) {
  using Entry = decltype(read(entry.value, problems));
  std::vector<Entry> out;
  const std::vector<const TomlValue*> tables = TablesOf(entry, words, problems);
  for (const TomlValue* table : tables) {
    Entry one = read(*table, problems);
    const auto same = std::find_if(out.begin(), out.end(), [&](const Entry& other) {
      return !one.name.empty() && EqualsNoCase(other.name, one.name);
    });
    if (same != out.end()) {
      SameName(words, one.name, Places(*table).Of("name"),
               tables[static_cast<std::size_t>(same - out.begin())]->place, problems);
    }
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace mxward
