// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "catch.h"
#include "config/dump.h"
#include "config/loader.h"
#include "tests/unit/config/load.h"

namespace mxward {
namespace {

// Everything that a limit can be, and as little as it can say.
constexpr std::string_view kLimits = R"([[limit]]
count = "connections"
per = "client"
rate = "300/1m"

[[limit]]
name = "networks"
count = "connections"
per = "network"
rate = "1000/1h burst 20"
prefix_v4 = 20
prefix_v6 = 64
action = "reject"
at = "connect"
spare = ["192.0.2.0/24", "2001:db8::1", "example.org"]

[[limit]]
count = "concurrent"
per = "client"
rate = "20"
action = "score"
score = 4

[[limit]]
name = "harvest"
count = "bad-recipients"
per = "client"
rate = "20/1h"
share = 0
action = "observe"

[[limit]]
count = "recipients"
per = "user"
rate = "100/1d"

[dns]
deadline = "1s"
)";

TEST_CASE("limits that are dumped load back to the same limits", "[config]") {
  const Config config = Load(kLimits);
  REQUIRE(config.limit.size() == 5);
  CHECK(Load(DumpToml(config, /*only_changed=*/false)) == config);
  CHECK(Load(DumpToml(config, /*only_changed=*/true)) == config);
}

TEST_CASE("what a limit does not have to say is dumped only with all the rest", "[config]") {
  const std::string entry =
      "[[limit]]\ncount = \"connections\"\nper = \"client\"\n"
      "rate = \"300/1m\"\n";
  const Config config = Load(entry +
                             "action = \"defer\"\nname = \"connections-client\"\n"
                             "spare = []\nat = \"rcpt\"\n");
  CHECK(DumpToml(config, /*only_changed=*/true) == entry);
  CHECK(DumpToml(config, /*only_changed=*/false)
            .ends_with("\n[[limit]]\nname = \"connections-client\"\ncount = \"connections\"\n"
                       "per = \"client\"\nrate = \"300/1m\"\naction = \"defer\"\nat = \"rcpt\"\n"
                       "spare = []\n"));
}

TEST_CASE("a long list of spared clients is spread over lines", "[config]") {
  std::string spare;
  for (int i = 0; i < 40; ++i) spare += "\"192.0.2." + std::to_string(i) + "\", ";
  const Config config = Load(
      "[[limit]]\ncount = \"messages\"\nper = \"client\"\nrate = \"9/1h\"\n"
      "spare = [" +
      spare + "]\n");
  const std::string dump = DumpToml(config, /*only_changed=*/true);
  CHECK_THAT(dump, HasText("\nspare = [\n\"192.0.2.0\","));
  CHECK(Load(dump) == config);
}

TEST_CASE("limits are listed like options", "[config]") {
  const auto listed = ListOptions(Load(kLimits));
  const auto find = [&](std::string_view section, std::string_view key) {
    const auto found = std::find_if(listed.begin(), listed.end(), [&](const ListedOption& option) {
      return option.section == section && option.key == key;
    });
    return found == listed.end() ? ListedOption() : *found;
  };
  CHECK(find("limit \"harvest\"", "share").value == "0");
  CHECK(find("limit \"harvest\"", "share").default_value == "50");
  CHECK(find("limit \"harvest\"", "share").changed);
  CHECK(find("limit \"harvest\"", "action").changed);
  CHECK(find("limit \"connections-client\"", "rate").value == "\"300/1m\"");
  CHECK_FALSE(find("limit \"connections-client\"", "name").changed);
  CHECK_FALSE(find("limit \"connections-client\"", "action").changed);
  CHECK_FALSE(find("limit \"connections-client\"", "action").needs_restart);
  // What would mean nothing for the limit is not there.
  CHECK(find("limit \"connections-client\"", "share").value.empty());
  CHECK(find("limit \"connections-client\"", "prefix_v4").value.empty());
  CHECK(find("limit \"connections-client\"", "score").value.empty());
  CHECK(find("limit \"recipients-user\"", "at").value.empty());
}

TEST_CASE("the difference of two configs names limits that came, went and changed", "[config]") {
  const std::string connections = "[[limit]]\ncount = \"connections\"\nper = \"client\"\n";
  const Config before = Load(connections +
                             "rate = \"300/1m\"\n[[limit]]\ncount = \"messages\"\n"
                             "per = \"sender\"\nrate = \"9/1h\"\n");
  const Config after = Load(connections +
                            "rate = \"200/1m\"\naction = \"score\"\nscore = 3\n[[limit]]\n"
                            "count = \"recipients\"\nper = \"user\"\nrate = \"100/1d\"\n"
                            "[limits]\nmemory = \"8M\"\n");
  CHECK(Difference(before, before).empty());
  const auto changes = Difference(before, after);
  REQUIRE(changes.size() == 7);
  CHECK(changes[0].name == "limits.memory");
  CHECK(changes[1].name == "limit \"messages-sender\"");
  CHECK(changes[1].before == "{ count = \"messages\", per = \"sender\", rate = \"9/1h\" }");
  CHECK(changes[1].after.empty());
  CHECK(changes[2].name == "limit \"connections-client\".rate");
  CHECK(changes[2].before == "\"300/1m\"");
  CHECK(changes[2].after == "\"200/1m\"");
  CHECK(changes[3].name == "limit \"connections-client\".action");
  CHECK(changes[4].name == "limit \"connections-client\".score");
  CHECK(changes[4].before.empty());
  CHECK(changes[4].after == "3");
  CHECK(changes[5].name == "limit \"connections-client\".at");
  CHECK(changes[5].before == "\"rcpt\"");
  CHECK(changes[5].after.empty());
  CHECK(changes[6].name == "limit \"recipients-user\"");
  CHECK(changes[6].after == "{ count = \"recipients\", per = \"user\", rate = \"100/1d\" }");
  for (const ChangedOption& change : changes) CHECK_FALSE(change.needs_restart);
}

}  // namespace
}  // namespace mxward
