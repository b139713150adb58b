// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include "tests/fake/temp_dir.h"
#include "tests/unit/catch.h"
#include "tests/unit/cli/command_fixture.h"

namespace mxward {
namespace {

// Two tuples, in the order of their keys, which a test cannot know.
std::vector<std::string> SortedLines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  return lines;
}

// The key is a hash under a random key.
std::string WithoutKeys(std::string text) {
  const std::string_view digits = "0123456789abcdef";
  for (std::size_t i = 0; i + 32 <= text.size(); ++i) {
    if (text.find_first_not_of(digits, i) < i + 32) continue;
    text.replace(i, 32, "KEY");
  }
  return text;
}

TEST_CASE("list prints a table of tuples", "[cli]") {
  CommandFixture fixture;
  fixture.daemon.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  fixture.daemon.DeliverTwice("2001:db8::1", "", {"c@example.net"});
  CHECK(fixture.Run({"list"}) == 0);
  const auto lines = SortedLines(WithoutKeys(fixture.out));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] ==
        "STATE    CLIENT       SENDER         RECIPIENT      FIRST SEEN  LAST SEEN  TRIES  PASSES  "
        "KEY");
  CHECK(lines[1] ==
        "passed   2001:db8::1  <>             c@example.net  6 min ago   0 s ago        1       1  "
        "KEY");
  CHECK(lines[2] ==
        "pending  192.0.2.1    a@example.org  b@example.net  6 min ago   6 min ago      1       0  "
        "KEY");
}

TEST_CASE("list speaks TSV and JSON for scripts", "[cli]") {
  CommandFixture fixture;
  fixture.daemon.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  CHECK(fixture.Run({"list", "--format", "tsv"}) == 0);
  CHECK(
      WithoutKeys(fixture.out) ==
      "key\tstate\tprogress\tobserved\tfolded\tclient\tclient_network\tsender\trecipient\t"
      "first_seen\tlast_seen\tpasses_at\tpasses_until\tpassed_at\ttries\tpasses\tclient_tag\tspf\n"
      "KEY\tpending\twaiting\tfalse\tfalse\t192.0.2.1\t192.0.2.0/24\ta@example.org\t"
      "b@example.net\t2026-01-05T00:00:00Z\t2026-01-05T00:00:00Z\t2026-01-05T00:05:00Z\t"
      "2026-01-07T00:00:00Z\t\t1\t0\t\tfalse\n");
  CHECK(fixture.Run({"list", "--format", "json"}) == 0);
  CHECK(
      WithoutKeys(fixture.out) ==
      "[\n"
      R"({"key":"KEY","state":"pending","progress":"waiting","observed":false,"folded":false,"spf":false,)"
      R"("client":"192.0.2.1","client_network":"192.0.2.0/24","sender":"a@example.org",)"
      R"("recipient":"b@example.net","first_seen":"2026-01-05T00:00:00Z",)"
      R"("last_seen":"2026-01-05T00:00:00Z","passes_at":"2026-01-05T00:05:00Z",)"
      R"("passes_until":"2026-01-07T00:00:00Z","tries":1,"passes":0})"
      "\n]\n");
}

TEST_CASE("an empty list is a negative answer", "[cli]") {
  CommandFixture fixture;
  CHECK(fixture.Run({"list"}) == 1);
  CHECK(fixture.out.empty());
  CHECK(fixture.Run({"list", "--format", "json"}) == 1);
  CHECK(fixture.out == "[]\n");
  CHECK(fixture.Run({"entries"}) == 1);
  CHECK(fixture.Run({"pending"}) == 1);
}

TEST_CASE("a table ends at its limit and says so, other formats show all", "[cli]") {
  Config config = TestConfig();
  config.greylist.max_pending = 10000;
  CommandFixture fixture(config);
  for (int i = 0; i < 120; ++i) {
    fixture.daemon.Deliver("192.0.2.1", "a@example.org", {std::to_string(i) + "@example.net"});
  }
  CHECK(fixture.Run({"list"}) == 0);
  CHECK(SortedLines(fixture.out).size() == 101);
  CHECK_THAT(fixture.err, HasText("showing the first 100; --limit 0 shows all"));
  CHECK(fixture.Run({"list", "--limit", "0"}) == 0);
  CHECK(SortedLines(fixture.out).size() == 121);
  CHECK(fixture.err.empty());
  CHECK(fixture.Run({"list", "--format", "tsv"}) == 0);
  CHECK(SortedLines(fixture.out).size() == 121);
  CHECK(fixture.Run({"list", "--format", "tsv", "--limit", "7", "--no-header"}) == 0);
  CHECK(SortedLines(fixture.out).size() == 7);
}

