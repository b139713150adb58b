// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.h"
#include "tests/unit/cli/command_fixture.h"

namespace mxward {
namespace {

using Catch::Matchers::StartsWith;

LimitConfig FivePerMinute() {
  LimitConfig limit;
  limit.name = "each";
  limit.amount = limit.burst = 5;
  limit.period = Seconds(60);
  return limit;
}

Config WithLimit() {
  Config config = TestConfig();
  config.limit = {FivePerMinute()};
  return config;
}

void Connect(CommandFixture& fixture, const std::string& client, int times) {
  for (int i = 0; i < times; ++i) fixture.daemon.Deliver(client, "a@example.org", {});
}

TEST_CASE("limits shows who is over, and reset counts anew", "[cli]") {
  CommandFixture fixture(WithLimit());
  CHECK(fixture.Run({"limits"}) == 1);
  CHECK(fixture.out.empty());
  Connect(fixture, "192.0.2.1", 5);
  fixture.daemon.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  Connect(fixture, "192.0.2.2", 4);
  CHECK(fixture.Run({"limits"}) == 0);
  CHECK(fixture.out ==
        "STATE  LIMIT  KEY        USED  OF  SINCE    UNTIL    DENIED\n"
        "over   each   192.0.2.1     5   5  0 s ago  in 12 s       1\n"
        "near   each   192.0.2.2     4   5  0 s ago  -             0\n");
  CHECK(fixture.Run({"limits", "--format", "tsv", "--limit", "1"}) == 0);
  CHECK(fixture.out ==
        "limit\tkey\tstate\tused\tof\tsince\tuntil\tdenied\taction\n"
        "each\t192.0.2.1\tover\t5\t5\t2026-01-05T00:00:00Z\t2026-01-05T00:00:12Z\t1\tdefer\n");
  CHECK_THAT(fixture.err, HasText("showing the first 1"));
  CHECK(fixture.Run({"limits", "reset", "192.0.2.1"}) == 0);
  CHECK(fixture.out == "1 counter of 192.0.2.1 reset\n");
  CHECK(fixture.Run({"limits", "reset", "192.0.2.1", "--limit", "each"}) == 1);
  CHECK(fixture.out == "nothing was counted for 192.0.2.1\n");
  CHECK(fixture.Run({"limits", "reset", "192.0.2.2", "--limit", "eech"}) == 64);
  CHECK(fixture.Run({"limits", "reset", "192.0.2.2", "--format", "json"}) == 0);
  CHECK((*ParseJson(fixture.out))["reset"].integer() == 1);
}

TEST_CASE("clients shows the latest first, or what it is told", "[cli]") {
  CommandFixture fixture;
  Connect(fixture, "192.0.2.1", 3);
  fixture.daemon.clock.Advance(std::chrono::minutes(2));
  fixture.daemon.Deliver("192.0.2.2", "a@example.org", {"b@example.net"}, "mail.example.org");
  fixture.daemon.engine.Save(/*all=*/true);
  CHECK(fixture.Run({"clients"}) == 0);
  CHECK(fixture.out ==
        "CLIENT     FIRST SEEN  LAST SEEN  CONNECTIONS  PASSED  DEFERRED  REJECTED  BAD  NAME  "
        "STANDING  LAST LISTED BY\n"
        "192.0.2.2  0 s ago     0 s ago              1       0         1         0    0  good  "
        "-         -\n"
        "192.0.2.1  2 min ago   2 min ago            3       0         0         0    0  none  "
        "-         -\n");
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"clients", "top"}, {"clients", "--sort", "connections"}}) {
    CHECK(fixture.Run(words) == 0);
    CHECK(fixture.out.find("192.0.2.1") < fixture.out.find("192.0.2.2"));
  }
  CHECK(fixture.Run({"clients", "192.0.2.2", "--format", "tsv", "--no-header"}) == 0);
  CHECK_THAT(fixture.out, StartsWith("192.0.2.2\t"));
  CHECK(fixture.Run({"clients", "198.51.100.0/24"}) == 1);
  CHECK(fixture.Run({"clients", "example.org"}) == 64);
  CHECK(fixture.Run({"clients", "--sort", "conections"}) == 64);
  CHECK_THAT(fixture.err, HasText("did you mean \"connections\"?"));
}

