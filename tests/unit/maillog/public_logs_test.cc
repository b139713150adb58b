// SPDX-License-Identifier: Apache-2.0
//
// Against logs that others wrote (logs/README.md).
#include <fstream>
#include <sstream>

#include "maillog/assembler.h"
#include "maillog/line.h"
#include "maillog/postfix.h"
#include "tests/unit/catch.h"
#include "tests/unit/maillog/summary.h"

namespace mxward::maillog {
namespace {

std::vector<std::string> LinesOf(const std::string& name) {
  std::ifstream file(std::string(MXWARD_SOURCE_DIR) + "/tests/unit/maillog/logs/" + name);
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
  TimeReader times;
  times.SetYear(2021);
  WallTime start{};
  Assembler assembler([&](const Step& step) {
    if (start == WallTime()) start = step.time;
    played.steps.push_back(Summary(step, start));
  });
  bool began = false;
  for (const std::string& text : LinesOf(name)) {
    began = began || text.starts_with(from_line);
    const auto line = ParseLine(text, times);
    if (began && line) assembler.Add(*line);
  }
  assembler.End();
  played.counts = assembler.counts();
  return played;
}

TEST_CASE("what the lines of postfix-grok-patterns say", "[maillog]") {
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

TEST_CASE("the sessions of the log of postfix_exporter", "[maillog]") {
  const Played played = Play("postfix-exporter.log", "Sep 23");
  CHECK(played.steps ==
        std::vector<std::string>{
            "0s #1 connect 0.0.0.0 none",
            "0s #1 from <spam@example.com> helo mail.port25.com to <inbox@example.org> refused "
            "4.7.25",
            "0s #1 disconnect", "246s #2 connect fe80::1:2:3:4 none port 587",
            "247s #2 from <out@example.org> user out@example.org to <someone@example.com> taken",
            "248s #2 disconnect"});
  CHECK(played.counts.broken == 0);
}

TEST_CASE("the sessions of the log of postfix-ecs-pipeline", "[maillog]") {
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

}  // namespace
}  // namespace mxward::maillog
