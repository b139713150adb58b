// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/milter_list.h"

#include "tests/unit/catch.h"

namespace mxward::cli::doctor {
namespace {

TEST_CASE("filters are separated by commas and blanks, and braces hold settings", "[cli]") {
  const auto milters = ParseMilterList(
      "inet:localhost:11332, { unix:mxward/milter.sock, connect_timeout=5s default_action=accept },"
      "\tunix:opendkim/opendkim.sock");
  REQUIRE(milters.size() == 3);
  CHECK(milters[0].address == "inet:localhost:11332");
  CHECK(milters[0].settings.empty());
  CHECK(milters[1].address == "unix:mxward/milter.sock");
  CHECK(milters[1].Setting("connect_timeout") == "5s");
  CHECK(milters[1].Setting("default_action") == "accept");
  CHECK(milters[1].Setting("command_timeout").empty());
  CHECK(milters[2].address == "unix:opendkim/opendkim.sock");
}

TEST_CASE("a setting of a filter may have braces of its own", "[cli]") {
  const auto milters = ParseMilterList("{unix:/run/x, { default_action = accept }}");
  REQUIRE(milters.size() == 1);
  CHECK(milters[0].address == "unix:/run/x");
  CHECK(milters[0].Setting("default_action") == "accept");
}

TEST_CASE("a list without filters is empty, and broken braces do no harm", "[cli]") {
  CHECK(ParseMilterList("").empty());
  CHECK(ParseMilterList(" , ,").empty());
  CHECK(ParseMilterList("{ unix:/run/x, a=b").size() == 1);
  CHECK(ParseMilterList("}{").size() == 1);
}

TEST_CASE("a filter is written with another setting, and the list as it was", "[cli]") {
  auto milters = ParseMilterList("a:b { unix:/x, default_action=tempfail, protocol=4 }");
  milters[1] = milters[1].With("default_action", "accept");
  CHECK(FormatMilterList(milters) == "a:b, { unix:/x, default_action=accept, protocol=4 }");
  CHECK(milters[0].With("default_action", "accept").text == "{ a:b, default_action=accept }");
}

}  // namespace
}  // namespace mxward::cli::doctor
