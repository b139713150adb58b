// SPDX-License-Identifier: Apache-2.0
#include "config/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <map>

#include "base/client_network.h"
#include "base/text.h"
#include "config/changes.h"
#include "config/cross_checks.h"
#include "config/entry_array.h"
#include "config/options.h"
#include "config/read_file.h"
#include "config/toml_document.h"

namespace mxward {
namespace {

std::string Shown(std::string_view text) { return EscapeForLog(text, 60); }

std::string SectionText(std::string_view name) {
  return name.empty() ? "at the top of the file, before the first [section]"
                      : fmt::format("in [{}]", name);
}

std::vector<std::string_view> SectionNames() {
  std::vector<std::string_view> names;
  for (const Section& section : Sections()) {
    if (!section.name.empty()) names.push_back(section.name);
  }
  for (const EntryArray& array : EntryArrays()) names.push_back(array.name);
  return names;
}

bool IsArray(const TomlValue& value) { return value.kind == TomlValue::Kind::kArray; }

// A table, or a list that begins with one.
bool LooksLikeSection(const TomlValue& value) {
  const TomlValue& first = value.items.empty() ? value : value.items.front();
  return first.kind == TomlValue::Kind::kTable;
}

std::string InBrackets(std::string_view name, bool array) {
  return array ? fmt::format("[[{}]]", name) : fmt::format("[{}]", name);
}

std::string SectionAdvice(std::string_view name) {
  const std::string_view nearest = ClosestMatch(name, SectionNames());
  if (nearest.empty()) return {};
  return fmt::format("; did you mean {}?", InBrackets(nearest, FindEntryArray(nearest) != nullptr));
}

// [[limits]] may be meant for [[limit]].
std::string ArrayAdvice(std::string_view name) {
  std::vector<std::string_view> names;
  for (const EntryArray& array : EntryArrays()) names.push_back(array.name);
  const std::string_view nearest = ClosestMatch(name, names);
  return nearest.empty() ? "" : fmt::format("; did you mean [[{}]]?", nearest);
}

// Walks over the document and fills a Config.
class Loader {
 public:
  explicit Loader(std::vector<PlacedProblem>& problems)
      : problems_(problems), config_(DefaultConfig()) {}

  const Config& config() const { return config_; }

  void Load(const TomlValue& root) {
    for (const TomlEntry& entry : root.entries) {
      if (!ComesLast(entry)) LoadEntry(entry);
    }
    for (const TomlEntry& entry : root.entries) {
      if (ComesLast(entry)) LoadEntry(entry);
    }
  }

  // Clients are known by their IPv4 addresses, whatever they are called here.
  void KnowTranslators() {
    const Option* nat64 = FindOption("clients", "nat64");
    for (const Prefix& prefix : config_.clients.nat64) {
      if (!prefix.address().is_v4() && IsNat64Length(prefix.length())) continue;
      Problem(
          PlaceOf(nat64),
          fmt::format("clients.nat64: {} is not the network of a NAT64 translator, which has 32, "
                      "40, 48, 56, 64 or 96 bits",
                      prefix.ToString()));
    }
    Translate("trust.networks", FindOption("trust", "networks"), config_.trust.networks);
    Translate("trust.relays", FindOption("trust", "relays"), config_.trust.relays);
    for (LimitConfig& limit : config_.limit) {
      Translate("limit.spare", nullptr, limit.spare_networks);
    }
  }

  void CheckTogether() {
    for (const Conflict& conflict : FindConflicts(config_)) {
      Place place = PlaceOf(conflict.first);
      if (place.line == 0) place = PlaceOf(conflict.second);
      Problem(place, conflict.message);
    }
  }

 private:
  static bool ComesLast(const TomlEntry& entry) {
    const EntryArray* array = FindEntryArray(entry.key);
    return array != nullptr && array->after_others;
  }

  void LoadEntry(const TomlEntry& entry) {
    if (const Section* section = FindSection(entry.key); section && !entry.key.empty()) {
      LoadSection(*section, entry);
    } else if (const EntryArray* array = FindEntryArray(entry.key)) {
      array->read(entry, config_, problems_);
    } else {
      LoadOption(*FindSection(""), entry);
    }
  }

  void Problem(Place place, std::string message) {
    problems_.push_back({place, std::move(message)});
  }

  void Translate(std::string_view name, const Option* option, std::vector<Prefix>& prefixes) {
    for (Prefix& prefix : prefixes) {
      if (IsOfTranslator(prefix, config_.clients.nat64)) {
        Problem(option == nullptr ? Place() : PlaceOf(option),
                fmt::format("{}: {}", name, OfTranslatorText(prefix)));
      }
      prefix = ClientPrefix(prefix, config_.clients.nat64);
    }
  }

  Place PlaceOf(const Option* option) const {
    const auto found = places_.find(option);
    return found == places_.end() ? Place() : found->second;
  }

