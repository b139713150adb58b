// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace mxward {

// A config, and the option table itself, as text. Pure.

// A file that loads back to the same config: all options, or only those that differ from their
// defaults ("" when none does).
std::string DumpToml(const Config& config, bool only_changed);

struct ListedOption {
  std::string section;  // "" is the top of the file
  std::string key;
  std::string value;  // in TOML, on one line
  std::string default_value;
  bool changed = false;  // the value is not the default
  bool needs_restart = false;
};
// All options, in the order of the manual.
std::vector<ListedOption> ListOptions(const Config& config);

struct ChangedOption {
  std::string name;    // "greylist.delay"
  std::string before;  // in TOML, on one line
  std::string after;
  bool needs_restart = false;  // a reload does not change it
};
// What differs between the running config and a new one.
std::vector<ChangedOption> Difference(const Config& before, const Config& after);

// packaging/mxward.toml: every option commented out with its default.
std::string SampleFile();
// The option list of man/mxward.toml.5, in mdoc.
std::string ManualOptions();

}  // namespace mxward
