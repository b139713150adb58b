// SPDX-License-Identifier: Apache-2.0
// What every command prints, in each format, about one small site whose clock stands still: the
// files in golden/, a command each. With MXWARD_UPDATE_GENERATED=1 in the environment this test
// writes them anew; look at what changes before it is committed.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "config/loader.h"
#include "tests/unit/catch.h"
#include "tests/unit/cli/command_fixture.h"
#include "tests/unit/control/list_fixture.h"

namespace mxward {
namespace {

constexpr const char* kMore = R"(
[[limit]]
name = "each"
count = "connections"
per = "client"
rate = "3/1m"

[[rule]]
name = "partner"
sender = ["partner.example"]
greylist = "off"

[[rule]]
name = "shouting"
helo = ["*.shout.example"]
action = "reject"
observe = true
)";

// Commands whose output is not that of one moment of one site, and where it is looked at.
const std::map<std::string, std::string> kElsewhere = {
    {"top", "top_screen_test.cc"},
    {"watch", "tests/milter/test_watch.py"},
    {"export", "tests/milter/test_import.py"},
    {"import", "import_test.cc"},
    {"doctor", "doctor/, tests/mta/test_doctor.py"},
    {"probe", "probe_test.cc"},
    {"replay", "replay_test.cc"},
    {"report", "report_test.cc"},
    {"dump-config", "generated_files_test.cc"},
    {"completion", "completion_test.cc, tests/packaging/test_completions.py"},
    {"version", "commands_test.cc"},
};

using Line = std::vector<std::string>;

// In this order, as later ones change what is there.
const std::vector<Line> kLines = {
    {"status"},
    {"stats"},
    {"list"},
    {"list", "--state", "passed"},
    {"pending"},
    {"show", "192.0.2.1"},
    {"show", "partner.example"},
    {"show", "203.0.113.99"},
    {"clients"},
    {"clients", "top", "--limit", "2"},
    {"rules"},
    {"limits"},
    {"limits", "reset", "198.51.100.9"},
    {"entries"},
    {"allow", "recipient", "desk@here.example", "--for", "15m", "--note", "waits for a code"},
    {"block", "client", "198.51.100.0/25"},
    {"entries"},
    {"forget", "client", "198.51.100.0/25"},
    {"explain", "--client", "192.0.2.1", "--helo", "x", "--from", "a@example.org", "--to",
     "b@here.example"},
    {"evidence", "enable"},
    {"dnsbl", "list"},
    {"dnsbl", "test"},
    {"dnsbl", "check", "192.0.2.66"},
    {"spf", "check", "--client", "192.0.2.1", "--from", "ann@partner.example"},
    {"spf", "check", "--client", "2001:db8::1", "--helo", "mx.partner.example"},
    {"spf", "show", "partner.example"},
    {"pause"},
    {"pause", "--for", "1h"},
    {"pause"},
    {"pause", "--end"},
    {"reload"},
    {"check-config", "/dev/null"},
    {"list", "--client", "nobody"},
};

Config HostFacts() { return ParseConfig(std::string(kListConfigText) + kMore, "test").value(); }

void SetUpSpf(dns::FakeResolver& resolver) {
  using dns::RecordType;
  resolver.Set("partner.example", RecordType::kTxt,
               dns::answers::Texts(
                   {"v=spf1 mx exists:%{i}.ok.partner.example include:_spf.partner.example -all"}));
  resolver.Set("partner.example", RecordType::kMx,
               dns::answers::Exchanges({{10, "mx.partner.example"}}));
  resolver.Set("mx.partner.example", RecordType::kA, dns::answers::Addresses({"192.0.2.9"}));
  resolver.Set("_spf.partner.example", RecordType::kTxt,
               dns::answers::Texts({"v=spf1 a:mx.partner.example ip4:192.0.2.0/29 ~all"}));
}

void Live(ApiFixture& daemon) {
  SetUpLists(daemon.resolver);
  daemon.resolver.Set("66.2.0.192.s3cr3tk3y.bl.test", dns::RecordType::kA,
                      dns::answers::Addresses({"127.0.0.4"}));
  SetUpSpf(daemon.resolver);
  daemon.DeliverTwice("192.0.2.1", "ann@example.org", {"b@here.example"}, "mail.example.org");
  daemon.Deliver("203.0.113.7", "new@example.com", {"b@here.example", "c@here.example"});
  daemon.Deliver("2001:db8::7", "", {"c@here.example"});
  daemon.Deliver("192.0.2.66", "spam@example.net", {"b@here.example"});
  daemon.Deliver("198.51.100.4", "x@partner.example", {"b@here.example"}, "mx.partner.example");
  daemon.Deliver("198.51.100.5", "x@example.org", {"b@here.example"}, "", "a.shout.example");
  daemon.clock.Advance(std::chrono::minutes(2));
  for (int i = 0; i < 5; ++i) {
    daemon.Deliver("198.51.100.9", "y\x1b[1m@example.org", {"b@here.example"});
  }
  daemon.engine.Save(/*all=*/true);
  daemon.clock.Advance(Seconds(5));
}

// The database is somewhere else each time.
std::string Steady(std::string text, const std::string& folder) {
  for (std::size_t at = 0; (at = text.find(folder, at)) != std::string::npos;) {
    text.replace(at, folder.size(), "/var/lib/mxward");
  }
  return text;
}

std::string Folder() {
#ifdef MXWARD_SOURCE_DIR
  return std::string(MXWARD_SOURCE_DIR) + "/tests/unit/cli/golden/";
#else
  return "tests/unit/cli/golden/";
#endif
}

bool Updating() {
  const char* value = std::getenv("MXWARD_UPDATE_GENERATED");
  return value != nullptr && std::string_view(value) == "1";
}

std::string NameOf(const Line& line) {
  return line.size() > 1 && (line[0] == "dnsbl" || line[0] == "spf" || line[0] == "evidence" ||
                             line[1] == "top" || line[1] == "reset")
             ? line[0] + " " + line[1]
             : line[0];
}

// What the terminal shows of all command lines, those of each command together.
void RecordGolden(const std::string& format, std::map<std::string, std::string>& transcripts) {
  CommandFixture fixture(HostFacts());
  Live(fixture.daemon);
  const std::string folder = fixture.daemon.store.dir().path();
  for (const Line& line : kLines) {
    Line words = line;
    words.insert(words.begin(), {"--format", format});
    const int status = fixture.Run(words);
    std::string& text = transcripts[NameOf(line)];
    text += "$ mxwardctl";
    for (const std::string& word : words) text += " " + word;
    text += "\n" + Steady(fixture.out, folder);
    if (!fixture.err.empty()) text += "2> " + Steady(fixture.err, folder);
    text += "=> " + std::to_string(status) + "\n\n";
  }
}

TEST_CASE("what each command prints is as it was", "[cli]") {
  std::map<std::string, std::string> transcripts;
  for (const char* format : {"table", "json", "tsv"}) RecordGolden(format, transcripts);
  for (const auto& [name, expected] : transcripts) {
    std::string path = Folder() + name + ".txt";
    std::replace(path.begin(), path.end(), ' ', '-');
    if (Updating()) std::ofstream(path) << expected;
    std::ifstream file(path);
    const std::string golden{std::istreambuf_iterator<char>(file),
                             std::istreambuf_iterator<char>()};
    INFO(path);
    CHECK(golden == expected);
  }
}

TEST_CASE("no command is without an example of its output", "[cli]") {
  std::set<std::string> named;
  for (const Line& line : kLines) named.insert(NameOf(line));
  for (const cli::Command& command : cli::Commands()) {
    INFO(command.name);
    const std::string name(command.name);
    CHECK((named.count(name) == 1) != (kElsewhere.count(name) == 1));
  }
}

}  // namespace
}  // namespace mxward
