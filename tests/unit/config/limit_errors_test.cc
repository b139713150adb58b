// SPDX-License-Identifier: Apache-2.0
#include <tuple>

#include "catch.h"
#include "tests/unit/config/problems.h"

namespace mxward {
namespace {

// What is wrong with a limit that is good but for one line, which is line 5; "" when nothing is.
std::string LimitFault(const std::string& count, const std::string& line) {
  return Problems("[[limit]]\ncount = \"" + count + "\"\nper = \"client\"\nrate = \"" +
                  (count == "concurrent" ? "20" : "20/1h") + "\"\n" + line);
}

TEST_CASE("a mistake in a limit is told with its place and what would be right", "[config]") {
  std::string count, line, expected;
  std::tie(count, line, expected) = GENERATE(table<std::string, std::string, std::string>({
      {"connections", "brust = 3", "5:1: unknown key \"brust\" in [[limit]]"},
      {"connections", "actoin = \"defer\"",
       "5:1: unknown key \"actoin\" in [[limit]]; did you mean \"action\"?"},
      {"connections", "name = 3",
       "5:8: limit.name: needs a text in quotes, such as \"newsletter senders\"; found the integer "
       "3"},
      {"connections", "name = \"a/b\"",
       "5:8: limit.name: \"a/b\" is not a valid name for a limit: use letters, digits, spaces, "
       "dots, hyphens and underscores, at most 60, such as \"newsletter senders\""},
      {"connections", "name = \"\"",
       "5:8: limit.name: \"\" is not a valid name for a limit: use letters, digits, spaces, dots, "
       "hyphens and underscores, at most 60, such as \"newsletter senders\""},
      {"connections", "action = \"refuse\"",
       "5:10: limit.action: must be \"defer\", \"reject\", \"score\" or \"observe\"; found the "
       "text "
       "\"refuse\""},
      {"connections", "action = \"rejcet\"",
       "5:10: limit.action: must be \"defer\", \"reject\", \"score\" or \"observe\"; found the "
       "text "
       "\"rejcet\"; did you mean \"reject\"?"},
      {"connections", "action = true",
       "5:10: limit.action: must be \"defer\", \"reject\", \"score\" or \"observe\"; found true"},
      {"connections", "at = \"conect\"",
       "5:6: limit.at: must be \"rcpt\" or \"connect\"; found the text \"conect\"; did you mean "
       "\"connect\"?"},
      {"messages", "at = \"connect\"",
       "5:6: limit.at: \"messages\" are not known when a client connects: remove this, or count "
       "\"connections\" or \"concurrent\""},
      {"bad-recipients", "at = \"connect\"",
       "5:6: limit.at: \"bad-recipients\" are not known when a client connects: remove this, or "
       "count \"connections\" or \"concurrent\""},
      {"concurrent", "action = \"score\"\nscore = 3\nat = \"connect\"",
       "7:6: limit.at: action = \"score\" cannot answer when a client connects: the score is added "
       "up for each recipient"},
      {"connections", "action = \"score\"",
       "1:1: limit.score: is missing; write what the limit adds to the score, such as score = 4"},
      {"connections", "score = 4", "5:9: limit.score: is only valid with action = \"score\""},
      {"connections", "action = \"score\"\nscore = 0",
       "6:9: limit.score: must be from 1 to 100; found 0"},
      {"connections", "action = \"score\"\nscore = 101",
       "6:9: limit.score: must be from 1 to 100; found 101"},
      {"connections", "action = \"score\"\nscore = \"4\"",
       "6:9: limit.score: needs an integer from 1 to 100, such as 4; found the text \"4\""},
      {"connections", "share = 50",
       "5:9: limit.share: is only valid with count = \"bad-recipients\""},
      {"bad-recipients", "share = -1", "5:9: limit.share: must be from 0 to 100; found -1"},
      {"bad-recipients", "share = 101", "5:9: limit.share: must be from 0 to 100; found 101"},
      {"bad-recipients", "share = 0.5",
       "5:9: limit.share: needs an integer from 0 to 100, such as 50; found the number 0.5"},
      {"connections", "prefix_v4 = 24",
       "5:13: limit.prefix_v4: is only valid with per = \"network\""},
      {"connections", "prefix_v6 = 48",
       "5:13: limit.prefix_v6: is only valid with per = \"network\""},
      {"connections", "spare = \"192.0.2.1\"",
       "5:9: limit.spare: needs a list of IP addresses, prefixes and domains, such as "
       "[\"192.0.2.0/24\", \"example.org\"]; found the text \"192.0.2.1\""},
      {"connections", "spare = [\"192.0.2.1\", 3]",
       "5:23: limit.spare: needs a list of IP addresses, prefixes and domains, such as "
       "[\"192.0.2.0/24\", \"example.org\"]; found the integer 3 in it"},
      {"connections", "spare = [\"192.0.2.7/24\"]",
       "5:10: limit.spare: \"192.0.2.7/24\" has bits set beyond its prefix length; did you mean "
       "\"192.0.2.0/24\"?"},
      {"connections", "spare = [\"*.example.org\"]",
       "5:10: limit.spare: \"*.example.org\": write \"example.org\", names below it are meant as "
       "well"},
      {"connections", "spare = [\"localhost\"]",
       "5:10: limit.spare: \"localhost\" is not a valid domain, such as \"example.com\""},
      {"connections", "spare = [\"a\\nb/24\"]",
       "5:10: limit.spare: \"a\\x0ab/24\" is not a valid domain, such as \"example.com\""},
  }));
  CHECK(LimitFault(count, line) == "mxward.toml:" + expected);
}

TEST_CASE("a prefix has its bounds", "[config]") {
  const std::string entry =
      "[[limit]]\ncount = \"messages\"\nper = \"network\"\nrate = \"20/1h\"\n";
  CHECK(Problems(entry + "prefix_v4 = 8\nprefix_v6 = 16") == "");
  CHECK(Problems(entry + "prefix_v4 = 32\nprefix_v6 = 64") == "");
  CHECK(Problems(entry + "prefix_v4 = 7\nprefix_v6 = 15") ==
        "mxward.toml:5:13: limit.prefix_v4: must be from 8 to 32; found 7\n"
        "mxward.toml:6:13: limit.prefix_v6: must be from 16 to 64; found 15");
  CHECK(Problems(entry + "prefix_v4 = 33\nprefix_v6 = 65") ==
        "mxward.toml:5:13: limit.prefix_v4: must be from 8 to 32; found 33\n"
        "mxward.toml:6:13: limit.prefix_v6: must be from 16 to 64; found 65");
}

TEST_CASE("a mistake in a rate says what would be right", "[config]") {
  std::string rate, expected;
  std::tie(rate, expected) = GENERATE(table<std::string, std::string>({
      {"\"0/1m\"", "\"0/1m\": the amount must be from 1 to 1000000"},
      {"\"-5/1m\"", "\"-5/1m\": the amount must be from 1 to 1000000"},
      {"\"1000001/1m\"", "\"1000001/1m\": the amount must be from 1 to 1000000"},
      {"\"99999999999999999999/1m\"",
       "\"99999999999999999999/1m\": the amount must be from 1 to 1000000"},
      {"\"1.5/1m\"",
       "\"1.5/1m\": the amount must be a whole number, as in \"300/1m\" or \"10/1h burst 30\""},
      {"\"\"", "\"\": the amount must be a whole number, as in \"300/1m\" or \"10/1h burst 30\""},
      {"\"many\"",
       "\"many\": the amount must be a whole number, as in \"300/1m\" or \"10/1h burst 30\""},
      {"\"10 per 1h\"",
       "\"10 per 1h\": the amount must be a whole number, as in \"300/1m\" or \"10/1h burst 30\""},
      {"\"300/m\"", "\"300/m\": the time needs a number and a unit, such as \"300/1m\""},
      {"\"300/hour\"", "\"300/hour\": the time needs a number and a unit, such as \"300/1m\""},
      {"\"7/h burst 3\"", "\"7/h burst 3\": the time needs a number and a unit, such as \"7/1h\""},
      {"\"300/\"", "\"300/\": the time needs a number and a unit, such as \"300/1m\""},
      {"\"300/60\"", "\"300/60\": the time \"60\" needs a unit: 60s, 60m, 60h?"},
      {"\"300/1y\"",
       "\"300/1y\": the time \"1y\" is not a valid duration; its units are w, d, h, m, s and ms"},
      {"\"300/500ms\"", "\"300/500ms\": the time must be from 1s to 30d"},
      {"\"300/0\"", "\"300/0\": the time must be from 1s to 30d"},
      {"\"300/31d\"", "\"300/31d\": the time must be from 1s to 30d"},
      {"\"300/1500ms\"", "\"300/1500ms\": the time must be whole seconds"},
      {"\"300\"", "needs a time as well, such as \"300/1h\""},
      {"300", "needs a time as well, such as \"300/1h\""},
      {"0", "\"0\": the amount must be from 1 to 1000000"},
      {"1.5", "needs a rate in quotes, such as \"300/1m\"; found the number 1.5"},
      {"[1]", "needs a rate in quotes, such as \"300/1m\"; found a list"},
      {"\"10/1h burst 0\"", "\"10/1h burst 0\": the burst must be from 1 to 1000000"},
      {"\"10/1h burst -1\"", "\"10/1h burst -1\": the burst must be from 1 to 1000000"},
      {"\"10/1h burst 1000001\"", "\"10/1h burst 1000001\": the burst must be from 1 to 1000000"},
      {"\"10/1h burst\"",
       "\"10/1h burst\": the burst must be a whole number, as in \"300/1m\" or \"10/1h burst 30\""},
      {"\"10/1h brust 30\"",
       "\"10/1h brust 30\": only \"burst\" and a number may follow the time; found \"brust\"; did "
       "you mean \"burst\"?"},
      {"\"10/1h 30\"",
       "\"10/1h 30\": only \"burst\" and a number may follow the time; found \"30\""},
      {"\"10/1h burst 3 4\"",
       "\"10/1h burst 3 4\": the burst must be a whole number, as in \"300/1m\" or \"10/1h burst "
       "30\""},
      {"\"10/1h\\u0001\"",
       "\"10/1h\\x01\": the time \"1h\\x01\" is not a valid duration; its units are w, d, h, m, s "
       "and ms"},
  }));
  CHECK(Problems("[[limit]]\ncount = \"messages\"\nper = \"sender\"\nrate = " + rate) ==
        "mxward.toml:4:8: limit.rate: " + expected);
}

TEST_CASE("what is counted decides what a rate may be", "[config]") {
  const auto fault = [](const std::string& count, const std::string& rate) {
    return Problems("[[limit]]\ncount = \"" + count + "\"\nper = \"client\"\nrate = \"" + rate +
                    "\"");
  };
  CHECK(fault("concurrent", "20/1h") ==
        "mxward.toml:4:8: limit.rate: of \"concurrent\" it is how many may be open, without a "
        "time: rate = \"20\"");
  CHECK(fault("bad-recipients", "20/1h burst 30") ==
        "mxward.toml:4:8: limit.rate: \"bad-recipients\" have no burst: the limit is exceeded as "
        "soon as the amount is reached");
}

TEST_CASE("what a limit needs is asked for, all of it at once", "[config]") {
  CHECK(Problems("[[limit]]") ==
        "mxward.toml:1:1: limit.count: is missing; write what is counted, such as count = "
        "\"connections\"\n"
        "mxward.toml:1:1: limit.per: is missing; write whom it is counted for, such as per = "
        "\"client\"\n"
        "mxward.toml:1:1: limit.rate: is missing; write how many are allowed, such as rate = "
        "\"300/1m\"");
}

TEST_CASE("what is wrong by itself is not wrong a second time", "[config]") {
  CHECK(Problems("[[limit]]\ncount = \"conections\"\nper = \"clients\"\nrate = \"0/1h\"\n"
                 "share = 20\nprefix_v4 = 24\naction = \"scor\"\nscore = 3\nat = \"connect\"\n") ==
        "mxward.toml:2:9: limit.count: must be \"connections\", \"concurrent\", \"messages\", "
        "\"recipients\" or \"bad-recipients\"; found the text \"conections\"; did you mean "
        "\"connections\"?\n"
        "mxward.toml:3:7: limit.per: must be \"client\", \"network\", \"sender\", "
        "\"sender-domain\", \"recipient\", \"user\" or \"account\"; found the text \"clients\"; "
        "did you mean "
        "\"client\"?\n"
        "mxward.toml:4:8: limit.rate: \"0/1h\": the amount must be from 1 to 1000000\n"
        "mxward.toml:7:10: limit.action: must be \"defer\", \"reject\", \"score\" or \"observe\"; "
        "found the text \"scor\"; did you mean \"score\"?");
}

TEST_CASE("some things can be counted per client and network only", "[config]") {
  CHECK(Problems("[[limit]]\ncount = \"connections\"\nper = \"sender\"\nrate = \"1/1h\"") ==
        "mxward.toml:3:7: limit.per: \"connections\" can be counted per \"client\" or \"network\" "
        "only: nothing else is known at that time");
  CHECK(Problems("[[limit]]\ncount = \"bad-recipients\"\nper = \"user\"\nrate = \"1/1h\"") ==
        "mxward.toml:3:7: limit.per: \"bad-recipients\" can be counted per \"client\" or "
        "\"network\" only: it is a client that tries names");
}

TEST_CASE("two limits of one name cannot be told apart", "[config]") {
  const std::string entry = "[[limit]]\ncount = \"messages\"\nper = \"client\"\nrate = \"9/1h\"\n";
  CHECK(Problems(entry + entry) ==
        "mxward.toml:5:1: limit.name: another limit, in line 1, is called \"messages-client\" as "
        "well; give one of them another name = \"...\"");
  CHECK(Problems(entry + entry + "name = \"Messages-Client\"\n") ==
        "mxward.toml:9:8: limit.name: another limit, in line 1, is called \"Messages-Client\" as "
        "well; give one of them another name = \"...\"");
  CHECK(Problems(entry + entry + "name = \"more\"\n") == "");
}

TEST_CASE("limits are sections in double brackets, and not too many", "[config]") {
  const std::string brackets =
      "limit is a list of sections: write [[limit]], in double brackets, above each limit";
  CHECK(Problems("[limit]\ncount = \"messages\"") == "mxward.toml:1:2: " + brackets);
  CHECK(Problems("limit = 3") == "mxward.toml:1:1: " + brackets);
  CHECK(Problems("limit = [3]") == "mxward.toml:1:10: " + brackets);
  CHECK(Problems("[[limits]]\ncount = \"messages\"") ==
        "mxward.toml:1:3: [limits] needs single brackets, and may occur only once; did you mean "
        "[[limit]]?");
  CHECK(Problems("[limits]\nrate = \"9/1h\"") ==
        "mxward.toml:2:1: unknown key \"rate\" in [limits]; it belongs in [[limit]]");
  CHECK(Problems("[[limt]]") ==
        "mxward.toml:1:3: unknown section [[limt]]; did you mean "
        "[[limit]]?");
  std::string many;
  for (int i = 0; i < 50; ++i) {
    many += "[[limit]]\ncount = \"messages\"\nper = \"client\"\nrate = \"9/1h\"\nname = \"n" +
            std::to_string(i) + "\"\n";
  }
  CHECK(Problems(many) == "");
  CHECK(Problems(many + "[[limit]]\ncount = \"messages\"\nper = \"client\"\nrate = \"9/1h\"\n") ==
        "mxward.toml:1:3: there are 51 limits; at most 50 are allowed");
}

TEST_CASE("the counters of all limits need room", "[config]") {
  std::string limits;
  for (int i = 0; i < 5; ++i) {
    limits += "[[limit]]\ncount = \"messages\"\nper = \"client\"\nrate = \"9/1h\"\nname = \"n" +
              std::to_string(i) + "\"\n";
  }
  CHECK(Problems("[limits]\nmemory = \"80K\"\n" + limits) == "");
  CHECK(Problems("[limits]\nmemory = \"79K\"\n" + limits) ==
        "mxward.toml:2:10: limits.memory = \"79K\" must be at least \"80K\" for 5 limits, 16K for "
        "each");
}

TEST_CASE("all mistakes of all limits are told in one go", "[config]") {
  CHECK(Problems("[[limit]]\ncount = \"messages\"\nper = \"client\"\nrate = \"0/1h\"\n"
                 "[[limit]]\ncount = \"recipients\"\nper = \"user\"\nrate = \"9/1h\"\nshare = -1\n"
                 "bogus = 1\n") ==
        "mxward.toml:4:8: limit.rate: \"0/1h\": the amount must be from 1 to "
        "1000000\nmxward.toml:9:9: limit.share: must be from 0 to 100; found -1\nmxward.toml:9:9: "
        "limit.share: is only valid with count = \"bad-recipients\"\nmxward.toml:10:1: unknown key "
        "\"bogus\" in [[limit]]");
}

}  // namespace
}  // namespace mxward
