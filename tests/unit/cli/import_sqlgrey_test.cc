// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.h"
#include "tests/unit/cli/import_lines.h"

namespace mxward::cli {
namespace {

using Kind = Imported::Kind;

TEST_CASE("sqlgrey's tables are read as their databases print them", "[cli]") {
  const Json waits =
      Record("sqlgrey",
             {"CREATE TABLE connect (sender_name varchar(64) NOT NULL, src varchar(39));",
              "INSERT INTO connect VALUES('o''x','example.org','192.0.2','b@y.net',1767570000);"});
  CHECK(waits["client"].text() == "192.0.2.0/24");
  CHECK(waits["sender"].text() == "o'x@example.org");
  CHECK(waits["first_seen"].text() == "2026-01-04T23:40:00Z");

  CHECK(Read("sqlgrey", {"INSERT INTO `connect` VALUES "
                         "('a\\'),(\\'','x.org','192.0.2.1','b@y.net','2026-01-04 23:40:00'),"
                         "('-undef-','-undef-','2001:db8::1','b@y.net','2026-01-04 23:40:00.5');"})
            .size() == 2);
  CHECK(Record("sqlgrey",
               {"COPY public.connect (rcpt, src, sender_domain, sender_name, first_seen) "
                "FROM stdin;",
                "b@y.net\t192.0.2.1\t-undef-\t-undef-\t2026-01-04 23:40:00.123", "\\."})["sender"]
            .text()
            .empty());
  CHECK(Record("sqlgrey", {"src\tfirst_seen\trcpt\tsender_name\tsender_domain",
                           "192.0.2.1\t1767570000\tb@y.net\ta\tx.org", "(1 row)"})["sender"]
            .text() == "a@x.org");
}

TEST_CASE("sqlgrey's lists become allowances where they fit", "[cli]") {
  const std::string seen = "1767560000,1767570000";
  const auto from = [&](const std::string& source) {
    return Read("sqlgrey",
                {"INSERT INTO from_awl VALUES('a','x.org','" + source + "'," + seen + ");"})[0];
  };
  CHECK_THAT(from("192.0.2.1").text, HasText("client:192.0.2.1\""));
  CHECK_THAT(from("2001:0db8:0000:0001:0000:0000:0000:0002").text,
             HasText("client:2001:db8:0:1::/64\""));
  CHECK_THAT(from("2001:0db8:0000:0001").text, HasText("client:2001:db8:0:1::/64\""));
  CHECK(from("192.0.2").kind == Kind::kLeftOut);
  CHECK(from("192.0").kind == Kind::kGarbage);
  CHECK(from("x").kind == Kind::kGarbage);
  CHECK(Record("sqlgrey", {"INSERT INTO optout_domain VALUES('y.net');"})["kind"].text() ==
        "recipient-domain");
  CHECK(Read("sqlgrey", {"INSERT INTO optin_email VALUES('a@y.net');"})[0].kind == Kind::kLeftOut);
  CHECK(Read("sqlgrey", {"INSERT INTO config VALUES('version','3');", "COMMIT;", "", "-- x",
                         "COPY config FROM stdin;", "a\tb", "\\."})
            .empty());
}

TEST_CASE("statements that are cut off or odd are garbage", "[cli]") {
  for (const char* line :
       {"INSERT INTO connect VALUES('a','x.org','192.0.2.1','b@y.net'",
        "INSERT INTO connect VALUES", "INSERT INTO connect VALUES('a",
        "INSERT INTO connect VALUES(a(1),2)", "INSERT INTO connect VALUES('a','x.org');",
        "INSERT INTO connect SELECT 1;",
        "INSERT INTO connect VALUES('a','x.org','192.0.2.1','b@y.net','yesterday');",
        "INSERT INTO connect VALUES('a','x.org','192.0.2.1','b@y.net','2026-02-30 00:00:00');",
        "INSERT INTO connect VALUES('a','x.org','192.0.2.1',NULL,1767570000);", "a\tb\tc"}) {
    CAPTURE(line);
    const auto all = Read("sqlgrey", {line});
    REQUIRE(all.size() == 1);
    CHECK(all[0].kind == Kind::kGarbage);
  }
}

}  // namespace
}  // namespace mxward::cli
