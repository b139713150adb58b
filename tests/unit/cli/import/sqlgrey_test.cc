// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.h"
#include "tests/unit/cli/import/import_lines.h"

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

TEST_CASE("a statement goes on to its semicolon, over any lines", "[cli]") {
  const std::string times = "'2026-01-04 23:40:00','2026-01-04 23:41:00'";
  const auto clients = [](const std::vector<Imported>& all) {
    std::string text;
    for (const Imported& one : all) {
      text +=
          one.kind == Kind::kRecord ? ParseJson(one.text)->operator[]("identity").text() : one.text;
      text += ' ';
    }
    return text;
  };
  // mariadb-dump; mysqldump --insert-ignore, --replace; pg_dump --inserts --rows-per-insert.
  for (const char* head :
       {"INSERT INTO `from_awl` VALUES", "INSERT  IGNORE INTO `from_awl` VALUES",
        "REPLACE INTO `from_awl` VALUES", "INSERT INTO public.from_awl VALUES",
        "insert or replace into from_awl values",
        "INSERT INTO from_awl (sender_name, sender_domain, src, first_seen, last_seen) VALUES"}) {
    CAPTURE(head);
    CHECK(clients(Read("sqlgrey", {head, "('u','x.org','192.0.2.1'," + times + "),",
                                   "\t('v','x.org','192.0.2.2'," + times + ");",
                                   "UNLOCK TABLES;"})) == "client:192.0.2.1 client:192.0.2.2 ");
  }
  // At any place, also within a text.
  CHECK(
      Record("sqlgrey", {"INSERT INTO connect", "VALUES (", "'a'", ", 'x.org','192.0.2.1',", "'b",
                         "INSERT INTO connect VALUES (1);'", ",1767570000", ")", ";"})["recipient"]
          .text() == "b\nINSERT INTO connect VALUES (1);");
  // Rows that are bad do not take the others with them, nor do statements.
  CHECK(clients(Read("sqlgrey", {"INSERT INTO from_awl VALUES", "('u','x.org'),",
                                 "('u','x.org','192.0.2.1'," + times + "),", "(a(1),",
                                 "('u','x.org','192.0.2.2'," + times + ");"})) ==
        "a row of 2 values, and 5 columns client:192.0.2.1 a value that cannot be parsed "
        "client:192.0.2.2 ");
  CHECK(clients(
            Read("sqlgrey", {"INSERT INTO from_awl VALUES", "('u',", "INSERT INTO from_awl VALUES",
                             "('u','x.org','192.0.2.2'," + times + ");"})) ==
        "an INSERT before this line is truncated client:192.0.2.2 ");
  CHECK(clients(Read("sqlgrey", {"INSERT INTO from_awl VALUES('u','x.org','192.0.2.1'," + times +
                                     ") ON CONFLICT DO NOTHING;",
                                 "INSERT INTO from_awl VALUES('u','x.org','192.0.2.2'," + times +
                                     ");"})) == "client:192.0.2.1 client:192.0.2.2 ");
  // MySQL's escapes where the dump says whose it is, and not where it does not.
  CHECK(Record("sqlgrey",
               {"/*!40103 SET TIME_ZONE='+00:00' */;",
                "INSERT INTO connect VALUES ('a\\'b','x.org','192.0.2.1','b@y.net',1767570000);"})
            ["sender"]
                .text() == "a'b@x.org");
}

TEST_CASE("a file that ends within a statement was cut off, and long rows are not kept", "[cli]") {
  const auto finish = [](const std::vector<std::string>& lines) {
    const auto reader = Format("sqlgrey").make({kNow, std::nullopt});
    for (const std::string& line : lines) reader->Read(line, [](const Imported&) {});
    return reader->Finish();
  };
  for (const char* line :
       {"INSERT INTO connect VALUES('a','x.org','192.0.2.1','b@y.net'",
        "INSERT INTO connect VALUES", "INSERT INTO connect VALUES('a",
        "INSERT INTO connect VALUES('a','x.org','192.0.2.1','b@y.net',1767570000)",
        "INSERT INTO connect (sender_name,", "COPY connect FROM stdin;"}) {
    CAPTURE(line);
    CHECK_THAT(finish({line}), HasText("truncated"));
  }
  CHECK(finish({"INSERT INTO connect VALUES('a','x.org','192.0.2.1','b@y.net',1767570000);"})
            .empty());
  CHECK(finish({"INSERT INTO config VALUES('a"}).empty());

  std::vector<std::string> lines = {"INSERT INTO connect VALUES('a"};
  lines.resize(400, std::string(100, 'x'));
  const auto all = Read("sqlgrey", lines);
  REQUIRE(all.size() == 1);
  CHECK(all[0].text == "a row that does not end");
}

TEST_CASE("statements that are odd are garbage", "[cli]") {
  for (const char* line :
       {"INSERT INTO connect VALUES(a(1),2)", "INSERT INTO connect VALUES('a','x.org');",
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