TEST_CASE("pending shows when the waiting end", "[cli]") {
  CommandFixture fixture;
  fixture.daemon.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  fixture.daemon.clock.Advance(std::chrono::minutes(2));
  CHECK(fixture.Run({"pending", "--overdue"}) == 1);
  CHECK(fixture.Run({"pending"}) == 0);
  CHECK(WithoutKeys(fixture.out) ==
        "PROGRESS  CLIENT     SENDER         RECIPIENT      TRIES  FIRST SEEN  LAST SEEN  PASSES "
        "FROM  UNTIL        KEY\n"
        "waiting   192.0.2.1  a@example.org  b@example.net      1  2 min ago   2 min ago  in 3 min "
        "    in 1 d 23 h  KEY\n");
  fixture.daemon.clock.Advance(std::chrono::hours(49));
  CHECK(fixture.Run({"pending"}) == 1);
  CHECK(fixture.Run({"pending", "--never"}) == 0);
  CHECK_THAT(fixture.out, HasText("never came back"));
  CHECK(fixture.Run({"pending", "--never", "--overdue"}) == 64);
}

TEST_CASE("what the API refuses is a usage error", "[cli]") {
  CommandFixture fixture;
  CHECK(fixture.Run({"list", "--state", "pasing"}) == 64);
  CHECK_THAT(fixture.err, HasText("\"pasing\" is unknown"));
  CHECK(fixture.Run({"list", "--limit", "x"}) == 64);
  CHECK(fixture.Run({"allow", "clint", "192.0.2.1"}) == 64);
  CHECK_THAT(fixture.err, HasText("did you mean \"client\"?"));
  CHECK(fixture.Run({"block", "client", "192.0.2.1/24"}) == 64);
  CHECK(fixture.Run({"pause", "--for", "5"}) == 64);
  CHECK(fixture.Run({"show", "a b"}) == 64);
}

TEST_CASE("entries are made, shown and removed", "[cli]") {
  CommandFixture fixture;
  CHECK(fixture.Run({"allow", "recipient", "desk@example.org", "--for", "15m", "--all", "--note",
                     "code \033[31m"}) == 0);
  CHECK(fixture.out ==
        "recipient desk@example.org is allowed, whatever other checks say for 15 min, until "
        "2026-01-05T00:15:00Z\n");
  CHECK(fixture.Run({"block", "client", "192.0.2.0/24"}) == 0);
  CHECK(fixture.out == "client 192.0.2.0/24 is blocked until it is removed\n");
  CHECK(fixture.Run({"entries"}) == 0);
  const auto lines = SortedLines(fixture.out);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "ACTION              KIND       KEY               ENDS       CHANGED  NOTE");
  CHECK(lines[1] ==
        "allow (all checks)  recipient  desk@example.org  in 15 min  0 s ago  code \\x1b[31m");
  CHECK(lines[2] == "block               client     192.0.2.0/24      never      0 s ago");

  CHECK(fixture.Run({"forget", "client", "192.0.2.0/24", "--entry-only"}) == 0);
  CHECK(fixture.out == "the block entry about client 192.0.2.0/24 has been removed\n");
  CHECK(fixture.Run({"forget", "client", "192.0.2.0/24", "--entry-only"}) == 1);
  CHECK(fixture.Run({"forget", "recipient", "desk@example.org"}) == 0);
  CHECK(fixture.out ==
        "deleted for recipient desk@example.org: its entry, 0 tuples, 0 auto-allow records\n");
  CHECK(fixture.Run({"forget", "recipient", "desk@example.org"}) == 1);
}

