// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "cli/report/page.h"
#include "cli/report/parts.h"
#include "tests/fake/temp_dir.h"
#include "tests/unit/catch.h"
#include "tests/unit/cli/command_fixture.h"

namespace mxward {
namespace {

using Catch::Matchers::StartsWith;

// Everything is greylisted, and a name counts: two mails, one of which comes back.
class ReportFixture : public CommandFixture {
 public:
  explicit ReportFixture(bool privacy = false) : CommandFixture(ReportConfig(privacy)) {
    daemon.Deliver("192.0.2.1", "a@example.org", {"b@example.net", "c@example.net"},
                   "mail.example.org", "mail.example.org");
    daemon.clock.Advance(std::chrono::minutes(6));
    daemon.Deliver("192.0.2.1", "a@example.org", {"b@example.net"}, "mail.example.org",
                   "mail.example.org");
    daemon.Deliver("192.0.2.9", "a@example.com", {"b@example.net"}, "", "client");
  }

 private:
  static Config ReportConfig(bool privacy) {
    Config config = TestConfig();
    config.greylist.apply = GreylistApply::kAll;
    config.greylist.privacy = privacy;
    return config;
  }
};

std::string FileText(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST_CASE("report is read from top to bottom", "[cli]") {
  ReportFixture fixture;
  CHECK(fixture.Run({"report"}) == 0);
  CHECK(fixture.out ==
        "since                    2025-12-29T00:00:00Z (7 d ago)\n"
        "mails deferred           3\n"
        "  came back              1 (33.3 %)\n"
        "  never retried in time  0 (0.0 %)\n"
        "  not retried yet        2 (66.7 %)\n"
        "added delay, about       median 6 min, 95 % within 6 min\n"
        "clients always with TLS  0 of 1 (0.0 %)\n"
        "\n"
        "Deferred mail by sender\n"
        "SENDER       DEFERRED  CAME BACK  NEVER  NOT YET  MEDIAN DELAY   95 %\n"
        "example.org         2          1      0        1         6 min  6 min\n"
        "example.com         1          0      0        1             -      -\n"
        "\n"
        "What each list and check did, in messages\n"
        "CHECK          MESSAGES  ALONE  TOGETHER  DECISIVE  ACCEPTED  DEFERRED  REJECTED  MOST "
        "OFTEN WITH\n"
        "helo-not-fqdn         1      0         1         0         0         1         0  -\n"
        "rdns-none             1      0         1         0         0         1         0  -\n"
        "\n"
        "! records exist only since 2026-01-05T00:00:00Z\n"
        "! mail that is never retried is counted a day after greylist.retry_window\n");
}

TEST_CASE("report in the formats for programs", "[cli]") {
  ReportFixture fixture;
  CHECK(fixture.Run({"report", "--format", "json"}) == 0);
  const auto report = ParseJson(fixture.out);
  REQUIRE(report);
  CHECK((*report)["mails"]["deferred"].integer() == 3);
  CHECK((*report)["delay"]["mails"].integer() == 1);
  CHECK((*report)["organisations"].items().size() == 2);
  CHECK(fixture.Run({"report", "--format", "tsv"}) == 0);
  CHECK_THAT(fixture.out, HasText("mails.came_back\t1\n") &&
                              HasText("organisations.example.org.deferred\t2\n") &&
                              HasText("findings.rdns-none.together\t1\n"));
}

TEST_CASE("report of nothing says so", "[cli]") {
  CommandFixture fixture;
  CHECK(fixture.Run({"report"}) == 0);
  CHECK_THAT(fixture.out, HasText("mails deferred           0\n") &&
                              HasText("! nothing has been recorded yet\n"));
}

TEST_CASE("report looks back as told, by whole days", "[cli]") {
  ReportFixture fixture;
  CHECK(fixture.Run({"report", "--since", "1h"}) == 0);
  CHECK_THAT(fixture.out, StartsWith("since                    2026-01-04T00:00:00Z"));
  fixture.daemon.clock.Advance(std::chrono::hours(48));
  CHECK(fixture.Run({"report", "--since", "1d"}) == 0);
  CHECK_THAT(fixture.out, HasText("mails deferred           0\n"));
  CHECK(fixture.Run({"report", "--limit", "1"}) == 0);
  CHECK_THAT(fixture.out, HasText("\nexample.org") && !HasText("example.com"));
  CHECK(fixture.Run({"report", "--limit", "0"}) == 0);
  CHECK_THAT(fixture.out, HasText("\nexample.com"));
}

TEST_CASE("report refuses what it cannot do", "[cli]") {
  ReportFixture fixture;
  for (const char* since : {"36d", "0", "-1d", "5", "soon"}) {
    CAPTURE(since);
    CHECK(fixture.Run({"report", std::string("--since=") + since}) == 64);
    CHECK_THAT(fixture.err, HasText("since: "));
  }
  CHECK(fixture.Run({"report", "--limit", "501"}) == 64);
  CHECK(fixture.Run({"report", "--html", "-", "--format", "json"}) == 64);
  CHECK(fixture.Run({"report", "--html", "/nowhere/report.html"}) == 2);
  CHECK_THAT(fixture.err, HasText("/nowhere/report.html"));
}

TEST_CASE("report works on the database alone", "[cli]") {
  ReportFixture fixture;
  fixture.running = false;
  CHECK(fixture.Run({"report"}) == 0);
  CHECK_THAT(fixture.out, HasText("example.org"));
}

TEST_CASE("report of privacy names nobody", "[cli]") {
  ReportFixture fixture(/*privacy=*/true);
  CHECK(fixture.Run({"report"}) == 0);
  CHECK_THAT(fixture.out, HasText("mails deferred           3\n") && !HasText("example") &&
                              !HasText("192.0.2") && HasText("! with greylist.privacy"));
}

TEST_CASE("report writes a page for its owner alone", "[cli]") {
  const TempDir dir;
  const std::string path = dir.path() + "/report.html";
  ReportFixture fixture;
  CHECK(fixture.Run({"report", "--html", path}) == 0);
  CHECK(fixture.out.empty());
  struct stat info {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  const std::string page = FileText(path);
  CHECK_THAT(page, StartsWith("<!DOCTYPE html>") && HasText("<td>example.org</td>") &&
                       HasText("prefers-color-scheme: dark") && HasText("</html>\n"));
  CHECK(fixture.Run({"report", "--html", "-"}) == 0);
  CHECK(fixture.out == page);
  // Nothing from elsewhere, and no script.
  for (const char* text : {"http:", "https:", "<script", "src=", "href=", "@import", "url("}) {
    CAPTURE(text);
    CHECK_THAT(page, !HasText(text));
  }
}

TEST_CASE("a page that cannot be written leaves the old one", "[cli]") {
  const TempDir dir;
  const std::string path = dir.path() + "/report.html";
  std::ofstream(path) << "old";
  REQUIRE(mkdir((path + ".part").c_str(), 0700) == 0);
  ReportFixture fixture;
  CHECK(fixture.Run({"report", "--html", path}) == 2);
  CHECK(FileText(path) == "old");
}

Json Hostile() {
  const std::string name = "<script>alert(1)</script>&\"'\x1b[31m\xff";
  Json item;
  item.Set("organisation", name).Set("clients", Json::Array().Push(name));
  item.Set("all_clients", 1).Set("lost", 1).Set("late", 0).Set("last", "2026-01-05T00:00:00Z");
  item.Set("kind", "sender-domain").Set("key", name);
  Json finding;
  finding.Set("finding", "dnsbl:" + name).Set("messages", 1).Set("most_with", name);
  Json mails;
  mails.Set("deferred", 1);
  Json report;
  report.Set("since", "2026-01-05T00:00:00Z").Set("until", name).Set("names", true);
  report.Set("mails", mails).Set("missed", Json::Array().Push(item));
  report.Set("organisations", Json::Array().Push(item));
  report.Set("findings", Json::Array().Push(finding));
  return report;
}

TEST_CASE("what the network sent is escaped on the page", "[cli]") {
  const std::string page = cli::ReportPage(Hostile(), FakeClock::kStart);
  CHECK_THAT(page, !HasText("<script") && !HasText("\x1b") && !HasText("\xff") &&
                       HasText("&lt;script&gt;alert(1)&lt;/script&gt;&amp;\"'\\x1b[31m\\xff"));
}

TEST_CASE("the line to type is for a shell, or there is none", "[cli]") {
  const auto line = [](const char* kind, const std::string& key) {
    Json item;
    item.Set("kind", kind).Set("key", key);
    return cli::ExemptionLine(item);
  };
  CHECK(line("client", "192.0.2.7") == "mxwardctl allow client 192.0.2.7");
  CHECK(line("client", "2001:db8::/64") == "mxwardctl allow client 2001:db8::/64");
  CHECK(line("client-name", "example.org") == "mxwardctl allow client-name example.org");
  for (const char* key : {"", "a;reboot", "$(reboot)", "-all", "a b", "\x1b[31m", "a'b"}) {
    CAPTURE(key);
    CHECK(line("sender-domain", key) == "-");
  }
}

}  // namespace
}  // namespace mxward
