// SPDX-License-Identifier: Apache-2.0
#include "config/dump.h"

#include "config/entry_array.h"
#include "config/entry_text.h"
#include "config/loader.h"
#include "config/option_lines.h"
#include "config/options.h"

namespace mxward {

std::string DumpToml(const Config& config, bool only_changed) {
  const Config defaults = DefaultConfig();
  std::string out;
  for (const Section& section : Sections()) {
    std::string lines;
    for (const Option& option : section.options) {
      const OptionText value = ValueOf(option, config);
      const bool changed = value != ValueOf(option, defaults);
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
      out += EntryLines(array, entry, only_changed);
    }
  }
  return out;
}

std::vector<ListedOption> ListOptions(const Config& config) {
  const Config defaults = DefaultConfig();
  std::vector<ListedOption> out;
  for (const Section& section : Sections()) {
    for (const Option& option : section.options) {
      const OptionText value = ValueOf(option, config);
      ListedOption listed;
      listed.section = option.section;
      listed.key = option.key;
      listed.default_value = DefaultOf(option).OneLine();
      listed.changed = value != ValueOf(option, defaults);
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
      const OptionText old_value = ValueOf(option, before);
      const OptionText new_value = ValueOf(option, after);
      if (old_value == new_value) continue;
      out.push_back({option.FullName(), old_value.OneLine(), new_value.OneLine(),
                     option.applies == Applies::kOnRestart});
    }
  }
  for (const EntryArray& array : EntryArrays()) AddEntryChanges(array, before, after, out);
  return out;
}

}  // namespace mxward
