// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.h"

#include <set>
#include <sstream>

#include "tests/unit/catch.h"

namespace mxward::cli {
namespace {

Arguments Parse(const std::vector<std::string>& words) {
  std::vector<const char*> argv = {"mxwardctl"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  return ParseArguments(static_cast<int>(argv.size()), argv.data());
}

using List = std::vector<std::string>;

TEST_CASE("a command, its arguments and options are understood", "[cli]") {
  const Arguments parsed = Parse({"allow", "recipient", "a@example.org", "--for", "15m", "--all",
                                  "--note="
                                  "code"});
  REQUIRE(parsed.command != nullptr);
  CHECK(parsed.command->name == "allow");
  CHECK(parsed.words.Get("KIND") == "recipient");
  CHECK(parsed.words.Get("KEY") == "a@example.org");
  CHECK(parsed.words.Get("--for") == "15m");
  CHECK(parsed.words.Has("--all"));
  CHECK(parsed.words.Get("--note") == "code");
  CHECK(parsed.files.config == "/etc/mxward/mxward.toml");
  CHECK_FALSE(parsed.files.config_given);
}

TEST_CASE("common options may stand before and behind the command", "[cli]") {
  const auto words = GENERATE(List{"--format", "json", "--config", "/x", "--no-header", "list"},
                              List{"list", "--format=json", "--config", "/x", "--no-header"},
                              List{"--config", "/x", "list", "--no-header", "--format", "json"});
  const Arguments parsed = Parse(words);
  REQUIRE(parsed.command != nullptr);
  CHECK(parsed.format == Format::kJson);
  CHECK(parsed.files.config == "/x");
  CHECK(parsed.files.config_given);
  CHECK_FALSE(parsed.header);
}

TEST_CASE("a key may look like a command, a word in braces or the null sender", "[cli]") {
  for (const char* key : {"list", "version", "<>", "[x]", "{}", "a b"}) {
    CAPTURE(key);
    const Arguments parsed = Parse({"forget", "sender", key});
    REQUIRE(parsed.command != nullptr);
    CHECK(parsed.command->name == "forget");
    CHECK(parsed.words.Get("KEY") == key);
  }
}

TEST_CASE("a command may have two words", "[cli]") {
  const auto words = GENERATE(List{"dnsbl", "check", "list", "--format", "json"},
                              List{"--format", "json", "dnsbl", "check", "list"},
                              List{"dnsbl", "--format", "json", "check", "list"});
  const Arguments parsed = Parse(words);
  REQUIRE(parsed.command != nullptr);
  CHECK(parsed.command->name == "dnsbl check");
  CHECK(parsed.words.Get("WHAT") == "list");
  CHECK(parsed.format == Format::kJson);
}

TEST_CASE("a command may have others below it", "[cli]") {
  const Arguments alone = Parse({"clients", "192.0.2.1", "--sort", "bad"});
  REQUIRE(alone.command != nullptr);
  CHECK(alone.command->name == "clients");
  CHECK(alone.words.Get("CLIENT") == "192.0.2.1");
  const auto words = GENERATE(List{"limits", "reset", "reset", "--limit", "x"},
                              List{"limits", "--config", "/x", "reset", "--limit=x", "reset"});
  const Arguments below = Parse(words);
  REQUIRE(below.command != nullptr);
  CHECK(below.command->name == "limits reset");
  CHECK(below.words.Get("KEY") == "reset");
  CHECK(below.words.Get("--limit") == "x");
}

TEST_CASE("a repeatable option keeps every value", "[cli]") {
  const Arguments parsed = Parse({"probe", "--to", "a@x", "--from", "<>", "--to", "b@x"});
  REQUIRE(parsed.command != nullptr);
  CHECK(parsed.words.All("--to") == List{"a@x", "b@x"});
  CHECK(parsed.words.Get("--from") == "<>");
}

TEST_CASE("usage errors end with 64 and name the nearest", "[cli]") {
  const auto [words, message] = GENERATE(table<List, std::string>({
      {List(), "a command is missing"},
      {{"lst"}, "unknown command \"lst\"; did you mean \"list\"?"},
      {{"frobnicate"}, "unknown command \"frobnicate\"\n"},
      {{"list", "--stat", "pending"}, "unknown option \"--stat\"; did you mean \"--state\"?"},
      {{"--formt", "json", "list"}, "unknown option \"--formt\"; did you mean \"--format\"?"},
      {{"list", "pending"}, "list: unexpected \"pending\""},
      {{"list", "--format", "jsn"}, "did you mean \"json\"?"},
      {{"list", "--color", "purple"}, "not one of auto, always, never"},
      {{"allow"}, "KIND is required"},
      {{"allow", "sender"}, "KEY is required"},
      {{"allow", "sender", ""}, "KEY is empty"},
      {{"allow", "sender", "a@b", "--for", ""}, "--for"},
      {{"list", "--limit"}, "--limit"},
      {{"list", "--state", "a", "--state", "b"}, "--state"},
      {{"show", "\033[31m", "x"}, "unexpected \"x\""},
      {{"dnsbl"}, "a command is missing: one of dnsbl list, dnsbl test, dnsbl check\n"},
      {{"dnsbl", "chek", "x"}, "unknown command \"dnsbl chek\"; did you mean \"dnsbl check\"?"},
      {{"dnsbl", "--formt", "json"}, "unknown option \"--formt\"; did you mean \"--format\"?"},
      {{"dnsbl", "check"}, "WHAT is required"},
      {{"dnsbl", "test", "a", "b"}, "dnsbl test: unexpected \"b\""},
      {{"dnsbk"}, "unknown command \"dnsbk\"; did you mean \"dnsbl\"?"},
      {{"limits", "rset", "x"}, "limits: unexpected \"rset\"; did you mean \"reset\"?"},
      {{"limits", "reset"}, "KEY is required"},
      {{"limits", "--limit", "3", "reset", "x"}, "unexpected \"--limit\" before it"},
      {{"limits", "x", "reset", "y"}, "limits reset: unexpected \"x\""},
      {{"clients", "192.0.2.1", "top"}, "clients top: unexpected \"192.0.2.1\" before it"},
      {{"\033[31m"}, "unknown command \"\\x1b[31m\""},
  }));
  const Arguments parsed = Parse(words);
  CHECK(parsed.command == nullptr);
  CHECK(parsed.status == 64);
  CHECK_THAT(parsed.text, Catch::Matchers::StartsWith("mxwardctl: "));
  CHECK_THAT(parsed.text, HasText(message));
}

TEST_CASE("help and version are no errors", "[cli]") {
  const Arguments help = Parse({"--help"});
  CHECK(help.status == 0);
  for (const Command& command : Commands()) {
    CAPTURE(command.name);
    std::vector<std::string> words;
    std::istringstream in{std::string(command.name)};
    for (std::string word; in >> word;) words.push_back(word);
    CHECK_THAT(help.text, HasText("\n  " + words.front() + " "));
    if (words.size() > 1) {
      const Arguments family = Parse({words.front(), "--help"});
      CHECK(family.status == 0);
      CHECK_THAT(family.text, HasText("\n  " + words.back() + " "));
    }
    words.emplace_back("--help");
    const Arguments own = Parse(words);
    CHECK(own.status == 0);
    CHECK_THAT(own.text, HasText(std::string(command.summary)));
    CHECK_THAT(own.text, HasText("mxwardctl " + std::string(command.name)));
  }
  CHECK_THAT(Parse({"--version"}).text, Catch::Matchers::StartsWith("mxwardctl "));
}

TEST_CASE("the command table names nothing twice", "[cli]") {
  std::set<std::string_view> names;
  for (const Command& command : Commands()) {
    CHECK(names.insert(command.name).second);
    std::set<std::string_view> switches = {"--config", "--socket",    "--format",
                                           "--color",  "--no-header", "--help"};
    for (const Switch& one : command.switches) CHECK(switches.insert(one.name).second);
  }
}

}  // namespace
}  // namespace mxward::cli
