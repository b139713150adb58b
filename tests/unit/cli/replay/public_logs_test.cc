// SPDX-License-Identifier: Apache-2.0
//
// Against logs that others wrote (logs/README.md).
#include <fstream>
#include <random>

#include "cli/replay/assembler.h"
#include "cli/replay/log_format.h"
#include "cli/replay/postfix_log.h"
#include "tests/unit/catch.h"
#include "tests/unit/cli/replay/log_summary.h"

namespace mxward::cli::maillog {
namespace {

std::vector<std::string> LinesOf(const std::string& name) {
  std::ifstream file(std::string(MXWARD_SOURCE_DIR) + "/tests/unit/cli/replay/logs/" + name);
  REQUIRE(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

struct Played {
  std::vector<std::string> steps;
  Counts counts;
};

Played Play(const std::string& name, std::string_view from_line) {
  Played played;
  LineReader reader;
  reader.SetYear(2021);
  WallTime start{};
  Assembler assembler([&](const Step& step) {
    if (start == WallTime()) start = step.time;
    played.steps.push_back(Summary(step, start));
  });
  bool began = false;
  for (const std::string& text : LinesOf(name)) {
    began = began || text.starts_with(from_line);
    Line line;
    const bool read = reader.Read(text, line) == LineReader::Took::kLine;
    if (began && read) assembler.Add(line);
  }
  assembler.End();
  played.counts = assembler.counts();
  return played;
}

TEST_CASE("what the lines of postfix-grok-patterns say", "[cli]") {
  const auto lines = LinesOf("postfix-grok-patterns.txt");
  const auto expected = LinesOf("postfix-grok-patterns.expected");
  REQUIRE(lines.size() == 127);
  REQUIRE(expected.size() == lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::size_t tab = lines[i].find('\t');
    CAPTURE(lines[i]);
    CHECK(Summary(ParsePostfix(lines[i].substr(0, tab), lines[i].substr(tab + 1))) == expected[i]);
  }
}

TEST_CASE("the sessions of the log of postfix_exporter", "[cli]") {
  const Played played = Play("postfix-exporter.log", "Sep 23");
  CHECK(
      played.steps ==
      std::vector<std::string>{
          "0s #1 connect 0.0.0.0 none",
          "0s #1 from <spam@example.com> helo mail.port25.com to <inbox@example.org> refused "
          "4.7.25",
          "0s #1 disconnect", "246s #2 connect fe80::1:2:3:4 none port 587",
          "247s #2 from <out@example.org> user out@example.org tls to <someone@example.com> taken",
          "248s #2 disconnect"});
  CHECK(played.counts.broken == 0);
}

TEST_CASE("the sessions of the log of postfix-ecs-pipeline", "[cli]") {
  // The log was put together from pieces: the second client's end is missing, the last line of the
  // first hour is cut, and of later messages there is only the queue manager's line.
  const Played played = Play("postfix-ecs-pipeline.log", "Apr");
  CHECK(played.steps ==
        std::vector<std::string>{
            "0s #1 connect 185.170.209.188 none",
            "0s #1 from <8846-8422-212957-2264-cram=domain.tld@mail.researchconclude.bid> helo "
            "austin.researchconclude.bid to <cram@domain.tld> refused 4.7.1",
            "19s #1 disconnect", "19s #2 connect 167.89.25.242 good o780.emails.bradsdeals.com",
            "19s #2 from <bounces+5595449-1d87-cram=domain.tld@emails.bradsdeals.com> to "
            "<cram@domain.tld> taken",
            "9358s #2 disconnect", "9358s #3 connect 83.167.229.55 good mail-a.mail-lab38.com",
            "594618s #3 disconnect"});
  CHECK(played.counts.broken == 0);
  CHECK(played.counts.refused_early == 1);  // the cut line: to whom is not known
}

// A line as it could come out of a full disk, a broken pipe or an inventive client.
std::string Mutated(std::string line, std::mt19937& random) {
  const auto at = [&random](std::size_t size) { return size == 0 ? 0 : random() % size; };
  for (std::size_t changes = 1 + at(3); changes > 0; --changes) {
    switch (at(4)) {
      case 0:
        line.resize(at(line.size()));
        break;
      case 1:
        line.erase(at(line.size()), 1 + at(8));
        break;
      case 2:
        if (!line.empty()) line[at(line.size())] = static_cast<char>(at(256));
        break;
      default:
        line.insert(at(line.size()), line.substr(at(line.size()), at(40)));
        break;
    }
  }
  return line;
}

TEST_CASE("mutilated lines do no harm", "[cli]") {
  std::vector<std::string> lines;
  for (const char* name : {"postfix-exporter.log", "postfix-ecs-pipeline.log"}) {
    const auto some = LinesOf(name);
    lines.insert(lines.end(), some.begin(), some.end());
  }
  for (const std::string& line : LinesOf("postfix-grok-patterns.txt")) {
    const std::size_t tab = line.find('\t');
    lines.push_back("Apr 26 10:55:19 mx postfix/" + line.substr(0, tab) +
                    "[1]: " + line.substr(tab + 1));
  }
  lines.emplace_back(
      "Apr 26 10:55:19 mx sm-mta[1]: s1IFO4le004749: from=<a@b>, size=1, class=0, "
      "nrcpts=1, relay=x [192.0.2.1]");
  lines.emplace_back("Apr 26 10:55:19 mx sm-mta[1]: s1IFO4le004749: to=<a@b>,<c@d>, stat=Sent");
  for (const char* name :
       {"rfc5424-data", "journalctl-json", "journalctl-export", "journalctl-short-full-german",
        "docker-json-file", "compose-colors", "cri", "freebsd-v", "macos", "solaris"}) {
    const auto some = LinesOf(std::string("../../../../data/logs/") + name + ".log");
    lines.insert(lines.end(), some.begin(), some.end());
  }
  std::mt19937 random(2026);
  LineReader reader;
  reader.SetYear(2021);
  std::size_t steps = 0;
  Assembler assembler([&steps](const Step&) { ++steps; });
  std::size_t understood = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string text = Mutated(lines[random() % lines.size()], random);
    Line line;
    if (reader.Read(text, line) != LineReader::Took::kLine) continue;
    ++understood;
    assembler.Add(line);
  }
  assembler.End();
  CHECK(understood > 5000);
  CHECK(steps > 1000);
}

}  // namespace
}  // namespace mxward::cli::maillog
