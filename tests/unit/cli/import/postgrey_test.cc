// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.h"
#include "tests/unit/cli/import/import_lines.h"

namespace mxward::cli {
namespace {

using Kind = Imported::Kind;

// A dump of db_dump -p with these pairs.
std::vector<std::string> Dump(const std::vector<std::string>& data) {
  std::vector<std::string> lines = {"VERSION=3", "format=print", "type=btree", "db_pagesize=4096",
                                    "HEADER=END"};
  for (const std::string& line : data) lines.push_back(" " + line);
  lines.emplace_back("DATA=END");
  return lines;
}

struct PostgreyRow {
  const char* key;
  const char* client;
  const char* sender;
  const char* recipient;
};

TEST_CASE("postgrey's keys have a network, a sender and a recipient", "[cli]") {
  const std::vector<PostgreyRow> rows = {
      {"192.0.2.0/a@example.org/b@example.net", "192.0.2.0/24", "a@example.org", "b@example.net"},
      // With other prefix lengths, or none.
      {"192.0.2.16/a@example.org/b@example.net", "192.0.2.16", "a@example.org", "b@example.net"},
      {"192.0.2.7/32/a@example.org/b@example.net", "192.0.2.7", "a@example.org", "b@example.net"},
      {"192.0.2.0/32/a@example.org/b@example.net", "192.0.2.0", "a@example.org", "b@example.net"},
      {"2001:db8:0:0:0:0:0:0/a@x.org/b@y.net", "2001:db8::/64", "a@x.org", "b@y.net"},
      {"2001:db8:0:0:0:0:0:7/128/a@x.org/b@y.net", "2001:db8::7", "a@x.org", "b@y.net"},
      // The null sender.
      {"192.0.2.0//b@example.net", "192.0.2.0/24", "", "b@example.net"},
      {"192.0.2.7/32//b@example.net", "192.0.2.7", "", "b@example.net"},
      // Slashes in front of an @ are part of an address.
      {"192.0.2.0/a/b@x.org/c/d@y.net", "192.0.2.0/24", "a/b@x.org", "c/d@y.net"},
      {"192.0.2.0/32@x.org/b@y.net", "192.0.2.0/24", "32@x.org", "b@y.net"},
      {"192.0.2.0/a@x.org/postmaster", "192.0.2.0/24", "a@x.org", "postmaster"},
      {R"(192.0.2.0/a\\b@x.org/\c3\a4@y.net)", "192.0.2.0/24", R"(a\b@x.org)", "\xc3\xa4@y.net"},
  };
  for (const PostgreyRow& row : rows) {
    CAPTURE(row.key);
    const Json record = Record("postgrey", Dump({row.key, "1767560000,1767570000"}));
    CHECK(record["client"].text() == row.client);
    CHECK(record["sender"].text() == row.sender);
    CHECK(record["recipient"].text() == row.recipient);
    CHECK(record["state"].text() == "passed");
  }
}

TEST_CASE("a postgrey tuple has passed when it was seen after the delay", "[cli]") {
  const std::string key = "192.0.2.0/a@x.org/b@y.net";
  CHECK(Record("postgrey", Dump({key, "1767570000,1767570300"}))["state"].text() == "passed");
  const Json waits = Record("postgrey", Dump({key, "1767570000,1767570299"}));
  CHECK(waits["state"].text() == "pending");
  CHECK(waits["first_seen"].text() == "2026-01-04T23:40:00Z");
  CHECK(waits["last_seen"].text() == "2026-01-04T23:44:59Z");
  // --delay of that postgrey.
  CHECK(Record("postgrey", Dump({key, "1767570000,1767570299"}), Seconds(60))["state"].text() ==
        "passed");
  // Early versions noted the client's host as well.
  CHECK(Record("postgrey", Dump({key, "1767570000,1767570300,mail"}))["state"].text() == "passed");
}

TEST_CASE("postgrey's clients have earned something when they count five", "[cli]") {
  const Json known = Record("postgrey", Dump({"192.0.2.7", "5,1767570000"}));
  CHECK(known["identity"].text() == "client:192.0.2.7");
  CHECK(known["allowed"].boolean());
  CHECK(known["passed"].integer() == 5);
  CHECK(known["last_used"].text() == "2026-01-04T23:40:00Z");
  CHECK_FALSE(Record("postgrey", Dump({"192.0.2.7", "4,1767570000"}))["allowed"].boolean());
  CHECK(Record("postgrey", Dump({"2001:db8:0:0:1:2:3:4", "70000,1767570000"}))["identity"].text() ==
        "client:2001:db8::/64");
}

TEST_CASE("db_dump without -p writes hexadecimal", "[cli]") {
  const Json record =
      Record("postgrey", {"VERSION=3", "format=bytevalue", "type=btree", "HEADER=END",
                          " 3139322e302e322e37", " 352c31373637353730303030", "DATA=END"});
  CHECK(record["identity"].text() == "client:192.0.2.7");
}

TEST_CASE("dumps of both databases may follow each other", "[cli]") {
  auto lines = Dump({"192.0.2.0/a@x.org/b@y.net", "1767560000,1767570000"});
  for (const std::string& line : Dump({"192.0.2.7", "5,1767570000"})) lines.push_back(line);
  CHECK(Read("postgrey", lines).size() == 2);
}

TEST_CASE("what is wrong with a dump is told, and the rest is read", "[cli]") {
  const std::string good = "192.0.2.0/a@x.org/b@y.net";
  struct Row {
    std::vector<std::string> data;
    const char* why;
  };
  const std::vector<Row> rows = {
      {{"nonsense", "1,2"}, "the key is not an address"},
      {{"x/a@x.org/b@y.net", "1767560000,1767570000"}, "the key does not begin with an address"},
      {{"192.0.2.0/a@x.org", "1767560000,1767570000"}, "the key has no sender and recipient"},
      {{"192.0.2.0/a@x.org/", "1767560000,1767570000"}, "the key has no sender and recipient"},
      {{good, "1767570000"}, "a value without a comma"},
      {{good, "-1,1767570000"}, "the value is not two times"},
      {{good, "99999999999,1767570000"}, "the value is not two times"},
      {{good, "1767570000,1767560000"}, "first seen later than last seen"},
      {{good, "1767560000,17675x"}, "the value is not two times"},
      {{R"(192.0.2.0/a\zz@x.org/b@y.net)", "1767560000,1767570000"},
       "not a line of db_dump output"},
      {{R"(192.0.2.0/a\)", "1767560000,1767570000"}, "not a line of db_dump output"},
      {{good, R"(1767560000,\1)"}, "not a line of db_dump output"},
      {{"192.0.2.0/" + std::string(600, 'a') + "@x.org/b@y.net", "1767560000,1767570000"},
       "an address of more than 512 bytes"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    auto lines = Dump(row.data);
    lines.insert(lines.end() - 1, {" " + good, " 1767560000,1767570000"});
    const auto all = Read("postgrey", lines);
    REQUIRE(all.size() == 2);
    CHECK(all[0].kind == Kind::kGarbage);
    CHECK(all[0].text == row.why);
    CHECK(all[1].kind == Kind::kRecord);
  }
}

TEST_CASE("a dump that was cut off is noticed", "[cli]") {
  const auto reader = Format("postgrey").make({kNow, std::nullopt});
  const auto ignore = [](const Imported&) {};
  auto lines = Dump({"192.0.2.7", "5,1767570000"});
  lines.pop_back();
  for (const std::string& line : lines) reader->Read(line, ignore);
  CHECK(reader->Finish() != "");
  reader->Read("DATA=END", ignore);
  CHECK(reader->Finish().empty());
}

TEST_CASE("what postgrey has hashed is left out", "[cli]") {
  const auto all =
      Read("postgrey", Dump({"2fd4e1c67a2d28fced849ee1bb76e7391b93eb12", "1767560000,1767570000"}));
  REQUIRE(all.size() == 1);
  CHECK(all[0].kind == Kind::kLeftOut);
}

}  // namespace
}  // namespace mxward::cli
