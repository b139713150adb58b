// SPDX-License-Identifier: Apache-2.0
#include "config/dump.h"

#include <algorithm>

#include "catch.h"
#include "config/loader.h"
#include "config/options.h"
#include "tests/unit/config/load.h"

namespace mxward {
namespace {

// No option as by default.
constexpr std::string_view kEverythingChanged = R"(mode = "observe"
on_failure = "tempfail"
add_header = true
user = "mxward"
group = "mxward"

[milter]
listen = "inet:127.0.0.1:8899"
socket_mode = "0600"
socket_group = "postfix"
max_sessions = 5

[trust]
networks = ["loopback", "192.0.2.0/24", "2001:db8::1"]
relays = ["192.0.2.25"]
authenticated = false
certificates = [{ subject = "CN=\"a\" \\ \u00e4", issuer = "b\u0007\n" }]

[exempt]
recipients = ["help@example.org"]

[reply]
contact = "see \"https://example.org\""
list_text = false

[score]
greylist = 3
reject = 11
own_limit = 8
rdns_none = 5
rdns_forged = 6
rdns_dynamic = 7
rdns_tempfail = 1
helo_self = 3
helo_ip = 0
helo_literal_mismatch = 1
helo_not_fqdn = 2
helo_verified = -4
tls_none = 3
unauthenticated = 4
spf_fail = 2
spf_softfail = 3
spf_permerror = 0
sender_domain_none = 1
sender_null_mx = 0
sender_mx_nowhere = 3
history_bad = 0
history_good = -1

[tls]
offered = true

[spf]
questions = 30

[names]
own = ["example.org"]
dynamic_except = []

[greylist]
apply = "off"
delay = "1h30m"
retry_window = "3d"
lifetime = "100d"
auto_allow_after = 0
auto_allow_lifetime = "1d1h1m1s"
auto_allow_except = ["example.com", "example.net"]
identities = ["network"]
network_v4 = 32
network_v6 = 48
privacy = true
max_pending = 7
text = "Wait {seconds}, \"please\""

[limits]
memory = "64K"

[clients]
lifetime = "1d"
nat64 = ["2001:db8:64::/96"]

[dns]
servers = ["127.0.0.1:5353", "::1"]
deadline = "1500ms"
cache_entries = 1000
max_outstanding = 10

[store]
path = "/tmp/\u00e4"
hash_key_file = "/tmp/key"
map_size = "65M"
map_size_max = "1T"
deadline = "250ms"

[log]
target = "journal"
format = "json"
addresses = "domain"

[control]
socket = "/tmp/control"
socket_group = "adm"
read_group = "monitor"

[metrics]
listen = "127.0.0.1:9118"
page = false
)";

TEST_CASE("what is dumped loads back to the same config", "[config]") {
  const Config defaults = DefaultConfig();
  CHECK(Load(DumpToml(defaults, /*only_changed=*/false)) == defaults);
  const Config changed = Load(kEverythingChanged);
  CHECK(Load(DumpToml(changed, /*only_changed=*/false)) == changed);
  CHECK(Load(DumpToml(changed, /*only_changed=*/true)) == changed);
}

TEST_CASE("only what differs from the defaults is dumped on request", "[config]") {
  CHECK(DumpToml(DefaultConfig(), /*only_changed=*/true).empty());
  const Config config = Load("on_failure = \"tempfail\"\ngreylist.delay = \"300s\"\n");
  CHECK(DumpToml(config, /*only_changed=*/true) ==
        "on_failure = \"tempfail\"\n\n[greylist]\ndelay = \"5m\"\n");
  const Config same = Load("[greylist]\ndelay = \"240s\"\nretry_window = \"2d\"\n");
  CHECK(DumpToml(same, /*only_changed=*/true).empty());
}

TEST_CASE("the test of all options leaves none out", "[config]") {
  for (const ListedOption& option : ListOptions(Load(kEverythingChanged))) {
    INFO(option.section << "." << option.key);
    CHECK(option.changed);
    CHECK(option.value != option.default_value);
  }
}

// Each option by itself, changed and reloaded, and reloaded once more.
TEST_CASE("what needs a restart stays as it runs, and is named at each reload", "[config]") {
  const Config running = DefaultConfig();
  const Config everything = Load(kEverythingChanged);
  int waiting = 0;
  for (const Section& section : Sections()) {
    for (const Option& option : section.options) {
      INFO(option.FullName());
      Config file = running;
      option.kind->Copy(everything, file);
      const auto named = Difference(running, file);
      REQUIRE(named.size() == 1);
      CHECK(named[0].name == option.FullName());
      const Config reloaded = AfterReload(running, file);
      const auto again = Difference(reloaded, file);
      CHECK(again.size() == (named[0].needs_restart ? 1 : 0));
      CHECK(reloaded == (named[0].needs_restart ? running : file));
      CHECK(Difference(AfterReload(reloaded, file), file).size() == again.size());
      waiting += named[0].needs_restart ? 1 : 0;
    }
  }
  const auto left = Difference(AfterReload(running, everything), everything);
  CHECK(std::all_of(left.begin(), left.end(),
                    [](const ChangedOption& option) { return option.needs_restart; }));
  CHECK(static_cast<int>(left.size()) == waiting);
}

TEST_CASE("options are listed with value and default", "[config]") {
  const auto listed = ListOptions(Load("[greylist]\ndelay = \"300s\"\n"));
  const auto find = [&](std::string_view section, std::string_view key) {
    return *std::find_if(listed.begin(), listed.end(), [&](const ListedOption& option) {
      return option.section == section && option.key == key;
    });
  };
  const ListedOption delay = find("greylist", "delay");
  CHECK(delay.value == "\"5m\"");
  CHECK(delay.default_value == "\"4m\"");
  CHECK(delay.changed);
  CHECK_FALSE(delay.needs_restart);
  const ListedOption window = find("greylist", "retry_window");
  CHECK(window.value == "\"48h\"");
  CHECK_FALSE(window.changed);
  CHECK(find("store", "path").needs_restart);
  CHECK(find("trust", "networks").value == "[\"loopback\", \"self\"]");
}

TEST_CASE("the difference of two configs says what needs a restart", "[config]") {
  const Config before = Load("");
  CHECK(Difference(before, before).empty());
  const Config after =
      Load("[greylist]\ndelay = \"5m\"\n[store]\npath = \"/x\"\n[trust]\nnetworks = [\"self\"]\n");
  const auto changes = Difference(before, after);
  REQUIRE(changes.size() == 3);
  CHECK(changes[0].name == "trust.networks");
  CHECK(changes[0].before == "[\"loopback\", \"self\"]");
  CHECK(changes[0].after == "[\"self\"]");
  CHECK(changes[1].name == "greylist.delay");
  CHECK(changes[1].before == "\"4m\"");
  CHECK(changes[1].after == "\"5m\"");
  CHECK_FALSE(changes[1].needs_restart);
  CHECK(changes[2].name == "store.path");
  CHECK(changes[2].needs_restart);
}

TEST_CASE("the sample file changes nothing, commented out or not", "[config]") {
  const std::string sample = SampleFile();
  CHECK(Load(sample) == DefaultConfig());
  std::string live;
  bool at_start = true;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const bool option = at_start && sample[i] == '#' && i + 1 < sample.size() &&
                        sample[i + 1] != ' ' && sample[i + 1] != '\n';
    if (!option) live += sample[i];
    at_start = sample[i] == '\n';
  }
  CHECK(live != sample);
  CHECK(Load(live) == DefaultConfig());
  CHECK_THAT(live, HasText("\ndelay = \"4m\"\n"));
}

TEST_CASE("long lists are spread over lines", "[config]") {
  OptionText value;
  value.is_list = true;
  CHECK(AssignmentLines("a", value) == "a = []\n");
  for (int i = 0; i < 20; ++i) value.items.push_back("\"item" + std::to_string(i) + "\"");
  const std::string lines = AssignmentLines("a", value);
  CHECK(lines.starts_with("a = [\n\"item0\", \"item1\","));
  CHECK(lines.ends_with("\"item19\",\n]\n"));
}

TEST_CASE("text is wrapped between words", "[config]") {
  CHECK(Wrap("a bb  ccc", 4) == std::vector<std::string>{"a bb", "ccc"});
  CHECK(Wrap("abcdef g", 4) == std::vector<std::string>{"abcdef", "g"});
  CHECK(Wrap("", 4).empty());
}

}  // namespace
}  // namespace mxward
