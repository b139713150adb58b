// SPDX-License-Identifier: Apache-2.0
#include "config/entry_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/option_lines.h"
#include "config/value_text.h"

namespace mxward {
namespace {

std::string Title(const EntryArray& array, const EntryValues& entry) {
  return fmt::format("{} {}", array.name, TomlQuote(entry.name));
}

const EntryValues* Find(const std::vector<EntryValues>& entries, const std::string& name) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const EntryValues& entry) { return entry.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

// One of nothing where the entry does not have the key.
EntryValue ValueOf(const EntryValues& entry, std::string_view key) {
  const auto found = std::find_if(entry.values.begin(), entry.values.end(),
                                  [&](const EntryValue& value) { return value.key == key; });
  return found == entry.values.end() ? EntryValue{key, {}, {}} : *found;
}

std::string OneLine(const EntryValues& entry) {
  std::vector<std::string> out;
  for (const EntryValue& value : entry.values) {
    if (value.changed()) out.push_back(fmt::format("{} = {}", value.key, value.value.OneLine()));
  }
  return fmt::format("{{ {} }}", fmt::join(out, ", "));
}

std::string Whole(const EntryValue& value) {
  std::string line = value.value.OneLine();
  return value.behind.empty() ? line : fmt::format("{} ({})", line, value.behind);
}

void AddChanges(const EntryArray& array, const EntryValues& before, const EntryValues& after,
                std::vector<ChangedOption>& out) {
  for (const EntryKey& key : array.keys()) {
    const EntryValue old_value = ValueOf(before, key.key);
    const EntryValue new_value = ValueOf(after, key.key);
    if (old_value.value == new_value.value && old_value.secret == new_value.secret &&
        old_value.behind == new_value.behind) {
      continue;
    }
    out.push_back({fmt::format("{}.{}", Title(array, after), key.key), Whole(old_value),
                   Whole(new_value),
                   /*needs_restart=*/false});
  }
}

}  // namespace

std::string EntryLines(const EntryArray& array, const EntryValues& entry, bool only_changed) {
  std::string out = fmt::format("[[{}]]\n", array.name);
  std::string table;  // behind all keys, because whatever follows would belong to it
  for (const EntryValue& value : entry.values) {
    if (only_changed && !value.changed()) continue;
    const std::string lines = AssignmentLines(value.key, value.value);
    if (!value.secret.empty()) {
      out += fmt::format(
          "# The {0} is left out on purpose. Without it this does not load.\n#{0} = \"...\"\n",
          value.key);
    } else if (!value.table.empty() && lines.size() > kLineWidth) {
      table = fmt::format("[{}.{}]\n{}\n", array.name, value.key, fmt::join(value.table, "\n"));
    } else {
      out += lines;
    }
  }
  return out + table;
}

void ListEntry(const EntryArray& array, const EntryValues& entry, std::vector<ListedOption>& out) {
  for (const EntryValue& value : entry.values) {
    ListedOption listed;
    listed.section = Title(array, entry);
    listed.key = value.key;
    listed.value = value.value.OneLine();
    listed.default_value = value.default_value.OneLine();
    listed.changed = value.changed();
    out.push_back(std::move(listed));
  }
}

void AddEntryChanges(const EntryArray& array, const Config& before, const Config& after,
                     std::vector<ChangedOption>& out) {
  const std::vector<EntryValues> old_entries = array.values(before);
  const std::vector<EntryValues> new_entries = array.values(after);
  for (const EntryValues& entry : old_entries) {
    if (Find(new_entries, entry.name) != nullptr) continue;
    out.push_back({Title(array, entry), OneLine(entry), "", /*needs_restart=*/false});
  }
  for (const EntryValues& entry : new_entries) {
    if (const EntryValues* old_entry = Find(old_entries, entry.name)) {
      AddChanges(array, *old_entry, entry, out);
    } else {
      out.push_back({Title(array, entry), "", OneLine(entry), /*needs_restart=*/false});
    }
  }
}

}  // namespace mxward
