// SPDX-License-Identifier: Apache-2.0
#include "config/cross_checks.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <set>
#include <string_view>

#include "base/units.h"
#include "config/listen_address.h"

namespace mxward {
namespace {

constexpr std::uint64_t kMemoryOfLimit = 16ULL << 10;

struct Rule {
  std::string_view first_section, first_key;
  std::string_view must_be;  // the relation that `holds` checks
  std::string_view second_section, second_key;
  bool (*holds)(const Config&);
};

bool SocketsDiffer(const Config& config) {
  const auto listen = ParseListenAddress(config.milter.listen);
  return !listen || listen->kind != ListenAddress::Kind::kUnix ||
         listen->path != config.control.socket;
}

constexpr std::array<Rule, 5> kRules = {{
    {"greylist", "delay", "shorter than", "greylist", "retry_window",
     [](const Config& c) { return c.greylist.delay < c.greylist.retry_window; }},
    {"greylist", "lifetime", "at least as long as", "greylist", "delay",
     [](const Config& c) { return c.greylist.lifetime >= c.greylist.delay; }},
    {"score", "greylist", "at most", "score", "reject",
     [](const Config& c) { return c.score.greylist <= c.score.reject; }},
    {"store", "map_size", "at most", "store", "map_size_max",
     [](const Config& c) { return c.store.map_size <= c.store.map_size_max; }},
    {"milter", "listen", "another socket than", "control", "socket", SocketsDiffer},
}};

}  // namespace

std::vector<Conflict> FindConflicts(const Config& config) {
  std::vector<Conflict> out;
  for (const Rule& rule : kRules) {
    if (rule.holds(config)) continue;
    const Option* first = FindOption(rule.first_section, rule.first_key);
    const Option* second = FindOption(rule.second_section, rule.second_key);
    const std::string message = fmt::format(
        "{} = {} must be {} {} = {}", first->FullName(), first->kind->Write(config).OneLine(),
        rule.must_be, second->FullName(), second->kind->Write(config).OneLine());
    out.push_back({first, second, message});
  }
  // Below that the counters of one limit push out those of the next.
  const std::uint64_t needed = config.limit.size() * kMemoryOfLimit;
  if (config.limits.memory < needed) {
    const Option* memory = FindOption("limits", "memory");
    out.push_back(
        {memory, nullptr,
         fmt::format("{} = {} must be at least \"{}\" for {} limits, {} for each",
                     memory->FullName(), memory->kind->Write(config).OneLine(), FormatSize(needed),
                     config.limit.size(), FormatSize(kMemoryOfLimit))});
  }
  std::set<std::string_view> spf_of;
  for (const RuleConfig& rule : config.rule) spf_of.insert(rule.spf_of.begin(), rule.spf_of.end());
  if (spf_of.size() > kMostSpfOf) {
    out.push_back(
        {FindOption("spf", "questions"), nullptr,
         fmt::format("rules have {} different domains in spf_of; at most {} are possible, "
                     "because each may be evaluated for every client",
                     spf_of.size(), kMostSpfOf)});
  }
  return out;
}

}  // namespace mxward
