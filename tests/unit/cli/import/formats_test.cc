// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/catch.h"
#include "tests/unit/cli/import/import_lines.h"

namespace mxward::cli {
namespace {

using Kind = Imported::Kind;

TEST_CASE("milter-greylist's tuples wait until a time, or are known until one", "[cli]") {
  const Json waits = Record("milter-greylist",
                            {"192.0.2.1\t<a@x.org>\t<b@y.net>\t1767571260 # 2026-01-05 00:01:00"});
  CHECK(waits["state"].text() == "pending");
  CHECK(waits["client"].text() == "192.0.2.1");
  CHECK(waits["sender"].text() == "a@x.org");
  // Half an hour before.
  CHECK(waits["first_seen"].text() == "2026-01-04T23:31:00Z");
  CHECK(Record("milter-greylist", {"192.0.2.1 <a@x.org> <b@y.net> 1767571260"},
               Seconds(300))["first_seen"]
            .text() == "2026-01-04T23:56:00Z");
  // A delay that is longer than half an hour: first seen now at the latest.
  CHECK(Record("milter-greylist", {"192.0.2.1 <a@x.org> <b@y.net> 1767581200"})["first_seen"]
            .text() == "2026-01-05T00:00:00Z");

  const Json known =
      Record("milter-greylist", {"2001:db8::1     <>    <b@y.net>    1767600000 AUTO # later"});
  CHECK(known["state"].text() == "passed");
  CHECK(known["sender"].text().empty());
  // A day before its end.
  CHECK(known["last_seen"].text() == "2026-01-04T08:00:00Z");
  CHECK(Record("milter-greylist", {"192.0.2.1 <a@x.org> <b@y.net> 1768571200 AUTO"})["last_seen"]
            .text() == "2026-01-05T00:00:00Z");
}

TEST_CASE("milter-greylist's comments are no lines, and old entries are expired", "[cli]") {
  CHECK(Read("milter-greylist", {"# greylisted tuples", "", "   ", "#"}).empty());
  CHECK(Read("milter-greylist", {"192.0.2.1 <a@x.org> <b@y.net> 1767571200 AUTO"})[0].kind ==
        Kind::kExpired);
  for (const char* line :
       {"192.0.2.1 <a@x.org> <b@y.net>", "mail.x.org <a@x.org> <b@y.net> 1767571260",
        "192.0.2.1 <a@x.org> <b@y.net> soon", "192.0.2.1 <a@x.org> <b@y.net> 1767571260 TARPIT",
        "192.0.2.1 <a@x.org> <b@y.net> 1767571260 AUTO more", "192.0.2.1 <a@x.org> <> 1767571260",
        "192.0.2.1 <a@x.org", "1 2 3 4 5 6 7"}) {
    CAPTURE(line);
    const auto all = Read("milter-greylist", {line});
    REQUIRE(all.size() == 1);
    CHECK(all[0].kind == Kind::kGarbage);
  }
}

TEST_CASE("spamdb's lines become tuples, allowances and blocks", "[cli]") {
  const Json grey =
      Record("spamdb", {"GREY|192.0.2.1|helo|<a@x.org>|<b@y.net>|1767570000|1767571800|1767584400|"
                        "3|0"});
  CHECK(grey["state"].text() == "pending");
  CHECK(grey["sender"].text() == "a@x.org");
  CHECK(grey["recipient"].text() == "b@y.net");
  CHECK(grey["first_seen"].text() == "2026-01-04T23:40:00Z");
  CHECK(grey["tries"].integer() == 3);
  // Of an OpenBSD that did not note the HELO.
  CHECK(Record("spamdb",
               {"GREY|192.0.2.1|<>|<b@y.net>|1767570000|1767571800|1767584400|1|0"})["sender"]
            .text()
            .empty());

  const Json white = Record("spamdb", {"WHITE|192.0.2.1|||1760000000|1760001000|1770000000|2|9"});
  CHECK(white["identity"].text() == "client:192.0.2.1");
  CHECK(white["allowed"].boolean());
  // 36 days before its end.
  CHECK(white["last_used"].text() == "2025-12-28T02:40:00Z");

  const Json trapped = Record("spamdb", {"TRAPPED|192.0.2.1|1767584400"});
  CHECK(trapped["action"].text() == "block");
  CHECK(trapped["key"].text() == "192.0.2.1");
  CHECK(trapped["expires"].text() == "2026-01-05T03:40:00Z");
  CHECK(Read("spamdb", {"SPAMTRAP|trap@y.net"})[0].kind == Kind::kLeftOut);
}

TEST_CASE("spamdb's lines that are over or wrong are told apart", "[cli]") {
  for (const char* line :
       {"GREY|192.0.2.1|h|<a@x.org>|<b@y.net>|1|2|1767571200|3|0",
        "WHITE|192.0.2.1|||1|2|1767571200|2|9", "TRAPPED|192.0.2.1|1767571200"}) {
    CAPTURE(line);
    CHECK(Read("spamdb", {line})[0].kind == Kind::kExpired);
  }
  for (const char* line :
       {"GREY|192.0.2.1|h|<a@x.org>|<b@y.net>|1|2|1767584400|3", "GREY|x|h|<a>|<b>|1|2|3|4|5",
        "GREY|192.0.2.1|h|<a@x.org>|<b@y.net>|0|2|1767584400|3|0",
        "WHITE|192.0.2.1|1|2|1767584400|2|9", "WHITE|1.2.3|||1|2|1767584400|2|9",
        "TRAPPED|192.0.2.1", "TRAPPED|x|1767584400", "WHITE", "GREY|||||||||||||||||||||||||",
        "x"}) {
    CAPTURE(line);
    CHECK(Read("spamdb", {line})[0].kind == Kind::kGarbage);
  }
}

TEST_CASE("mxward's own lines go on as they are, between first and last", "[cli]") {
  const auto reader = Format("mxward").make({kNow, std::nullopt});
  std::vector<Imported> all;
  const auto sink = [&](Imported one) { all.push_back(std::move(one)); };
  reader->Read(R"({"mxward":"export","format":1})", sink);
  reader->Read(R"( {"type":"tuple"} )", sink);
  CHECK(reader->Finish() != "");
  reader->Read(R"({ "mxward":"end","records":1})", sink);
  reader->Read("rubbish", sink);
  CHECK(reader->Finish().empty());
  REQUIRE(all.size() == 3);
  CHECK(all[0].kind == Kind::kFrame);
  CHECK(all[1].text == R"({"type":"tuple"})");
  CHECK(all[2].kind == Kind::kGarbage);
  reader->Read(R"({"type":"tuple"})", sink);
  CHECK_THAT(reader->Finish(), HasText("the file has 2"));
}

TEST_CASE("each format is known by its lines, and by no other's", "[cli]") {
  const std::map<std::string, std::vector<std::string>> lines = {
      {"mxward", {R"({"mxward":"export","format":1})", R"({"type":"tuple"})"}},
      {"postgrey", {"VERSION=3"}},
      {"milter-greylist",
       {"# milter-greylist databases, dumped by milter-greylist-4.6.2 on 2026-01-05 00:00:00.",
        "192.0.2.1\t<a@x.org>\t<b@y.net>\t1767571260"}},
      {"spamdb", {"GREY|192.0.2.1", "WHITE|x", "TRAPPED|x", "SPAMTRAP|x"}},
      {"sqlgrey",
       {"CREATE TABLE from_awl (sender_name", "CREATE TABLE `connect` (",
        "INSERT INTO `optin_domain` VALUES ('x');", "COPY public.connect (src) FROM stdin;",
        "sender_name\tsender_domain\tsrc\trcpt\tfirst_seen"}},
      {"none",
       {"", "#", "PRAGMA foreign_keys=OFF;", "hello", "CREATE TABLE users (a", "\x00\xff"}}};
  for (const auto& [name, own] : lines) {
    for (const std::string& line : own) {
      for (const ImportFormat& format : ImportFormats()) {
        CAPTURE(line, format.name);
        CHECK(format.recognises(line) == (format.name == name));
      }
    }
  }
}

TEST_CASE("no bytes do any harm", "[cli]") {
  const std::vector<std::string> seeds = {
      "VERSION=3",
      "HEADER=END",
      " 192.0.2.0/32/a@x.org/b@y.net",
      " 1767560000,1767570000",
      "DATA=END",
      "192.0.2.1\t<a@x.org>\t<b@y.net>\t1767571260 AUTO # x",
      "GREY|192.0.2.1|h|<a@x.org>|<b@y.net>|1|2|1767584400|3|0",
      "WHITE|192.0.2.1|||1|2|3|4|5",
      "INSERT INTO `from_awl` (a, `b`) VALUES ('x\\'','y',NULL),(1,2,3);",
      "COPY connect (src) FROM stdin;",
      "\\.",
      "src\tlast_seen",
      R"({"mxward":"end","records":1})"};
  std::mt19937 random(7);
  for (const ImportFormat& format : ImportFormats()) {
    const auto reader = format.make({kNow, std::nullopt});
    for (int round = 0; round < 3000; ++round) {
      std::string line = seeds[random() % seeds.size()];
      for (auto slip = random() % 6; slip > 0 && !line.empty(); --slip) {
        const std::size_t place = random() % line.size();
        switch (random() % 3) {
          case 0:
            line[place] = static_cast<char>(random());
            break;
          case 1:
            line.erase(place, random() % 9);
            break;
          default:
            line.insert(place, line.substr(random() % line.size(), random() % 9));
        }
      }
      format.recognises(line);
      reader->Read(line, [](const Imported& one) {
        // A record is JSON, whatever it was made of.
        if (one.kind == Kind::kRecord && one.text.starts_with("{\"type")) {
          CHECK(one.text.find('\n') == std::string::npos);
        }
      });
    }
    reader->Finish();
  }
}

}  // namespace
}  // namespace mxward::cli