  void LoadSection(const Section& section, const TomlEntry& entry) {
    if (entry.value.kind == TomlValue::Kind::kArray) {
      return Problem(entry.place,
                     fmt::format("[{}] needs single brackets, and may occur only once{}",
                                 section.name, ArrayAdvice(section.name)));
    }
    if (entry.value.kind != TomlValue::Kind::kTable) {
      return Problem(
          entry.place,
          fmt::format("{0} is a section: write [{0}] on a line of its own, and its options below",
                      section.name));
    }
    for (const TomlEntry& option : entry.value.entries) LoadOption(section, option);
  }

  void LoadOption(const Section& section, const TomlEntry& entry) {
    const Option* option = FindOption(section.name, entry.key);
    if (option == nullptr) return Unknown(section, entry);
    places_[option] = entry.value.place;
    SetOption(*option, entry.value, config_, problems_);
  }

  void Unknown(const Section& section, const TomlEntry& entry) {
    if (section.name.empty() && LooksLikeSection(entry.value)) {
      return Problem(entry.place, fmt::format("unknown section {}{}",
                                              InBrackets(Shown(entry.key), IsArray(entry.value)),
                                              SectionAdvice(entry.key)));
    }
    Problem(entry.place, fmt::format("unknown key \"{}\" {}{}", Shown(entry.key),
                                     SectionText(section.name), Advice(section, entry.key)));
  }

  // A slip of the fingers, or the right option in the wrong place.
  static std::string Advice(const Section& section, std::string_view key) {
    const std::string_view nearest = ClosestMatch(key, KeysOf(section.options));
    if (!nearest.empty()) return fmt::format("; did you mean \"{}\"?", nearest);
    std::string places;
    for (const Section& other : Sections()) {
      if (FindOption(other.name, key) == nullptr) continue;
      places += (places.empty() ? "" : " or ") + SectionText(other.name);
    }
    for (const EntryArray& array : EntryArrays()) {
      if (!array.Has(key)) continue;
      places += fmt::format("{}in [[{}]]", places.empty() ? "" : " or ", array.name);
    }
    return places.empty() ? "" : "; it belongs " + places;
  }

  std::vector<PlacedProblem>& problems_;
  Config config_;
  std::map<const Option*, Place> places_;  // of the values that stand in the file
};

std::vector<ConfigProblem> Finish(std::vector<PlacedProblem> problems, const std::string& filename,
                                  const std::vector<std::string>& changes) {
  std::stable_sort(
      problems.begin(), problems.end(),
      [](const PlacedProblem& a, const PlacedProblem& b) { return a.place < b.place; });
  std::vector<ConfigProblem> out;
  out.reserve(problems.size());
  for (PlacedProblem& problem : problems) {
    if (problem.place.line >= kFirstChangeLine) {
      const auto number = static_cast<std::size_t>(problem.place.line - kFirstChangeLine);
      out.push_back(
          {"--set " + NameOfChange(changes.at(number)), 0, 0, std::move(problem.message)});
      continue;
    }
    out.push_back({filename, problem.place.line, problem.place.column, std::move(problem.message)});
  }
  return out;
}

LoadResult Parse(std::string_view text, const std::string& filename,
                 const std::vector<std::string>& changes) {
  std::vector<PlacedProblem> problems;
  if (auto problem = CheckEncoding(text)) {
    problems.push_back(*std::move(problem));
    return tl::unexpected(Finish(std::move(problems), filename, changes));
  }
  TomlDocument document = ParseToml(text);
  problems = std::move(document.problems);
  MergeChanges(changes, document.root, problems);
  Loader loader(problems);
  if (document.readable) loader.Load(document.root);
  if (problems.empty()) loader.KnowTranslators();
  if (problems.empty()) loader.CheckTogether();
  if (!problems.empty()) return tl::unexpected(Finish(std::move(problems), filename, changes));
  return loader.config();
}

}  // namespace

std::string ConfigProblem::ToString() const {
  if (line == 0) return fmt::format("{}: {}", file, message);
  return fmt::format("{}:{}:{}: {}", file, line, column, message);
}

Config DefaultConfig() {
  Config config;
  for (const Section& section : Sections()) {
    for (const Option& option : section.options) SetDefault(option, config);
  }
  return config;
}

LoadResult ParseConfig(std::string_view text, const std::string& filename,
                       const std::vector<std::string>& changes) {
  try {
    return Parse(text, filename, changes);
  } catch (const std::exception& error) {
    return tl::unexpected(std::vector<ConfigProblem>{{filename, 0, 0, error.what()}});
  }
}

LoadResult LoadConfigFile(const std::string& path, const std::vector<std::string>& changes) {
  try {
    const auto text = ReadConfigFile(path, kMaxConfigFile);
    if (!text) {
      return tl::unexpected(std::vector<ConfigProblem>{{path, 0, 0, text.error().message}});
    }
    return Parse(*text, path, changes);
  } catch (const std::exception& error) {
    return tl::unexpected(std::vector<ConfigProblem>{{path, 0, 0, error.what()}});
  }
}

}  // namespace mxward
