// SPDX-License-Identifier: Apache-2.0
#include "config/dnsbl_profiles.h"

#include <algorithm>
#include <set>

#include "catch.h"
#include "config/loader.h"

namespace mxward {
namespace {

// The list that a profile alone makes, with a key where it needs one.
DnsblConfig LoadProfile(const DnsblProfile& profile) {
  const bool keyed = profile.draft.zone->starts_with("{key}");
  const LoadResult loaded = ParseConfig(
      "[[dnsbl]]\nprofile = \"" + profile.name + "\"\n" + (keyed ? "key = \"abc123\"\n" : ""), "f");
  if (!loaded) FAIL(loaded.error().front().ToString());
  return loaded->dnsbl.front();
}

int ScoreOf(const DnsblConfig& list, std::string_view answer) {
  int score = 0;
  for (const DnsblCode& code : list.codes) {
    if (code.filter.Matches(*IpAddress::Parse(answer)) && std::abs(code.score) > std::abs(score)) {
      score = code.score;
    }
  }
  return score;
}

bool CanBeAsked(const std::string& point, const DnsblConfig& list) {
  if (point.empty()) return true;
  const bool plain =
      point.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string::npos;
  return plain && point.front() != '.' && point.back() != '.' &&
         point.size() + 1 + list.zone.size() <= 253;
}

TEST_CASE("the file of profiles is without a mistake", "[config]") {
  std::vector<PlacedProblem> problems;
  const auto profiles = ParseDnsblProfiles(DnsblProfilesFile(), problems);
  for (const PlacedProblem& problem : problems) FAIL(problem.place.line << ": " << problem.message);
  CHECK(profiles.size() == DnsblProfiles().size());
  CHECK(profiles.size() >= 20);
}

TEST_CASE("the lists that admins use have a profile, dead ones have none", "[config]") {
  for (const char* name : {"spamhaus-zen", "spamhaus-zen-dqs", "spamhaus-dbl", "spamhaus-dbl-dqs",
                           "barracuda", "spamcop", "uceprotect-1", "uceprotect-2", "uceprotect-3",
                           "psbl", "mailspike-bl", "mailspike-wl", "dnswl", "surbl", "uribl"}) {
    INFO(name);
    CHECK(FindDnsblProfile(name) != nullptr);
  }
  CHECK(FindDnsblProfile("sorbs") == nullptr);
  CHECK(FindDnsblProfile("") == nullptr);
}

TEST_CASE("every profile makes a sane list", "[config]") {
  std::set<std::string> names;
  for (const DnsblProfile& profile : DnsblProfiles()) {
    INFO(profile.name);
    const DnsblConfig list = LoadProfile(profile);
    CHECK(names.insert(list.name).second);
    CHECK(list.name == profile.name);
    CHECK(list.profile == profile.name);
    CHECK(profile.about.ends_with("."));
    CHECK_FALSE(list.observe);
    for (const std::string* point : {&list.listed_v4, &list.unlisted_v4, &list.listed_v6,
                                     &list.unlisted_v6, &list.listed_name, &list.unlisted_name}) {
      CHECK(CanBeAsked(*point, list));
    }
    CHECK((list.unlisted_v4 == "1.0.0.127") == list.AboutClients());
    CHECK(list.unlisted_name.empty() == list.AboutClients());
    CHECK(list.MaxScore() < DefaultConfig().score.reject);  // no list rejects by itself
    CHECK(list.MinScore() >= -5);
    CHECK((list.MaxScore() > 0) != (list.MinScore() < 0));  // bad or good senders, not both
  }
}

TEST_CASE("no profile counts a refusal or an answer that is none", "[config]") {
  for (const DnsblProfile& profile : DnsblProfiles()) {
    const DnsblConfig list = LoadProfile(profile);
    for (const char* answer :
         {"127.0.0.0", "127.0.0.1", "127.0.0.255", "127.0.1.255", "127.0.2.255", "127.255.255.252",
          "127.255.255.254", "127.255.255.255", "10.0.0.2", "192.0.2.1", "0.0.0.0"}) {
      INFO(profile.name << " " << answer);
      const bool bits = list.organisation;  // masks match 255; only a listing in all lists is that
      if (!bits || std::string_view(answer) != "127.0.0.255") CHECK(ScoreOf(list, answer) == 0);
    }
    for (const CodeFilter& refusal : list.refusals) {
      CHECK(ScoreOf(list, refusal.text()) == 0);
    }
    for (const DnsblCode& code : list.codes) CHECK(code.filter.text().starts_with("127."));
  }
}

TEST_CASE("profiles score what their lists mean", "[config]") {
  const auto score = [](const char* name, std::string_view answer) {
    return ScoreOf(LoadProfile(*FindDnsblProfile(name)), answer);
  };
  for (const char* name : {"spamhaus-zen", "spamhaus-zen-dqs"}) {
    for (const char* code : {"127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.9", "127.0.0.10",
                             "127.0.0.11", "127.0.0.30"}) {
      CHECK(score(name, code) == 6);
    }
    CHECK(score(name, "127.0.0.8") == 0);
  }
  for (const char* name : {"spamhaus-dbl", "spamhaus-dbl-dqs"}) {
    CHECK(score(name, "127.0.1.2") == 6);
    CHECK(score(name, "127.0.1.106") == 1);
    CHECK(score(name, "127.0.1.3") == 0);
  }
  CHECK(score("barracuda", "127.0.0.2") == 4);
  CHECK(score("mailspike-bl", "127.0.0.10") == 3);
  CHECK(score("spamcop", "127.0.0.2") == 2);
  CHECK(score("psbl", "127.0.0.2") == 2);
  CHECK(score("uceprotect-1", "127.0.0.2") == 1);
  CHECK(score("dnswl", "127.0.10.0") == 0);
  CHECK(score("dnswl", "127.0.5.1") == -1);
  CHECK(score("dnswl", "127.0.15.2") == -3);
  CHECK(score("dnswl", "127.0.4.3") == -5);
  CHECK(score("dnswl", "127.0.10.3") == 0);  // to all, over the quota
  CHECK(score("spamhaus-authbl-dqs", "127.0.0.20") == 3);
  CHECK(score("spamrats", "127.0.0.43") == 2);
  for (const int code : {3, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17}) {
    CHECK(score("dronebl", "127.0.0." + std::to_string(code)) == 2);
  }
  // 18 is the mail servers of IRC networks.
  for (const int code : {1, 2, 4, 12, 18, 19}) {
    CHECK(score("dronebl", "127.0.0." + std::to_string(code)) == 0);
  }
  CHECK(score("surbl", "127.0.0.80") == 4);
  CHECK(score("surbl", "127.0.0.128") == 1);
  CHECK(score("surbl", "127.0.0.4") == 1);
  CHECK(score("surbl", "127.0.0.32") == 1);
  CHECK(score("surbl", "127.0.0.36") == 1);
  CHECK(score("uribl", "127.0.0.2") == 4);
  CHECK(score("uribl", "127.0.0.4") == 1);
}

TEST_CASE("lists of names say which names they want", "[config]") {
  CHECK_FALSE(LoadProfile(*FindDnsblProfile("spamhaus-dbl")).organisation);
  CHECK(LoadProfile(*FindDnsblProfile("spamhaus-dbl")).listed_name == "dbltest.com");
  CHECK(LoadProfile(*FindDnsblProfile("surbl")).organisation);
  CHECK(LoadProfile(*FindDnsblProfile("uribl")).organisation);
  CHECK(LoadProfile(*FindDnsblProfile("spamhaus-zen")).ipv6);
  CHECK_FALSE(LoadProfile(*FindDnsblProfile("barracuda")).ipv6);
}

TEST_CASE("a profile may build on one above it", "[config]") {
  std::vector<PlacedProblem> problems;
  const auto profiles = ParseDnsblProfiles(
      "[[dnsbl]]\nname = \"a\"\nzone = \"a.example\"\nweight = 3\n"
      "[[dnsbl]]\nprofile = \"a\"\nname = \"b\"\nabout = \"B.\"\nzone = \"b.example\"\n"
      "[[dnsbl]]\nprofile = \"c\"\nname = \"d\"\n",
      problems);
  REQUIRE(profiles.size() == 3);
  CHECK(profiles[1].name == "b");
  CHECK(profiles[1].about == "B.");
  CHECK(profiles[1].draft.zone == "b.example");
  CHECK(profiles[1].draft.weight == 3);
  REQUIRE(problems.size() == 1);
  CHECK(problems.front().place.line == 10);
}

}  // namespace
}  // namespace mxward
