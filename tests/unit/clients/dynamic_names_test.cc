// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <string>
#include <vector>

#include "clients/dynamic_name.h"
#include "tests/unit/catch.h"

namespace mxward {
namespace {

struct TableRow {
  std::string expected;
  IpAddress client;
  std::string name;
  std::string reason;
};

// The rows of a table in this folder: four columns between tabs.
std::vector<TableRow> ReadTable(const std::string& file) {
  std::ifstream in(std::string(MXWARD_SOURCE_DIR) + "/tests/unit/clients/" + file);
  REQUIRE(in.good());
  std::vector<TableRow> rows;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) continue;
    CAPTURE(line);
    std::vector<std::string> columns(1);
    for (const char c : line) {
      if (c == '\t') {
        columns.emplace_back();
      } else {
        columns.back() += c;
      }
    }
    REQUIRE(columns.size() == 4);
    const auto client = IpAddress::Parse(columns[1]);
    REQUIRE(client.has_value());
    REQUIRE_FALSE(columns[3].empty());
    rows.push_back({columns[0], *client, columns[2], columns[3]});
  }
  return rows;
}

TEST_CASE("names of lines and of servers are told apart", "[clients]") {
  const std::vector<TableRow> rows = ReadTable("dynamic_names.tsv");
  CHECK(rows.size() >= 300);
  for (const TableRow& row : rows) {
    CAPTURE(row.expected, row.client.ToString(), row.name, row.reason);
    const bool known = row.expected == "dynamic" || row.expected == "server" ||
                       row.expected == "missed" || row.expected == "wronged";
    REQUIRE(known);
    CHECK(LooksDynamic(row.name, row.client) ==
          (row.expected == "dynamic" || row.expected == "wronged"));
  }
}

// The error rates that dynamic_name.h and mxward(8) state.
TEST_CASE("names that the rule was not tuned on are told apart as often as we say", "[clients]") {
  struct Kind {
    int names = 0;
    int wrong = 0;
  };
  Kind dynamic;
  Kind server;
  std::string wrong;
  for (const TableRow& row : ReadTable("dynamic_names_held_out.tsv")) {
    const bool is_dynamic = row.expected == "dynamic";
    REQUIRE((is_dynamic || row.expected == "server"));
    Kind& kind = is_dynamic ? dynamic : server;
    ++kind.names;
    if (LooksDynamic(row.name, row.client) != is_dynamic) {
      ++kind.wrong;
      wrong += "\n  " + row.expected + " " + row.name + " (" + row.reason + ")";
    }
  }
  WARN("held out: " << server.wrong << " of " << server.names << " servers taken for dynamic, "
                    << dynamic.wrong << " of " << dynamic.names << " dynamic names missed");
  CAPTURE(wrong);
  CHECK(dynamic.names + server.names >= 150);
  CHECK(server.wrong * 100 <= 2 * server.names);
  CHECK(dynamic.wrong * 100 <= 10 * dynamic.names);
}

TEST_CASE("names of excepted domains are never dynamic", "[clients]") {
  NamesConfig names;
  names.dynamic_except = {"hoster.example", "example.org"};
  const IpAddress client = IpAddress::Parse("203.0.113.77").value();
  CHECK_FALSE(IsDynamicName("203-0-113-77.hoster.example", client, names));
  CHECK_FALSE(IsDynamicName("203-0-113-77.Hoster.EXAMPLE.", client, names));
  CHECK_FALSE(IsDynamicName("ip.203-0-113-77.eu.hoster.example", client, names));
  CHECK(IsDynamicName("203-0-113-77.nohoster.example", client, names));
  CHECK(IsDynamicName("203-0-113-77.hoster.example.net", client, names));
  CHECK(IsDynamicName("203-0-113-77.hoster.example", client, NamesConfig{}));
  CHECK_FALSE(IsDynamicName("mail.example.net", client, names));
  CHECK_FALSE(IsDynamicName("", client, names));
}

}  // namespace
}  // namespace mxward