TEST_CASE("an unexpected note comes on stderr", "[cli]") {
  CommandFixture fixture;
  CHECK(fixture.Run({"block", "client", "127.0.0.1"}) == 0);
  CHECK_THAT(fixture.err, HasText("trust.networks"));
}

TEST_CASE("show prints its sections one after the other", "[cli]") {
  CommandFixture fixture;
  fixture.daemon.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  CHECK(fixture.Run({"allow", "sender", "a@example.org"}) == 0);
  CHECK(fixture.Run({"show", "a@example.org"}) == 0);
  CHECK(WithoutKeys(fixture.out) ==
        "Allow and block entries\n"
        "ACTION  KIND    KEY            ENDS   CHANGED  NOTE\n"
        "allow   sender  a@example.org  never  0 s ago\n"
        "\n"
        "Tuples\n"
        "STATE    CLIENT     SENDER         RECIPIENT      FIRST SEEN  LAST SEEN  TRIES  PASSES  "
        "KEY\n"
        "pending  192.0.2.1  a@example.org  b@example.net  0 s ago     0 s ago        1       0  "
        "KEY\n");
  CHECK(fixture.Run({"show", "a@example.org", "--format", "json"}) == 0);
  const auto json = ParseJson(fixture.out);
  REQUIRE(json);
  CHECK((*json)["entries"].items().size() == 1);
  CHECK((*json)["earned"].items().empty());
  CHECK((*json)["tuples"].items().size() == 1);
  CHECK(fixture.Run({"show", "a@example.org", "--format", "tsv", "--no-header"}) == 0);
  CHECK(WithoutKeys(fixture.out) ==
        "entry\tsender a@example.org\tallow\t\t\t\t2026-01-05T00:00:00Z\t2026-01-05T00:00:00Z\t\t"
        "\t\t\n"
        "tuple\tKEY\tpending\t192.0.2.1\ta@example.org\tb@example.net\t2026-01-05T00:00:00Z\t"
        "2026-01-05T00:00:00Z\t2026-01-07T00:00:00Z\t1\t0\t\n");
}

TEST_CASE("show says when it knows nothing", "[cli]") {
  CommandFixture fixture;
  CHECK(fixture.Run({"show", "192.0.2.1"}) == 1);
  CHECK(fixture.out == "nothing is stored about 192.0.2.1\n");
  CHECK(fixture.Run({"show", "192.0.2.1", "--format", "json"}) == 1);
  CHECK(ParseJson(fixture.out));
}

TEST_CASE("status tells what runs", "[cli]") {
  CommandFixture fixture;
  fixture.daemon.clock.Advance(std::chrono::hours(3));
  CHECK(fixture.Run({"status"}) == 0);
  CHECK_THAT(fixture.out,
             HasText("mxward 1.2.3         running since 2026-01-05T00:00:00Z (3 h ago)\n"));
  CHECK_THAT(fixture.out, HasText("listens on           unix:/run/mxward/milter.sock\n"));
  CHECK(fixture.Run({"pause", "--for", "1h"}) == 0);
  CHECK(fixture.Run({"status"}) == 0);
  CHECK_THAT(fixture.out, HasText("! paused until 2026-01-05T04:00:00Z"));
  CHECK(fixture.Run({"status"}, /*color=*/true) == 0);
  CHECK_THAT(fixture.out, HasText("\033[32mrunning\033[0m"));
}

TEST_CASE("status tells when missing names do not count, and who cannot tell yet", "[cli]") {
  CommandFixture fixture;
  CHECK(fixture.Run({"status"}) == 0);
  CHECK_THAT(fixture.out, !HasText("missing names"));
  REQUIRE(fixture.daemon.engine.Load());
  CHECK(fixture.Run({"status"}) == 0);
  CHECK_THAT(fixture.out,
             HasText("\nwitnesses            none until 2026-01-19T00:00:00Z: in a site's "
                     "first 14 days no client is known well enough\n"));
  for (std::uint32_t i = 1; i <= 5; ++i) {
    fixture.daemon.engine.name_monitor().NoteWitness("mx.example", {i, i}, NameClass::kNone);
  }
  fixture.daemon.clock.Advance(std::chrono::minutes(5));
  CHECK(fixture.Run({"status"}) == 0);
  CHECK_THAT(
      fixture.out,
      HasText("\nmissing names        not counted since 2026-01-05T00:00:00Z (5 min ago)\n"));
  CHECK_THAT(fixture.out, HasText("! missing reverse names do not count since "
                                  "2026-01-05T00:00:00Z, the mail server's resolver seems to be "
                                  "broken (mx.example): 5 of 5 independent clients"));
}

