// SPDX-License-Identifier: Apache-2.0
#include "clients/host_words.h"

#include <string>
#include <vector>

#include "tests/unit/catch.h"

namespace mxward {
namespace {

TEST_CASE("words in a host's name are found", "[clients]") {
  struct Row {
    std::string labels;
    bool mail;
    HostWord strongest;
    bool several;
    const char* why;
  };
  const std::vector<Row> rows = {
      {"", false, HostWord::kOther, false, "no labels in front of the domain"},
      {"www.", false, HostWord::kOther, false, "a word that says nothing"},
      {"mx1.", true, HostWord::kOther, false, "a word ends at a digit"},
      {"webmail.", true, HostWord::kOther, false, "mail at a word's end"},
      {"smtpout.", true, HostWord::kOther, false, "smtp at a word's beginning"},
      {"relays.", true, HostWord::kOther, false, "a whole word"},
      {"relayed.", false, HostWord::kOther, false, "a longer one"},
      {"host-1-2.", false, HostWord::kHost, false, "a host"},
      {"pool.user.", false, HostWord::kPool, true, "two pool words"},
      {"dsl-1.", false, HostWord::kAccess, false, "access"},
      {"dsl-1.dsl.", false, HostWord::kAccess, false, "the same word twice is one"},
      {"cust12.cable.", false, HostWord::kAccess, true, "two"},
      {"host-1.dsl.", false, HostWord::kAccess, false, "'host' is not a word for a line"},
      {"dynamicip.", false, HostWord::kAccess, false, "two words written as one"},
      {"dyndsl.", false, HostWord::kAccess, true, "two words for a line written as one"},
      {"dynamics.", false, HostWord::kOther, false, "not two words"},
      {"mail.dsl.", true, HostWord::kAccess, false, "mail and access"},
      {"dsl\xff.", false, HostWord::kAccess, false, "any byte but a letter ends a word"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.labels, row.why);
    const HostWords words = FindHostWords(row.labels);
    CHECK(words.mail == row.mail);
    CHECK(words.strongest == row.strongest);
    CHECK(words.several == row.several);
  }
}

TEST_CASE("some words no server is called by, and some labels nobody has set", "[clients]") {
  for (const char* labels : {"adsl-1.", "cpu1234.adsl.", "dyn.", "x.dhcp.y."}) {
    CAPTURE(labels);
    CHECK(FindHostWords(labels).line);
  }
  for (const char* labels : {"mobile.", "wifi.", "lte.", "pool.", "dynamics.", "www."}) {
    CAPTURE(labels);
    CHECK_FALSE(FindHostWords(labels).line);
  }
  for (const char* labels :
       {"hosted-by.", "unassigned.", "unused.", "unused-12.", "unassigned12.a."}) {
    CAPTURE(labels);
    CHECK(FindHostWords(labels).unset);
  }
  for (const char* labels : {"", "mx.unused.", "unusedcars.", "hosted.", "reunused.", "unuse."}) {
    CAPTURE(labels);
    CHECK_FALSE(FindHostWords(labels).unset);
  }
}

TEST_CASE("two pool words alone do not speak of a line", "[clients]") {
  CHECK(FindHostWords("cust12.cable.").SpeakOfALine());
  CHECK_FALSE(FindHostWords("pool.users.").SpeakOfALine());
  CHECK_FALSE(FindHostWords("cable.").SpeakOfALine());
}

}  // namespace
}  // namespace mxward
