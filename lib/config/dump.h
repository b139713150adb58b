// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/entry_array.h"

namespace mxward {

// A config, and the option table itself, as text. Pure. A subscriber key is in none of them.

// A file that loads back to the same config: all options, or only those that differ from their
// defaults ("" when none does). Where a DNS list has a key, a comment says that it is left out, and
// the file does not load until it is put in: nobody shall lose a list without noticing.
std::string DumpToml(const Config& config, bool only_changed);

struct ListedOption {
  std::string section;  // "" is the top of the file; of an entry "limit \"NAME\""
  std::string key;
  std::string value;          // in TOML, on one line
  std::string default_value;  // of an entry: what stands without it, or ""
  bool changed = false;       // the value is not the default
  bool needs_restart = false;
};
// All options, in the order of the manual.
std::vector<ListedOption> ListOptions(const Config& config);

struct ChangedOption {
  std::string name;            // "greylist.delay", "limit \"NAME\".rate", "limit \"NAME\""
  std::string before;          // in TOML, on one line; "" where there was nothing
  std::string after;           // "" where there is nothing any more
  bool needs_restart = false;  // a reload does not change it
};
// What differs between the running config and a new one.
std::vector<ChangedOption> Difference(const Config& before, const Config& after);

// The entry of an array as a section that loads back to it, but for secrets: with all its keys, or
// with those only that would not be so without being said.
std::string EntryLines(std::string_view array, const EntryValues& entry, bool only_changed);

// What is longer is spread over several lines where that can be.
inline constexpr std::size_t kLineWidth = 90;
// "key = value\n"; a list too long for one line is spread over several, none of them indented.
std::string AssignmentLines(std::string_view key, const OptionText& value);
// The words of text in lines of at most width characters; a longer word has a line of its own.
std::vector<std::string> Wrap(std::string_view text, std::size_t width);

// packaging/mxward.toml: every option commented out with its default.
std::string SampleFile();
// The option list of man/mxward.toml.5, in mdoc.
std::string ManualOptions();

}  // namespace mxward