TEST_CASE("every command speaks json and tsv", "[cli]") {
  CommandFixture fixture;
  fixture.daemon.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  fixture.daemon.DeliverTwice("192.0.2.2", "a@example.org", {"c@example.net"});
  const auto words = GENERATE(values<std::vector<std::string>>({
      {"list"},
      {"pending"},
      {"show", "192.0.2.1"},
      {"entries"},
      {"allow", "sender", "x@example.org", "--for", "30d"},
      {"block", "recipient", "y@example.net"},
      {"forget", "client", "192.0.2.1"},
      {"pause", "--for", "1h"},
      {"pause"},
      {"reload"},
      {"stats"},
      {"status"},
      {"clients"},
      {"clients", "top"},
      {"limits"},
      {"explain", "--client", "192.0.2.1", "--from", "a@example.org"},
      {"version"},
  }));
  CAPTURE(words);
  // So that there is something to list.
  fixture.Run({"allow", "client", "192.0.2.9", "--for", "1h"});
  const auto run = [&](const std::string& format) {
    auto all = words;
    all.insert(all.end(), {"--format", format});
    fixture.Run(all, /*color=*/true);
    CHECK(fixture.err.empty());
    CHECK_THAT(fixture.out, !HasText("\033"));
  };
  run("json");
  const auto json = ParseJson(fixture.out);
  REQUIRE(json);
  CHECK_FALSE(json->is_null());
  run("tsv");
  // Of a list the header and a line each; of one thing a line for each member.
  CHECK_THAT(fixture.out, HasText("\t") && Catch::Matchers::EndsWith("\n"));
}

TEST_CASE("pending has the columns that the manual's example takes", "[cli]") {
  CommandFixture fixture;
  fixture.daemon.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  CHECK(fixture.Run({"pending", "--format", "tsv"}) == 0);
  std::istringstream header(fixture.out);
  std::vector<std::string> names;
  for (std::string name; names.size() < 15 && std::getline(header, name, '\t');) {
    names.push_back(name);
  }
  REQUIRE(names.size() == 15);
  CHECK(names[5] == "client");
  CHECK(names[7] == "sender");
  CHECK(names[8] == "recipient");
  CHECK(names[14] == "tries");
}

TEST_CASE("without a daemon looking works and changing does not", "[cli]") {
  CommandFixture fixture;
  fixture.daemon.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  fixture.running = false;
  CHECK(fixture.Run({"list"}) == 0);
  CHECK(fixture.Run({"show", "192.0.2.1"}) == 0);
  CHECK(fixture.Run({"pause"}) == 1);
  CHECK(fixture.Run({"status"}) == 1);  // it is not running, says the exit status
  for (const auto& words : std::vector<std::vector<std::string>>{{"allow", "sender", "a@b"},
                                                                 {"block", "sender", "a@b"},
                                                                 {"forget", "sender", "a@b"},
                                                                 {"pause", "--for", "1h"},
                                                                 {"pause", "--end"},
                                                                 {"reload"},
                                                                 {"stats"}}) {
    CAPTURE(words.front());
    CHECK(fixture.Run(words) == 2);
    CHECK_THAT(fixture.err, HasText("not running"));
  }
}

TEST_CASE("stats are named lines in TSV", "[cli]") {
  CommandFixture fixture;
  fixture.daemon.Deliver("192.0.2.1", "a@example.org", {"b@example.net"});
  CHECK(fixture.Run({"stats", "--format", "tsv"}) == 0);
  CHECK_THAT(fixture.out, HasText("\ndecisions.defer.greylist-new\t1\n"));
  CHECK(fixture.Run({"stats"}) == 0);
  CHECK_THAT(fixture.out, HasText("\n  defer, greylist-new "));
}

