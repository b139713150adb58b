// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "catch.h"
#include "config/dnsbl_profiles.h"
#include "config/dump.h"
#include "config/loader.h"
#include "tests/unit/config/load.h"

namespace mxward {
namespace {

// A list that says everything, one as its profile has it, and one with changes.
constexpr std::string_view kLists = R"([[dnsbl]]
name = "house list"
zone = "bl.example.net"
codes = { "127.0.0.2" = 4, "127.0.0.[3..9]" = { score = -8, meaning = "a \"b\"" } }
refusals = ["127.0.0.255"]
ipv6 = false
listed_v4 = "192.0.2.7"
unlisted_v4 = ""
observe = true

[[dnsbl]]
profile = "spamhaus-dbl"

[[dnsbl]]
name = "names"
profile = "surbl"
weight = 3
of = ["client-name"]
organisation = false

[[dnsbl]]
zone = "x.example.net"
weight = 2
codes = ["127.0.0.2"]
listed_v6 = "2001:db8::a"
)";

TEST_CASE("DNS lists that are dumped load back to the same lists", "[config]") {
  const Config config = Load(kLists);
  REQUIRE(config.dnsbl.size() == 4);
  CHECK(Load(DumpToml(config, /*only_changed=*/false)) == config);
  CHECK(Load(DumpToml(config, /*only_changed=*/true)) == config);
}

TEST_CASE("every profile that is dumped loads back to itself", "[config]") {
  for (const DnsblProfile& profile : DnsblProfiles()) {
    if (profile.draft.zone->starts_with("{key}")) continue;
    INFO(profile.name);
    const std::string entry = "[[dnsbl]]\nprofile = \"" + profile.name + "\"\n";
    const Config config = Load(entry);
    CHECK(DumpToml(config, /*only_changed=*/true) == entry);
    CHECK(Load(DumpToml(config, /*only_changed=*/false)) == config);
  }
}

TEST_CASE("only what a profile does not say is dumped on request", "[config]") {
  const Config config = Load(
      "[[dnsbl]]\nprofile = \"psbl\"\nipv6 = false\nobserve = true\n"
      "[[dnsbl]]\nzone = \"x.example.net\"\ncodes = { \"127.0.0.2\" = 1 }\nipv4 = true\n");
  CHECK(DumpToml(config, /*only_changed=*/true) ==
        "[[dnsbl]]\nprofile = \"psbl\"\nobserve = true\n\n"
        "[[dnsbl]]\nname = \"x.example.net\"\nzone = \"x.example.net\"\n"
        "codes = { \"127.0.0.2\" = 1 }\n");
}

TEST_CASE("DNS lists are listed like options", "[config]") {
  const auto listed = ListOptions(Load("[[dnsbl]]\nprofile = \"psbl\"\nweight = 3\n"));
  const auto find = [&](std::string_view key) {
    return *std::find_if(listed.begin(), listed.end(), [&](const ListedOption& option) {
      return option.section == "dnsbl \"psbl\"" && option.key == key;
    });
  };
  CHECK(find("profile").value == "\"psbl\"");
  CHECK(find("profile").changed);
  CHECK_FALSE(find("zone").changed);
  CHECK(find("zone").value == "\"psbl.surriel.com\"");
  CHECK_THAT(find("codes").value, HasText("score = 3"));
  CHECK_THAT(find("codes").default_value, HasText("score = 2"));
  CHECK(find("codes").changed);
}

TEST_CASE("the difference of two configs names lists that came, went and changed", "[config]") {
  const Config before = Load("[[dnsbl]]\nprofile = \"psbl\"\n[[dnsbl]]\nprofile = \"dnswl\"\n");
  const Config after =
      Load("[[dnsbl]]\nprofile = \"dnswl\"\nobserve = true\n[[dnsbl]]\nprofile = \"spamcop\"\n");
  CHECK(Difference(before, before).empty());
  const auto changes = Difference(before, after);
  REQUIRE(changes.size() == 3);
  CHECK(changes[0].name == "dnsbl \"psbl\"");
  CHECK(changes[0].before == "{ profile = \"psbl\" }");
  CHECK(changes[0].after.empty());
  CHECK(changes[1].name == "dnsbl \"dnswl\".observe");
  CHECK(changes[1].before == "false");
  CHECK(changes[1].after == "true");
  CHECK(changes[2].name == "dnsbl \"spamcop\"");
  CHECK(changes[2].after == "{ profile = \"spamcop\" }");
  CHECK_FALSE(changes[2].needs_restart);
}

}  // namespace
}  // namespace mxward
