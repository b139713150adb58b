// SPDX-License-Identifier: Apache-2.0
#include <tuple>

#include "catch.h"
#include "tests/unit/config/problems.h"

namespace mxward {
namespace {

// What is wrong with a list that is good but for one line; "" when nothing is.
std::string ListFault(const std::string& line) {
  return Problems("[[dnsbl]]\nzone = \"bl.example.net\"\ncodes = { \"127.0.0.2\" = 4 }\n" + line);
}

TEST_CASE("a mistake in a list is told with its place and what would be right", "[config]") {
  std::string line, expected;
  std::tie(line, expected) = GENERATE(table<std::string, std::string>({
      {"wieght = 3", "4:1: unknown key \"wieght\" in [[dnsbl]]; did you mean \"weight\"?"},
      {"nonsense = 3", "4:1: unknown key \"nonsense\" in [[dnsbl]]"},
      {"weight = 0",
       "4:10: dnsbl.weight: 0 would ask the list for nothing; to ask and only log, write observe = "
       "true"},
      {"weight = 101", "4:10: dnsbl.weight: must be from -100 to 100; found 101"},
      {"weight = -101", "4:10: dnsbl.weight: must be from -100 to 100; found -101"},
      {"weight = \"4\"",
       "4:10: dnsbl.weight: needs an integer from -100 to 100, not 0, such as 4; found the text "
       "\"4\""},
      {"weight = 4",
       "4:10: dnsbl.weight: counts for nothing: each code of this list has a score of its own; "
       "give "
       "codes = { ... } with other scores"},
      {"name = 3",
       "4:8: dnsbl.name: needs a text in quotes, such as \"house list\"; found the "
       "integer 3"},
      {"name = \"a\\nb\"",
       "4:8: dnsbl.name: \"a\\x0ab\" is not a valid name for a list: use letters, digits, spaces, "
       "dots, hyphens and underscores, at most 64, such as \"house list\""},
      {"observe = \"yes\"",
       "4:11: dnsbl.observe: needs true or false, without quotes; found the text \"yes\""},
      {"of = \"clinet\"",
       "4:6: dnsbl.of: must be \"client\", \"client-name\", \"helo\" or \"sender-domain\", or a "
       "list of them; found the text \"clinet\"; did you mean \"client\"?"},
      {"of = 3",
       "4:6: dnsbl.of: needs \"client\", \"client-name\", \"helo\" or "
       "\"sender-domain\", or a list of them, such as [\"sender-domain\", \"helo\"]; "
       "found the integer 3"},
      {"of = [\"helo\", \"client\"]",
       "4:6: dnsbl.of: \"client\" cannot be combined: a list has addresses or names; for a list "
       "that has both, use two sections"},
      {"of = []",
       "4:6: dnsbl.of: must not be an empty list; such as of = "
       "[\"sender-domain\", \"helo\"]"},
      {"refusals = \"127.0.0.1\"",
       "4:12: dnsbl.refusals: needs a list of code filters, such as [\"127.0.0.255\"]; found the "
       "text \"127.0.0.1\""},
      {"refusals = [\"127.0.0.[9..2]\"]",
       "4:13: dnsbl.refusals: \"127.0.0.[9..2]\": [9..2] matches nothing; did you mean [2..9]?"},
      {"refusals = [\"127.0.0.2\"]",
       "3:9: dnsbl.codes: \"127.0.0.2\" never counts: it is what a list answers that does not "
       "serve "
       "you"},
      {"organisation = true",
       "4:16: dnsbl.organisation: is for lists of names; this one is queried about addresses"},
      {"ipv4 = false\nipv6 = false",
       "5:8: dnsbl.ipv6: a list with neither IPv4 nor IPv6 would never be queried"},
      {"listed_v4 = \"127.0.0\"",
       "4:13: dnsbl.listed_v4: \"127.0.0\" is not a valid IPv4 address, such as \"127.0.0.2\"; use "
       "\"\" for none"},
      {"listed_v6 = \"127.0.0.2\"",
       "4:13: dnsbl.listed_v6: \"127.0.0.2\" is not a valid IPv6 address, such as "
       "\"::ffff:7f00:2\"; use \"\" for none"},
      {"listed_name = \"a..b\"",
       "4:15: dnsbl.listed_name: \"a..b\" is not a valid name in a zone, such as \"test\": part 2 "
       "is empty"},
      {"profile = \"spamhaus-zne\"",
       "4:11: dnsbl.profile: there is no profile \"spamhaus-zne\"; did you mean \"spamhaus-zen\"?"},
      {"key = \"a\"",
       "4:7: dnsbl.key: the zone of this list has no place for a key; a zone with one is written "
       "zone = \"{key}.bl.example.net\""},
  }));
  CHECK(ListFault(line) == "mxward.toml:" + expected);
}

TEST_CASE("an unknown profile that is near none is answered with all there are", "[config]") {
  const std::string problems = Problems("[[dnsbl]]\nprofile = \"nixspam\"");
  CHECK(problems.starts_with(
      "mxward.toml:2:11: dnsbl.profile: there is no profile \"nixspam\"; valid: \"spamhaus-"));
  CHECK_THAT(problems, HasText("\"dnswl\""));
}

TEST_CASE("a mistake in the codes is told with its place", "[config]") {
  std::string codes, expected;
  std::tie(codes, expected) = GENERATE(table<std::string, std::string>({
      {"{}",
       "3:9: dnsbl.codes: is empty: no answer would count; such as codes = { \"127.0.0.2\" = "
       "4, \"127.0.0.[3..9]\" = 8 }"},
      {"[]",
       "3:9: dnsbl.codes: is empty: no answer would count; such as codes = { \"127.0.0.2\" = "
       "4, \"127.0.0.[3..9]\" = 8 }"},
      {"\"127.0.0.2\"",
       "3:9: dnsbl.codes: needs a table of code filters, or a list of them, such as { "
       "\"127.0.0.2\" = 4, \"127.0.0.[3..9]\" = 8 }; found the text \"127.0.0.2\""},
      {"{ 127.0.0.2 = 4 }", "3:11: dnsbl.codes: an answer must be quoted: \"127.0.0.2\" = 4"},
      {"{ \"127.0.0.[&0]\" = 4 }",
       "3:11: dnsbl.codes: \"127.0.0.[&0]\": [&0] matches nothing; name the bits, such as [&8]"},
      {"{ \"10.0.0.2\" = 4 }",
       "3:11: dnsbl.codes: \"10.0.0.2\" must begin with 127: no other answer of a DNS list means "
       "anything"},
      {"{ \"127.0.0.2\" = 200 }", "3:25: dnsbl.codes: must be from -100 to 100; found 200"},
      {"{ \"127.0.0.2\" = true }",
       "3:25: dnsbl.codes: \"127.0.0.2\" needs a score, such as 4; found true"},
      {"{ \"127.0.0.2\" = { scroe = 4 } }",
       "3:27: dnsbl.codes: a code has \"score\" and \"meaning\", no \"scroe\"; did you mean "
       "\"score\"?\n"
       "mxward.toml:1:1: dnsbl.weight: is missing"},
      {"{ \"127.0.0.2\" = { score = \"4\", meaning = 3 } }",
       "3:35: dnsbl.codes: score needs an "
       "integer, such as 4; found the text \"4\""},
      {"{ \"127.0.0.2\" = 0 }",
       "3:9: dnsbl.codes: all have a score of 0, so the list adds nothing; to ask and only log, "
       "write observe = true and the scores it would have"},
      {"{ \"127.0.0.1\" = 4 }",
       "3:9: dnsbl.codes: \"127.0.0.1\" never counts: it is what a list answers that does not "
       "serve "
       "you"},
      {"{ \"127.255.255.[252..255]\" = 4 }",
       "3:9: dnsbl.codes: \"127.255.255.[252..255]\" never counts: it is what a list answers that "
       "does not serve you"},
      {"[\"127.0.0.2\"]",
       "1:1: dnsbl.weight: is missing; it is what the codes without a score of "
       "their own count, such as weight = 4"},
      {"[3]",
       "3:10: dnsbl.codes: needs code filters in quotes, such as \"127.0.0.2\"; found the "
       "integer 3"},
      {"{ \"127.0.0.2\" = { score = 3, meaning = \"\\u0001\" } }",
       "3:48: dnsbl.codes: a meaning is printable ASCII, 1 to 100 characters; found \"\\x01\""},
  }));
  const std::string problems = Problems("[[dnsbl]]\nzone = \"bl.example.net\"\ncodes = " + codes);
  INFO(problems);
  const std::size_t second = expected.find('\n');
  CHECK_THAT(problems, HasText("mxward.toml:" + expected.substr(0, second)));
  if (second != std::string::npos) CHECK_THAT(problems, HasText(expected.substr(second + 1)));
}

TEST_CASE("a zone that is no name is refused without being shown", "[config]") {
  std::string zone, expected;
  std::tie(zone, expected) = GENERATE(table<std::string, std::string>({
      {"bl..example", "is not a valid zone name, such as \"bl.example.net\": part 2 is empty"},
      {"", "is not a valid zone name, such as \"bl.example.net\": part 1 is empty"},
      {"bl", "is not a valid zone name, such as \"bl.example.net\": it has one part only"},
      {"-a.example",
       "is not a valid zone name, such as \"bl.example.net\": part 1 begins or ends with a hyphen"},
      {"bl.ex ample",
       "is not a valid zone name, such as \"bl.example.net\": part 2 has a character other than "
       "letters, digits, hyphens and underscores"},
      {"bl.{key}.example",
       "has {key} where it cannot be; it is the first part: \"{key}.bl.example.net\""},
      {"{key}example.net",
       "has {key} where it cannot be; it is the first part: \"{key}.bl.example.net\""},
  }));
  CHECK(Problems("[[dnsbl]]\ncodes = { \"127.0.0.2\" = 4 }\nzone = \"" + zone + "\"") ==
        "mxward.toml:3:8: dnsbl.zone: " + expected);
  const std::string label(64, 'a');
  CHECK_THAT(Problems("[[dnsbl]]\nzone = \"" + label + ".example\""),
             HasText("part 1 is longer than 63 characters"));
  const std::string part = std::string(60, 'a') + ".";
  CHECK_THAT(Problems("[[dnsbl]]\nzone = \"" + part + part + part + "example\""),
             HasText("has 190 characters; a zone has at most 180"));
}

TEST_CASE("a list without a zone or codes is no list", "[config]") {
  CHECK(Problems("[[dnsbl]]\nname = \"x\"") ==
        "mxward.toml:1:1: dnsbl.zone: is missing; give the zone to query, such as zone = "
        "\"bl.example.net\", or a profile\nmxward.toml:1:1: dnsbl.codes: is missing; write which "
        "answers count, such as codes = { \"127.0.0.2\" = 4 }, or a profile");
}

TEST_CASE("a list that needs a key says so", "[config]") {
  const std::string missing =
      "dnsbl.key: is missing: this list needs a subscriber key, such as key = \"abc123\", which "
      "you get from the list's operator";
  CHECK(Problems("[[dnsbl]]\nprofile = \"spamhaus-zen-dqs\"") == "mxward.toml:1:1: " + missing);
  CHECK(Problems("[[dnsbl]]\nzone = \"{key}.bl.example.net\"\ncodes = { \"127.0.0.2\" = 4 }") ==
        "mxward.toml:1:1: " + missing);
  CHECK_THAT(Problems("[[dnsbl]]\nprofile = \"barracuda\"\nkey = \"a\""),
             HasText("3:7: dnsbl.key: the zone of this list has no place for a key"));
}

TEST_CASE("a zone that begins with what may be a key wants a word about it", "[config]") {
  const std::string codes = "codes = { \"127.0.0.2\" = 4 }\n";
  const std::string zone = "zone = \"abcdef0123456789.bl.example.net\"\n";
  CHECK(Problems("[[dnsbl]]\n" + codes + zone) ==
        "mxward.toml:3:8: dnsbl.zone: begins with what looks like a subscriber key, which would be "
        "shown: write key = \"...\" and zone = \"{key}....\", or give the list a name = \"...\"");
  CHECK(Problems("[[dnsbl]]\n" + codes + zone + "name = \"house list\"") == "");
  CHECK(Problems("[[dnsbl]]\n" + codes +
                 "key = \"abcdef0123456789\"\nzone = \"{key}.bl.example.net\"") == "");
  for (const std::string_view label :
       {"abcdef012345678", "abcdefabcdefabcdef", "0123456789012345", "spam-sources-of-2026-x1"}) {
    INFO(label);
    CHECK(Problems("[[dnsbl]]\n" + codes + "zone = \"" + std::string(label) + ".example.net\"") ==
          "");
  }
}

TEST_CASE("two lists of one name cannot be told apart", "[config]") {
  CHECK(
      Problems("[[dnsbl]]\nprofile = \"psbl\"\n[[dnsbl]]\nprofile = \"spamcop\"\n"
               "name = \"PSBL\"\n") ==
      "mxward.toml:5:8: dnsbl.name: another DNS list, in line 1, is called \"PSBL\" as well; give "
      "one of them another name = \"...\"");
  CHECK_THAT(
      Problems("[[dnsbl]]\nprofile = \"psbl\"\n[[dnsbl]]\nprofile = \"psbl\"\n"),
      HasText("mxward.toml:3:1: dnsbl.name: another DNS list, in line 1, is called \"psbl\""));
}

TEST_CASE("all mistakes of all lists are told in one go", "[config]") {
  CHECK(Problems("[[dnsbl]]\nprofile = \"psbl\"\nweight = 0\nbogus = 1\n"
                 "[[dnsbl]]\nprofile = \"spamhaus-dlb\"\nof = \"hello\"\n") ==
        "mxward.toml:3:10: dnsbl.weight: 0 would ask the list for nothing; to ask and only log, "
        "write observe = true\n"
        "mxward.toml:4:1: unknown key \"bogus\" in [[dnsbl]]\n"
        "mxward.toml:6:11: dnsbl.profile: there is no profile \"spamhaus-dlb\"; did you mean "
        "\"spamhaus-dbl\"?\n"
        "mxward.toml:7:6: dnsbl.of: must be \"client\", \"client-name\", \"helo\" or "
        "\"sender-domain\", or a list of them; found the text \"hello\"; did you mean \"helo\"?");
}

TEST_CASE("lists are written in double brackets", "[config]") {
  const std::string right =
      "dnsbl is a list of sections: write [[dnsbl]], in double brackets, above each DNS list";
  CHECK(Problems("[dnsbl]\nprofile = \"psbl\"") == "mxward.toml:1:2: " + right);
  CHECK(Problems("dnsbl = [\"psbl\"]") == "mxward.toml:1:10: " + right);
  CHECK(Problems("dnsbl = 3") == "mxward.toml:1:1: " + right);
}

TEST_CASE("there is an end to lists and codes", "[config]") {
  std::string many;
  for (int i = 0; i < 51; ++i) {
    many += "[[dnsbl]]\nprofile = \"psbl\"\nname = \"list" + std::to_string(i) + "\"\n";
  }
  CHECK(Problems(many) == "mxward.toml:1:3: there are 51 DNS lists; at most 50 are allowed");
  std::string codes = "codes = [\"127.0.0.2\"";
  for (int i = 0; i < 100; ++i) codes += ", \"127.0.1." + std::to_string(i) + "\"";
  CHECK_THAT(Problems("[[dnsbl]]\nweight = 1\nzone = \"a.b\"\n" + codes + "]"),
             HasText("dnsbl.codes: has more than 100 code filters"));
}

}  // namespace
}  // namespace mxward
