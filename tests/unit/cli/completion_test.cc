// SPDX-License-Identifier: Apache-2.0
#include "cli/completion/completion.h"

#include <algorithm>
#include <map>

#include "cli/completion/command_line.h"
#include "tests/unit/catch.h"
#include "tests/unit/cli/command_fixture.h"

namespace mxward::cli {
namespace {

TEST_CASE("every command and switch of the table occurs in every completion", "[cli]") {
  const std::map<std::string, std::string> scripts = {
      {"bash", completion::Bash()}, {"zsh", completion::Zsh()}, {"fish", completion::Fish()}};
  for (const auto& [shell, script] : scripts) {
    CAPTURE(shell);
    for (const Command& command : Commands()) {
      const std::string name(command.name);
      CAPTURE(name);
      std::string function = "_mxwardctl_" + name + "()";
      std::replace(function.begin(), function.end(), ' ', '_');
      CHECK(script.find(shell == "zsh" ? function : "'" + name + "'") != std::string::npos);
      for (const Switch& one : command.switches) {
        CAPTURE(one.name);
        const std::string wanted =
            shell == "fish" ? "-l " + std::string(one.name.substr(2)) + " " : std::string(one.name);
        CHECK(script.find(wanted) != std::string::npos);
      }
    }
  }
}

TEST_CASE("zsh and fish show the help texts", "[cli]") {
  for (const std::string& script : {completion::Zsh(), completion::Fish()}) {
    CHECK_THAT(script, HasText("query the test points of every list"));
    CHECK_THAT(script, HasText("only pending, passed or expired ones"));
    CHECK_THAT(script, HasText("add an allow entry"));
  }
}

TEST_CASE("a switch takes a value in all commands or in none", "[cli]") {
  std::map<std::string_view, bool> takes;
  for (const std::string_view path : completion::Paths()) {
    for (const Switch& one : completion::SwitchesAt(path)) {
      const auto [known, is_new] = takes.emplace(one.name, !one.value.empty());
      CAPTURE(path, one.name);
      CHECK(known->second == !one.value.empty());
    }
  }
}

TEST_CASE("second words stand below their first", "[cli]") {
  std::vector<std::string_view> words;
  for (const completion::Word& word : completion::WordsBelow("dnsbl")) words.push_back(word.word);
  CHECK(words == std::vector<std::string_view>{"list", "test", "check"});
  CHECK(completion::WordsBelow("limits").size() == 1);
  CHECK(completion::WordsBelow("list").empty());
  CHECK(completion::WordsBelow("").front().word == "status");
}

// The words that are offered are those that the command knows.
TEST_CASE("commands take the choices that are offered for them", "[cli]") {
  CommandFixture fixture;
  const auto run = [&](std::vector<std::string> words, std::string_view choice) {
    words.emplace_back(choice);
    CAPTURE(words.front(), choice);
    CHECK(fixture.Run(words) < 2);
  };
  for (const std::string_view path : {"list", "entries", "clients"}) {
    for (const Switch& one : completion::CommandAt(path)->switches) {
      for (const std::string_view choice : completion::ValueOf(one).words) {
        run({std::string(path), std::string(one.name)}, choice);
      }
    }
    CHECK(fixture.Run({std::string(path),
                       path == "clients" ? "--sort"
                       : path == "list"  ? "--state"
                                         : "--kind",
                       "nonsense"}) == 64);
  }
  for (const std::string_view shell :
       completion::ValueOf(completion::CommandAt("completion")->arguments.front()).words) {
    run({"completion"}, shell);
    CHECK_THAT(fixture.out, HasText("mxwardctl completion " + std::string(shell)));
  }
  CHECK(fixture.Run({"completion", "tcsh"}) == 64);
  CHECK_THAT(fixture.err, HasText("not one of bash, zsh, fish"));
}

}  // namespace
}  // namespace mxward::cli