TEST_CASE("pause answers yes or no", "[cli]") {
  CommandFixture fixture;
  CHECK(fixture.Run({"pause"}) == 1);
  CHECK(fixture.out == "not paused\n");
  CHECK(fixture.Run({"pause", "--for", "1h"}) == 0);
  CHECK(fixture.out ==
        "paused until 2026-01-05T01:00:00Z (in 1 h): no mail is deferred or rejected\n");
  CHECK(fixture.Run({"pause"}) == 0);
  CHECK(fixture.Run({"pause", "--end"}) == 0);
  CHECK(fixture.Run({"pause", "--end", "--for", "1h"}) == 64);
}

TEST_CASE("reload names what changed, or every problem", "[cli]") {
  CommandFixture fixture;
  fixture.daemon.reload.changed = {{"greylist.delay", "\"4m\"", "\"5m\"", false},
                                   {"store.path", "\"/a\"", "\"/b\"", true}};
  CHECK(fixture.Run({"reload"}) == 0);
  CHECK(fixture.out ==
        "/etc/mxward/mxward.toml: reloaded\n"
        "  greylist.delay: \"4m\" -> \"5m\"\n"
        "  store.path: \"/a\" -> \"/b\"  (needs a restart)\n");
  fixture.daemon.reload = {false, {"mxward.toml:1:1: first", "mxward.toml:2:1: second"}, {}};
  CHECK(fixture.Run({"reload"}) == 1);
  CHECK(fixture.out.empty());
  CHECK_THAT(fixture.err, HasText("mxward.toml:1:1: first\n"));
  CHECK_THAT(fixture.err, HasText("mxward.toml:2:1: second\n"));
}

TEST_CASE("a configuration is checked and dumped", "[cli]") {
  TempDir dir;
  const std::string good = dir.File("good.toml");
  const std::string bad = dir.File("bad.toml");
  std::ofstream(good) << "[greylist]\ndelay = \"7m\"\n";
  std::ofstream(bad) << "[greylist]\ndealy = \"7m\"\ndelay = 5\n";
  CommandFixture fixture;
  CHECK(fixture.Run({"check-config", good}) == 0);
  CHECK(fixture.out == good + ": OK\n");
  CHECK(fixture.Run({"check-config", bad}) == 1);
  CHECK(SortedLines(fixture.out).size() == 2);
  CHECK_THAT(fixture.out, HasText(bad + ":2:1: "));
  CHECK(fixture.Run({"check-config", bad, "--format", "json"}) == 1);
  CHECK((*ParseJson(fixture.out))["problems"].items().size() == 2);
  CHECK(fixture.Run({"check-config", bad, "--format", "tsv"}) == 1);
  CHECK_THAT(fixture.out, HasText("file\tline\tcolumn\tmessage\n" + bad + "\t2\t1\t"));

  CHECK(fixture.Run({"--config", good, "dump-config", "--changed"}) == 0);
  CHECK(fixture.out == "[greylist]\ndelay = \"7m\"\n");
  CHECK(fixture.Run({"--config", good, "dump-config", "--changed", "--format", "tsv"}) == 0);
  CHECK_THAT(fixture.out, HasText("greylist.delay\t\"7m\"\t\"4m\"\ttrue\tfalse\n"));
  CHECK(fixture.Run({"--config", good, "dump-config"}) == 0);
  CHECK_THAT(fixture.out, HasText("retry_window = "));
  CHECK(fixture.Run({"--config", bad, "dump-config"}) == 1);
  CHECK(fixture.Run({"--config", dir.File("none.toml"), "dump-config"}) == 1);
  CHECK(fixture.Run({"dump-config", "--sample"}) == 0);
  CHECK_THAT(fixture.out, HasText("[greylist]"));
  CHECK(fixture.Run({"dump-config", "--sample", "--manual"}) == 64);
  CHECK(fixture.Run({"dump-config", "--running", "--changed"}) == 0);
  CHECK_THAT(fixture.out, HasText("delay = \"5m\""));
}

}  // namespace
}  // namespace mxward
