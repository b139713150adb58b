// SPDX-License-Identifier: Apache-2.0
#include "config/options.h"

#include <algorithm>
#include <array>

namespace mxward {

std::span<const Section> Sections() {
  static const std::array<Section, 15> sections = {{
      {"", "These stand at the top of the file, before the first section.", TopOptions()},
      {"milter", "How the MTA reaches mxward.", MilterOptions()},
      {"trust", "Clients that are judged less, or not at all.", TrustOptions()},
      {"exempt", "Recipients that always get their mail at once.", ExemptOptions()},
      {"reply", "What clients read.", ReplyOptions()},
      {"score",
       "What the checks find adds up to a score, and two thresholds act on it. Of the findings of "
       "one group (name, helo, sender, history) only the highest counts.",
       ScoreOptions()},
      {"names", "What the checks on host names need to know.", NamesOptions()},
      {"greylist", "Suspicious clients are asked to come back later; senders of spam seldom do.",
       GreylistOptions()},
      {"limits", "What the limits share; the limits themselves are [[limit]] sections.",
       LimitsOptions()},
      {"clients", "What is remembered of every client: its visits, and how its mail fared.",
       ClientsOptions()},
      {"dns", "How questions are asked in the DNS.", DnsOptions()},
      {"store", "The database, which remembers who has been seen.", StoreOptions()},
      {"log", "One line for each decision.", LogOptions()},
      {"control", "The way in for mxwardctl.", ControlOptions()},
      {"metrics", "What monitoring reads; see METRICS in mxward(8).", MetricsOptions()},
  }};
  return sections;
}

const Section* FindSection(std::string_view name) {
  const auto sections = Sections();
  const auto found = std::find_if(sections.begin(), sections.end(),
                                  [&](const Section& section) { return section.name == name; });
  return found == sections.end() ? nullptr : &*found;
}

const Option* FindOption(std::string_view section, std::string_view key) {
  const Section* in = FindSection(section);
  return in == nullptr ? nullptr : FindField(in->options, key);
}

void SetOption(const Option& option, const TomlValue& value, Config& config,
               std::vector<PlacedProblem>& problems) {
  ReadField(option, value, config, config, problems);
}

Config AfterReload(const Config& running, Config file) {
  for (const Section& section : Sections()) {
    for (const Option& option : section.options) {
      if (option.applies == Applies::kOnRestart) option.kind->Copy(running, file);
    }
  }
  return file;
}

}  // namespace mxward
