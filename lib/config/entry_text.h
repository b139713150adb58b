// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "config/dump.h"
#include "config/entry_array.h"

namespace mxward {

// Entries of arrays of tables in the texts of dump.h. No secret is in any of them. Pure.

// The entry as a section that loads back to it, but for secrets: with all its keys, or with those
// only that would not be so without being said.
std::string EntryLines(const EntryArray& array, const EntryValues& entry, bool only_changed);

// Adds a row for each key that means something for the entry.
void ListEntry(const EntryArray& array, const EntryValues& entry, std::vector<ListedOption>& out);

// Adds entries that came or went, and what changed in those that stayed. Entries are known by name.
void AddEntryChanges(const EntryArray& array, const Config& before, const Config& after,
                     std::vector<ChangedOption>& out);

}  // namespace mxward