TEST_CASE("sorted clients are the same however many are shown", "[cli]") {
  CommandFixture fixture;
  for (int i = 1; i <= 120; ++i) {
    Connect(fixture, "192.0.2." + std::to_string(i), 1);
    fixture.daemon.clock.Advance(Seconds(1));
  }
  fixture.daemon.engine.Save(/*all=*/true);
  fixture.running = GENERATE(true, false);
  CHECK(fixture.Run({"clients"}) == 0);
  CHECK(std::count(fixture.out.begin(), fixture.out.end(), '\n') == 101);
  CHECK_THAT(fixture.err, HasText("showing the first 100; --limit 0 shows all"));
  const std::string table = fixture.out;
  CHECK(fixture.Run({"clients", "--limit", "0"}) == 0);
  CHECK(std::count(fixture.out.begin(), fixture.out.end(), '\n') == 121);
  CHECK_THAT(fixture.out, StartsWith(table.substr(0, table.find("192.0.2.21 "))));
  CHECK(fixture.err.empty());
  CHECK(fixture.Run({"clients", "--limit", "2", "--format", "tsv", "--no-header"}) == 0);
  CHECK_THAT(fixture.out, StartsWith("192.0.2.120\t"));
}

TEST_CASE("show and explain tell a client's history, forget erases it", "[cli]") {
  CommandFixture fixture;
  fixture.daemon.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  CHECK(fixture.Run({"show", "192.0.2.1"}) == 0);
  CHECK_THAT(fixture.out, StartsWith("History\nCLIENT"));
  CHECK(fixture.Run({"show", "192.0.2.1", "--format", "json"}) == 0);
  CHECK((*ParseJson(fixture.out))["clients"].items().size() == 1);
  CHECK(fixture.Run({"explain", "--client", "192.0.2.1", "--name-class", "none"}) == 1);
  CHECK_THAT(fixture.out, HasText("history    since 2026-01-05T00:00:00Z; connections: 1; "
                                  "recipients: 0 passed, 1 deferred, 0 rejected, 0 bad\n"));
  CHECK(fixture.Run({"forget", "client", "192.0.2.1"}) == 0);
  CHECK_THAT(fixture.out, HasText(", the history of 1 client\n"));
  CHECK(fixture.Run({"forget", "client", "192.0.2.1"}) == 1);
  CHECK(fixture.Run({"explain", "--client", "192.0.2.1", "--name-class", "none"}) == 1);
  CHECK_THAT(fixture.out, HasText("history    never seen before\n"));
}

TEST_CASE("top prints one screen of what goes on", "[cli]") {
  CommandFixture fixture(WithLimit());
  Connect(fixture, "192.0.2.1", 6);
  fixture.daemon.Deliver("192.0.2.2", "a@example.org", {"b@example.net"});
  CHECK(fixture.Run({"top", "--once"}, /*color=*/true) == 0);
  CHECK(fixture.out ==
        "mxward 1.2.3  up 2 s  2026-01-05T00:00:02Z\n"
        "sessions  7 now, 0.0/s; messages 0.0/s; refused by the MTA 0.0/s\n"
        "verdicts  accept 0.0/s, defer 0.0/s, reject 0.0/s\n"
        "DNS       3 questions open, 0.0/s asked, 0.0/s failed; 1 of 1 servers up\n"
        "lists     0 of 0 healthy\n"
        "limits    1 over, 0 near\n"
        "  over each: 192.0.2.1, 5 of 5, denied 0, ends in 10 s\n"
        "clients   2 in the last 2 s, the busiest:\n"
        "  CLIENT        CONN   PASSED DEFERRED REJECTED      BAD  NAME      STANDING\n"
        "  192.0.2.1        6        0        0        0        0  none      \n"
        "  192.0.2.2        1        0        1        0        0  none      \n");
  CHECK(fixture.slept == Seconds(2));
  CHECK(fixture.Run({"top", "--once", "--every", "100ms"}) == 64);
  CHECK(fixture.Run({"top", "--once", "--every", "5"}) == 64);
  CHECK(fixture.Run({"top", "--format", "json"}) == 64);
  fixture.running = false;
  CHECK(fixture.Run({"top", "--once"}) == 2);
}

}  // namespace
}  // namespace mxward
