// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/field.h"
#include "config/toml_document.h"

namespace mxward {

// The option table: everything that is known about an option of a [section] stands in one row of it
// (field.h). Rows are in options_*.cc. Constant data: usable from any thread.

using Option = Field<Config>;

struct Section {
  std::string_view name;  // "" is the top of the file
  std::string_view description;
  std::span<const Option> options;
};

// All sections in the order of the manual.
std::span<const Section> Sections();
const Section* FindSection(std::string_view name);
const Option* FindOption(std::string_view section, std::string_view key);

// Reads a value into config, or adds to problems what is wrong with it, item by item.
void SetOption(const Option& option, const TomlValue& value, Config& config,
               std::vector<PlacedProblem>& problems);

// What a reload puts into force: what the file says, but options that need a restart keep the value
// they run with. The table says which those are, and nothing else does.
Config AfterReload(const Config& running, Config file);

// The rows, a file for each group of sections. For options.cc, which puts them into Sections().
std::span<const Option> TopOptions();
std::span<const Option> MilterOptions();
std::span<const Option> TrustOptions();
std::span<const Option> ExemptOptions();
std::span<const Option> ReplyOptions();
std::span<const Option> GreylistOptions();
std::span<const Option> ScoreOptions();
std::span<const Option> TlsOptions();
std::span<const Option> SpfOptions();
std::span<const Option> NamesOptions();
std::span<const Option> LimitsOptions();
std::span<const Option> ClientsOptions();
std::span<const Option> DnsOptions();
std::span<const Option> StoreOptions();
std::span<const Option> LogOptions();
std::span<const Option> ControlOptions();
std::span<const Option> MetricsOptions();

}  // namespace mxward
