// SPDX-License-Identifier: Apache-2.0
#include "config/options.h"

#include <algorithm>
#include <array>

namespace mxward {

std::span<const Section> Sections() {
  static const std::array<Section, 17> sections = {{
      {"", "These options come first in the file, before any section.", TopOptions()},
      {"milter", "How the MTA connects to mxward.", MilterOptions()},
      {"trust", "Clients that are checked less, or not at all.", TrustOptions()},
      {"exempt", "Recipients whose mail is never delayed.", ExemptOptions()},
      {"reply", "The text of replies to clients.", ReplyOptions()},
      {"score",
       "What the checks find adds up to a score, and two thresholds act on it. Of the findings of "
       "one group (name, helo, tls, spf, sender, history) only the highest counts.",
       ScoreOptions()},
      {"tls", "Settings of the check on encryption.", TlsOptions()},
      {"spf", "Settings of the checks on SPF.", SpfOptions()},
      {"names", "Settings of the checks on host names.", NamesOptions()},
      {"greylist", "Suspicious clients are deferred; spam sources seldom retry.",
       GreylistOptions()},
      {"limits", "Settings common to all limits; the limits themselves are [[limit]] sections.",
       LimitsOptions()},
      {"clients",
       "What is remembered of every client: its connections, and what became of its mail.",
       ClientsOptions()},
      {"dns", "How the DNS is queried.", DnsOptions()},
      {"store", "The database of tuples, clients, entries and counters.", StoreOptions()},
      {"log", "One line for each decision.", LogOptions()},
      {"control", "The control socket, for mxwardctl.", ControlOptions()},
      {"metrics", "For monitoring; see METRICS in mxward(8).", MetricsOptions()},
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
