// SPDX-License-Identifier: Apache-2.0
// Which lists reject together with what mxward finds by itself, by the default scores: a table in
// mxward(8), made here from the option table and the profiles.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "config/dnsbl_profiles.h"
#include "config/loader.h"
#include "tests/unit/catch.h"

namespace mxward::policy {
namespace {

struct Own {
  std::string name;
  int points;
};
// Of a group one counts at most. What speaks for a client is no part of it.
using Group = std::vector<Own>;

std::vector<Group> GroupsOf(const ScoreConfig& score) {
  return {
      {{"rdns-none", score.rdns_none},
       {"rdns-forged", score.rdns_forged},
       {"rdns-dynamic", score.rdns_dynamic},
       {"rdns-tempfail", score.rdns_tempfail}},
      {{"helo-self", score.helo_self},
       {"helo-ip", score.helo_ip},
       {"helo-literal-mismatch", score.helo_literal_mismatch},
       {"helo-not-fqdn", score.helo_not_fqdn}},
      {{"unauthenticated", score.unauthenticated}, {"tls-none", score.tls_none}},
      {{"spf-fail", score.spf_fail},
       {"spf-softfail", score.spf_softfail},
       {"spf-permerror", score.spf_permerror}},
      {{"sender-domain-none", score.sender_domain_none},
       {"sender-null-mx", score.sender_null_mx},
       {"sender-mx-nowhere", score.sender_mx_nowhere}},
      {{"history-bad", score.history_bad}},
  };
}

// Findings of one group with the same points are one word: "rdns-none|rdns-forged".
std::vector<Group> Joined(const std::vector<Group>& groups) {
  std::vector<Group> joined;
  for (const Group& group : groups) {
    std::map<int, std::string, std::greater<>> words;
    for (const Own& own : group) {
      if (own.points <= 0) continue;
      std::string& word = words[own.points];
      word += (word.empty() ? "" : "|") + own.name;
    }
    Group& one = joined.emplace_back();
    for (const auto& [points, word] : words) one.push_back({word, points});
  }
  return joined;
}

using Set = std::set<std::string>;

// The smallest sets of findings that add at least `needed`, by score.own_limit.
std::vector<Set> SmallestSets(const std::vector<Group>& groups, int needed, int own_limit) {
  std::vector<Set> enough;
  std::vector<std::size_t> choice(groups.size(), 0);  // 0: nothing of this group
  for (;;) {
    Set set;
    int sum = 0;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (choice[i] == 0) continue;
      set.insert(groups[i][choice[i] - 1].name);
      sum += groups[i][choice[i] - 1].points;
    }
    if (std::min(sum, own_limit) >= needed) enough.push_back(std::move(set));
    std::size_t at = 0;
    while (at < groups.size() && choice[at] == groups[at].size()) choice[at++] = 0;
    if (at == groups.size()) break;
    ++choice[at];
  }
  std::vector<Set> smallest;
  for (const Set& set : enough) {
    const bool needless = std::any_of(enough.begin(), enough.end(), [&](const Set& other) {
      return other.size() < set.size() &&
             std::includes(set.begin(), set.end(), other.begin(), other.end());
    });
    if (!needless) smallest.push_back(set);
  }
  return smallest;
}

std::string SourceFile(const std::string& name) {
  const char* directory = std::getenv("MXWARD_SOURCE_DIR");
  return std::string(directory == nullptr ? MXWARD_SOURCE_DIR : directory) + "/" + name;
}

std::string Read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Of each number of points that a profile's listing can add: the profiles, and what is enough
// beside them.
std::string TableOf(const Config& config) {
  std::map<int, std::set<std::string>, std::greater<>> profiles;
  for (const DnsblProfile& profile : DnsblProfiles()) {
    if (profile.name.ends_with("-dqs") &&
        FindDnsblProfile(profile.name.substr(0, profile.name.size() - 4)) != nullptr) {
      continue;  // the same, asked elsewhere
    }
    for (const DnsblDraftCode& code : profile.draft.codes.value_or(std::vector<DnsblDraftCode>())) {
      const int points = code.score.value_or(profile.draft.weight.value_or(0));
      if (points > 0) profiles[points].insert(profile.name);
    }
  }
  const std::vector<Group> groups = Joined(GroupsOf(config.score));
  std::string table;
  for (const auto& [points, names] : profiles) {
    table += std::to_string(points) + ":";
    for (const std::string& name : names) table += " " + name;
    table += "\n";
    const auto sets = SmallestSets(groups, config.score.reject - points, config.score.own_limit);
    std::set<std::string> lines;
    for (const Set& set : sets) {
      std::string line;
      for (const std::string& finding : set) line += (line.empty() ? "  " : " + ") + finding;
      lines.insert(line + "\n");
    }
    if (lines.empty()) lines.insert("  never by these alone\n");
    for (const std::string& line : lines) table += line;
  }
  return table;
}

TEST_CASE("which profiles reject with which findings of our own is written down", "[policy]") {
  const Config config = DefaultConfig();
  const std::string path = SourceFile("tests/unit/policy/rejections.txt");
  const std::string table =
      "# With MXWARD_UPDATE_GENERATED=1 the unit tests write this again. Who changes a weight or "
      "a\n"
      "# score sees here what it rejects; mxward(8), LISTS AND OWN FINDINGS, says it in short.\n" +
      TableOf(config);
  const char* update = std::getenv("MXWARD_UPDATE_GENERATED");
  if (update != nullptr && std::string_view(update) == "1") std::ofstream(path) << table;
  const bool current = Read(path) == table;
  CHECK(current);
}

TEST_CASE("no profile rejects by itself, and what we find rejects with none below three points",
          "[policy]") {
  const Config config = DefaultConfig();
  const ScoreConfig& score = config.score;
  CHECK(score.own_limit < score.reject);
  for (const DnsblProfile& profile : DnsblProfiles()) {
    INFO(profile.name);
    for (const DnsblDraftCode& code : profile.draft.codes.value_or(std::vector<DnsblDraftCode>())) {
      const int points = code.score.value_or(profile.draft.weight.value_or(0));
      CHECK(points < score.reject);
      CHECK((points >= 3) == (points + score.own_limit >= score.reject));
    }
  }
}

}  // namespace
}  // namespace mxward::policy
