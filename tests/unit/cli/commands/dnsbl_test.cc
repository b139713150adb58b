// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "tests/unit/catch.h"
#include "tests/unit/cli/command_fixture.h"
#include "tests/unit/control/list_fixture.h"

namespace mxward {
namespace {

using Catch::Matchers::StartsWith;

class DnsblFixture : public CommandFixture {
 public:
  DnsblFixture() : CommandFixture(ListConfig()) { SetUpLists(daemon.resolver); }
};

TEST_CASE("dnsbl list shows the lists and how they are doing", "[cli]") {
  DnsblFixture fixture;
  fixture.Run({"dnsbl", "test"});
  fixture.daemon.clock.Advance(std::chrono::hours(2));
  CHECK(fixture.Run({"dnsbl", "list"}) == 0);
  CHECK_THAT(fixture.out, StartsWith("LIST     CONDITION  SINCE") &&
                              HasText("\nhouse    healthy    2 h ago  client") &&
                              HasText("sender-domain,helo"));
  CHECK(fixture.Run({"dnsbl", "list", "--format", "tsv"}) == 0);
  CHECK_THAT(fixture.out, StartsWith("name\tprofile\tzone\tof\tcondition\t") &&
                              HasText("\nhouse\t\tbl.test\tclient\thealthy\t"));
}

TEST_CASE("dnsbl test ends with 0 when every list is in order", "[cli]") {
  DnsblFixture fixture;
  CHECK(fixture.Run({"dnsbl", "test"}) == 0);
  CHECK_THAT(fixture.out, StartsWith("VERDICT  LIST"));
  CHECK_THAT(fixture.out, HasText("ok       friends") && !HasText("fail") && !HasText("warn"));
  CHECK(fixture.Run({"dnsbl", "test", "friends", "--format", "json"}) == 0);
  const auto rows = ParseJson(fixture.out);
  REQUIRE(rows);
  REQUIRE(rows->items().size() == 2);
  CHECK(rows->items()[0]["list"].text() == "friends");
}

TEST_CASE("dnsbl test ends with 1 when a list fails", "[cli]") {
  DnsblFixture fixture;
  fixture.daemon.resolver.SetZone("wl.test", dns::answers::Addresses({"127.0.0.2"}));
  CHECK(fixture.Run({"dnsbl", "test"}) == 1);
  CHECK_THAT(fixture.out, HasText("fail     friends"));
  CHECK(fixture.Run({"dnsbl", "test", "house"}) == 0);
  CHECK(fixture.Run({"status"}) == 0);
  CHECK_THAT(fixture.out, HasText("\nDNS list friends") && HasText("! DNS list friends is lying"));
  CHECK(fixture.Run({"dnsbl", "test", "hose"}) == 64);
  CHECK_THAT(fixture.err, HasText("did you mean \"house\"?"));
}

TEST_CASE("dnsbl check ends with 1 for who is listed", "[cli]") {
  DnsblFixture fixture;
  CHECK(fixture.Run({"dnsbl", "check", "192.0.2.66"}) == 0);
  ListClient(fixture.daemon.resolver, "127.0.0.4", "Open proxy, \033[31mvery bad");
  CHECK(fixture.Run({"dnsbl", "check", "192.0.2.66", "--fresh"}) == 1);
  CHECK(fixture.out ==
        "LIST     ABOUT       STATE       SCORE  FROM       DETAIL                          TEXT\n"
        "house    192.0.2.66  listed         12  DNS, 1 ms  127.0.0.4 (exploited machines)  "
        "Open proxy, \\x1b[31mvery bad\n"
        "friends  192.0.2.66  not-listed      0  DNS, 1 ms  not listed                      -\n");
  CHECK(fixture.Run({"dnsbl", "check", "192.0.2.66", "--format", "tsv"}) == 1);
  CHECK_THAT(fixture.out, HasText("house\t192.0.2.66\tlisted\t12\t127.0.0.4\t"));
}

TEST_CASE("to be on an allow list is no bad sign", "[cli]") {
  DnsblFixture fixture;
  fixture.daemon.resolver.Set("66.2.0.192.wl.test", dns::RecordType::kA,
                              dns::answers::Addresses({"127.0.0.3"}));
  CHECK(fixture.Run({"dnsbl", "check", "192.0.2.66"}) == 0);
  CHECK_THAT(fixture.out, HasText("friends  192.0.2.66  listed         -3"));
}

TEST_CASE("dnsbl check ends with 2 when nobody can tell", "[cli]") {
  DnsblFixture fixture;
  for (const char* zone : {"s3cr3tk3y.bl.test", "wl.test"}) {
    fixture.daemon.resolver.SetZoneSilent(zone);
  }
  CHECK(fixture.Run({"dnsbl", "check", "192.0.2.66"}) == 2);
  CHECK_THAT(fixture.err, HasText("no list answered"));
  CHECK(fixture.Run({"dnsbl", "check", "localhost"}) == 64);
}

TEST_CASE("without lists the dnsbl commands say so", "[cli]") {
  CommandFixture fixture;
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"dnsbl", "list"}, {"dnsbl", "test"}}) {
    CHECK(fixture.Run(words) == 1);
    CHECK_THAT(fixture.err, HasText("no DNS list is configured"));
  }
  CHECK(fixture.Run({"dnsbl", "check", "192.0.2.1"}) == 2);
  CHECK_THAT(fixture.err, HasText("no configured DNS list can be asked"));
}

TEST_CASE("the dnsbl commands need a daemon", "[cli]") {
  DnsblFixture fixture;
  fixture.running = false;
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"dnsbl", "list"}, {"dnsbl", "test"}, {"dnsbl", "check", "192.0.2.66"}}) {
    CHECK(fixture.Run(words) == 2);
    CHECK_THAT(fixture.err, HasText("not running"));
  }
}

TEST_CASE("no command shows a list's key", "[cli]") {
  DnsblFixture fixture;
  ListClient(fixture.daemon.resolver, "127.0.0.4", "asked for 66.2.0.192.S3CR3TK3Y.bl.test");
  const std::string format = GENERATE("table", "json", "tsv");
  for (std::vector<std::string> words : std::vector<std::vector<std::string>>{
           {"dnsbl", "list"},
           {"dnsbl", "test"},
           {"dnsbl", "check", "192.0.2.66"},
           {"explain", "--client", "192.0.2.66", "--from", "a@example.org"},
           {"status"},
           {"stats"}}) {
    CAPTURE(words);
    words.insert(words.end(), {"--format", format});
    fixture.Run(words);
    CHECK_FALSE(fixture.out.empty());
    CHECK_THAT(ToLower(fixture.out + fixture.err), !HasText(kSecretKey));
  }
}

}  // namespace
}  // namespace mxward
