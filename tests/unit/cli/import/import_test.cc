// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include "catch.h"
#include "cli/import/line_source.h"
#include "tests/fake/temp_dir.h"
#include "tests/unit/cli/command_fixture.h"

namespace mxward {
namespace {

using cli::LineSource;

class File {
 public:
  explicit File(const std::string& content) { std::ofstream(path()) << content; }
  std::string path() const { return dir_.path() + "/file"; }

 private:
  TempDir dir_;
};

// The lines of a file; "<long>" for one that is too long.
std::vector<std::string> LinesOf(const std::string& content) {
  const File file(content);
  auto source = LineSource::Open(file.path());
  REQUIRE(source);
  std::vector<std::string> lines;
  for (;;) {
    std::string line;
    const auto got = source->Next(&line);
    REQUIRE(got);
    if (*got == LineSource::Got::kEnd) return lines;
    lines.push_back(*got == LineSource::Got::kLine ? line : "<long>");
  }
}

TEST_CASE("a file's lines come one by one, the last with or without its end", "[cli]") {
  CHECK(LinesOf("").empty());
  CHECK(LinesOf("a\n\nb") == std::vector<std::string>{"a", "", "b"});
  CHECK(LinesOf("a\nb\n") == std::vector<std::string>{"a", "b"});
  const std::string wide(100000, 'x');
  CHECK(LinesOf(wide + "\n" + wide) == std::vector<std::string>{wide, wide});
}

TEST_CASE("of a line that is too long nothing is kept", "[cli]") {
  const std::string most(LineSource::kMaxLine, 'x');
  CHECK(LinesOf(most + "\n" + most + "x\nb\n" + most + most + most) ==
        std::vector<std::string>{most, "<long>", "b", "<long>"});
}

TEST_CASE("an import tells what has become of the lines", "[cli]") {
  CommandFixture fixture;
  const File file(
      "GREY|192.0.2.1|h|<a@x.org>|<b@y.net>|1767571100|2|1767584400|1|0\n"
      "WHITE|192.0.2.2|||1767571100|1767571100|1770000000|2|9\n"
      "TRAPPED|192.0.2.3|1\nSPAMTRAP|t@y.net\n\033[2Jnonsense\n");
  CHECK(fixture.Run({"import", file.path()}) == 0);
  CHECK(fixture.out ==
        "spamdb: 4 records read\n"
        "new                             2\n"
        "brought up to date              0\n"
        "known already                   0\n"
        "left out: expired               1\n"
        "left out: spam traps            1\n"
        "lines that could not be parsed  1\n");
  CHECK_THAT(fixture.err, HasText("line 5: does not begin with"));
  CHECK(fixture.err.find('\033') == std::string::npos);

  CHECK(fixture.Run({"import", file.path(), "--format", "json"}) == 0);
  const auto json = ParseJson(fixture.out);
  REQUIRE(json);
  CHECK((*json)["from"].text() == "spamdb");
  CHECK((*json)["added"].integer() == 0);
  CHECK((*json)["kept"].integer() == 2);
  CHECK((*json)["complete"].boolean());
  CHECK((*json)["unreadable"].integer() == 1);
}

TEST_CASE("an import with --dry-run changes nothing", "[cli]") {
  CommandFixture fixture;
  const File file("WHITE|192.0.2.2|||1767571100|1767571100|1770000000|2|9\n");
  CHECK(fixture.Run({"import", file.path(), "--dry-run"}) == 0);
  CHECK_THAT(fixture.out, HasText("nothing was changed (--dry-run)"));
  CHECK(fixture.daemon.store.Count(store::Table::kEarned) == 0);
  CHECK(fixture.Run({"import", file.path()}) == 0);
  CHECK(fixture.daemon.store.Count(store::Table::kEarned) == 1);
}

TEST_CASE("an import says when what it brings does not count", "[cli]") {
  Config config = TestConfig();
  config.greylist.auto_allow_after = 0;
  CommandFixture fixture(config);
  const File file("WHITE|192.0.2.2|||1767571100|1767571100|1770000000|2|9\n");
  CHECK(fixture.Run({"import", file.path()}) == 0);
  CHECK_THAT(fixture.err, HasText("greylist.auto_allow_after is 0"));
}

TEST_CASE("what cannot be imported at all is trouble", "[cli]") {
  CommandFixture fixture;
  CHECK(fixture.Run({"import", "/nonexistent/file"}) == 2);
  CHECK(fixture.Run({"import", File("what is this?\n").path()}) == 2);
  CHECK_THAT(fixture.err, HasText("use --from"));
  CHECK(fixture.Run({"import", "--from", "postgrey", File("what is this?\n").path()}) == 2);
  CHECK_THAT(fixture.err, HasText("line 1: no db_dump header before it"));
  CHECK(fixture.Run({"import", "--from", "x", File("").path()}) == 64);
  CHECK(fixture.Run({"import", "--delay", "5", File("").path()}) == 64);
  fixture.running = false;
  CHECK(fixture.Run({"import", "--from", "spamdb", File("WHITE|").path()}) == 2);
  CHECK_THAT(fixture.err, HasText("the daemon is not running"));
}

TEST_CASE("a file goes out in many requests, and a line's number stays its own", "[cli]") {
  CommandFixture fixture;
  std::string text = "VERSION=3\nformat=print\nHEADER=END\n";
  for (int i = 0; i < 1500; ++i) {
    text += " 10." + std::to_string(i / 250) + "." + std::to_string(i % 250) +
            ".0/a@x.org/b@y.net\n 1767560000,1767570000\n";
  }
  // The daemon finds this one: our reader believes any recipient.
  text += " 192.0.2.0/a@x.org/b@y.net\n 4102444800,4102444801\nDATA=END\n";
  CHECK(fixture.Run({"import", File(text).path(), "--format", "json"}) == 0);
  const auto json = ParseJson(fixture.out);
  REQUIRE(json);
  CHECK((*json)["added"].integer() == 1500);
  CHECK((*json)["future"].integer() == 1);
  CHECK(fixture.daemon.store.Count(store::Table::kTuples) == 1500);
}

TEST_CASE("a line that the daemon refuses is told by its number in the file", "[cli]") {
  CommandFixture fixture;
  CHECK(fixture.Run({"export"}) == 0);
  const std::string header = fixture.out.substr(0, fixture.out.find('\n') + 1);
  std::string text = header + "\n\n";
  for (int i = 0; i < 400; ++i) text += "{\"type\":\"tuple\",\"state\":\"no\"}\n";
  CHECK(fixture.Run({"import", File(text).path()}) == 2);
  CHECK_THAT(fixture.err, HasText("line 4: state: must be one of"));
  CHECK_THAT(fixture.err, HasText("line 8: state: must be one of"));
  CHECK_THAT(fixture.err, HasText("and 395 more lines"));
}

TEST_CASE("export and import are each other's, also through a file", "[cli]") {
  CommandFixture fixture;
  fixture.daemon.DeliverTwice("192.0.2.1", "a@example.org", {"b@example.net"}, "mail.example.org");
  CHECK(fixture.Run({"export"}) == 0);
  const std::string text = fixture.out;
  CHECK_THAT(text, HasText("{\"mxward\":\"end\",\"records\":"));
  const TempDir dir;
  const std::string path = dir.path() + "/out";
  std::ofstream(path) << "of before";
  CHECK(fixture.Run({"export", "--output", path}) == 0);
  CHECK(fixture.out.empty());
  std::ifstream in(path);
  CHECK(std::string(std::istreambuf_iterator<char>(in), {}) == text);
  CHECK_FALSE(std::ifstream(path + ".part").good());
  CHECK(fixture.Run({"import", path}) == 0);
  CHECK_THAT(fixture.out, HasText("new                 0\n"));
  CHECK(fixture.Run({"export", "--output", dir.path() + "/no/such/folder"}) == 2);
  CHECK(fixture.Run({"export", "--hash-key"}) == 0);
  CHECK(fixture.out.size() == 33);
}

}  // namespace
}  // namespace mxward
