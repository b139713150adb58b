// SPDX-License-Identifier: Apache-2.0
#include "config/dump.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/entry_array.h"
#include "config/loader.h"
#include "config/options.h"
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
EntryValue EntryValueOf(const EntryValues& entry, std::string_view key) {
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
  const std::string& digest = value.value.file_digest;
  return digest.empty() ? line : fmt::format("{} ({})", line, digest);
}

void AddChanges(const EntryArray& array, const EntryValues& before, const EntryValues& after,
                std::vector<ChangedOption>& out) {
  for (const FieldDoc& key : array.docs()) {
    const EntryValue old_value = EntryValueOf(before, key.key);
    const EntryValue new_value = EntryValueOf(after, key.key);
    if (old_value.value == new_value.value) continue;
    out.push_back({fmt::format("{}.{}", Title(array, after), key.key), Whole(old_value),
                   Whole(new_value),
                   /*needs_restart=*/false});
  }
}

}  // namespace

std::string AssignmentLines(std::string_view key, const OptionText& value) {
  std::string line = fmt::format("{} = {}\n", key, value.OneLine());
  if (!value.is_list || line.size() <= kLineWidth + 1) return line;
  std::string out = fmt::format("{} = [\n", key);
  std::string row;
  for (const std::string& item : value.items) {
    if (!row.empty() && row.size() + item.size() + 2 > kLineWidth) {
      out += row + "\n";
      row.clear();
    }
    row += (row.empty() ? "" : " ") + item + ",";
  }
  return out + row + "\n]\n";
}

std::vector<std::string> Wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

std::string EntryLines(std::string_view array, const EntryValues& entry, bool only_changed) {
  std::string out = fmt::format("[[{}]]\n", array);
  std::string table;  // after all keys, because whatever follows would belong to it
  for (const EntryValue& value : entry.values) {
    if (only_changed && !value.changed()) continue;
    const std::string lines = AssignmentLines(value.key, value.value);
    if (!value.value.secret.empty()) {
      out += fmt::format(
          "# The {0} is left out on purpose. Without it this does not load.\n#{0} = \"...\"\n",
          value.key);
    } else if (value.value.is_table && lines.size() > kLineWidth) {
      table = fmt::format("[{}.{}]\n{}\n", array, value.key, fmt::join(value.value.items, "\n"));
    } else {
      out += lines;
    }
  }
  return out + table;
}

namespace {

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

}  // namespace

std::string DumpToml(const Config& config, bool only_changed) {
  const Config defaults = DefaultConfig();
  std::string out;
  for (const Section& section : Sections()) {
    std::string lines;
    for (const Option& option : section.options) {
      const OptionText value = option.kind->Write(config);
      const bool changed = value != option.kind->Write(defaults);
      if (only_changed && !changed) continue;
      // A default is shown as the manual writes it.
      lines += AssignmentLines(option.key, changed ? value : DefaultOf(option));
    }
    if (lines.empty()) continue;
    if (!out.empty()) out += '\n';
    if (!section.name.empty()) out += "[" + std::string(section.name) + "]\n";
    out += lines;
  }
  for (const EntryArray& array : EntryArrays()) {
    for (const EntryValues& entry : array.values(config)) {
      if (!out.empty()) out += '\n';
      out += EntryLines(array.name, entry, only_changed);
    }
  }
  return out;
}

std::vector<ListedOption> ListOptions(const Config& config) {
  const Config defaults = DefaultConfig();
  std::vector<ListedOption> out;
  for (const Section& section : Sections()) {
    for (const Option& option : section.options) {
      const OptionText value = option.kind->Write(config);
      ListedOption listed;
      listed.section = option.section;
      listed.key = option.key;
      listed.default_value = DefaultOf(option).OneLine();
      listed.changed = value != option.kind->Write(defaults);
      listed.value = listed.changed ? value.OneLine() : listed.default_value;
      listed.needs_restart = option.applies == Applies::kOnRestart;
      out.push_back(std::move(listed));
    }
  }
  for (const EntryArray& array : EntryArrays()) {
    for (const EntryValues& entry : array.values(config)) ListEntry(array, entry, out);
  }
  return out;
}

std::vector<ChangedOption> Difference(const Config& before, const Config& after) {
  std::vector<ChangedOption> out;
  for (const Section& section : Sections()) {
    for (const Option& option : section.options) {
      const OptionText old_value = option.kind->Write(before);
      const OptionText new_value = option.kind->Write(after);
      if (old_value == new_value) continue;
      out.push_back({option.FullName(), old_value.OneLine(), new_value.OneLine(),
                     option.applies == Applies::kOnRestart});
    }
  }
  for (const EntryArray& array : EntryArrays()) AddEntryChanges(array, before, after, out);
  return out;
}

}  // namespace mxward
