// SPDX-License-Identifier: Apache-2.0
#include "config/toml_document.h"

#include <tuple>

#include "catch.h"
#include "tests/unit/config/problems.h"

namespace mxward {
namespace {

// What lies between is the words of the library, which change with its versions.
TEST_CASE("a slip against TOML is placed and explained", "[config]") {
  std::string text, place, hint;
  std::tie(text, place, hint) = GENERATE(table<std::string, std::string, std::string>({
      {"greylist.delay = 4m", "1:19", "; write greylist.delay = \"4m\""},
      {"[greylist]\ndelay = 240 s # why", "2:13", "; write delay = \"240s\""},
      {"mode = observe", "1:8", "; write mode = \"observe\""},
      {"mode: \"observe\"", "1:5", "; write mode = \"observe\""},
      {"mode \"observe\"", "1:6", "; write mode = \"observe\""},
      {"[greylist]\nprivacy = yes", "2:11", "; write privacy = true"},
      {"[greylist]\nprivacy = False", "2:11", "; write privacy = false"},
      {"[milter]\nsocket_mode = 0660\n", "2:19", "; write socket_mode = \"0660\""},
      {"[trust]\nnetworks = [\"self\",\nrelays = []\n", "3:1",
       "; is a bracket or a quote above not closed?"},
      {"[greylist\n", "1:10", "']'"},
      {"mode = \"observe\nuser = \"x\"\n", "1:", "invalid TOML: "},
      {"[log]\n[log]\n", "2:1", "; each section and each option may occur only once"},
      {"user = \"a\"\nuser = \"b\"\n", "2:", "; each section and each option may occur only once"},
  }));
  const std::string problems = Problems(text);
  CAPTURE(problems);
  CHECK(problems.starts_with("mxward.toml:" + place));
  CHECK_THAT(problems, HasText(": invalid TOML: ") && HasText(hint));
}

TEST_CASE("lines that cannot be read do not hide each other", "[config]") {
  const TomlDocument document = ParseToml("a = x\nb = 1\nc = y\nd = \"2\n");
  CHECK(document.readable);
  REQUIRE(document.problems.size() == 3);
  CHECK(document.problems[0].place == Place{1, 5});
  CHECK(document.problems[1].place == Place{3, 5});
  CHECK(document.problems[2].place.line == 4);
  REQUIRE(document.root.entries.size() == 1);
  CHECK(document.root.entries[0].key == "b");
}

TEST_CASE("a file with nothing but nonsense ends after a while", "[config]") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "a = x\n";
  const TomlDocument document = ParseToml(text);
  CHECK_FALSE(document.readable);
  CHECK(document.problems.size() == 21);
}

TEST_CASE("places count characters, not bytes", "[config]") {
  const TomlDocument document = ParseToml("a = [\"\xc3\xa4\xc3\xb6\", 1]\n");
  REQUIRE(document.root.entries.size() == 1);
  REQUIRE(document.root.entries[0].value.items.size() == 2);
  CHECK(document.root.entries[0].value.items[1].place == Place{1, 12});
}

TEST_CASE("entries keep the order of the file", "[config]") {
  const TomlDocument document = ParseToml("b = 1\na = 2\n");
  REQUIRE(document.root.entries.size() == 2);
  CHECK(document.root.entries[0].key == "b");
}

TEST_CASE("endless nesting is refused", "[config]") {
  std::string name;
  for (int i = 0; i < 100000; ++i) name += "a.";
  CHECK(Problems(name + "b = 1") == "mxward.toml:1:1: unsupported TOML: too many dots");
  CHECK(Problems("[log]\n[" + name + "b]") == "mxward.toml:2:1: unsupported TOML: too many dots");
  CHECK_THAT(Problems("a = " + std::string(100000, '[')), HasText("maximum nested value depth"));
  std::string networks = "[trust]\nnetworks = [";
  for (int i = 0; i < 200; ++i) networks += "\"10.0.0." + std::to_string(i) + "\", ";
  CHECK(Problems(networks + "] # ...................................................") == "");
}

TEST_CASE("text that is no UTF-8 is placed", "[config]") {
  CHECK(Problems("# \xc3\xa4\n#  \xe4\n") ==
        "mxward.toml:2:4: byte 0xE4 is not valid UTF-8; save the file as UTF-8");
  CHECK(Problems("# \xc3") ==
        "mxward.toml:1:3: byte 0xC3 is not valid UTF-8; save the file as UTF-8");
  CHECK(Problems("# \xed\xa0\x80") ==
        "mxward.toml:1:3: byte 0xED is not valid UTF-8; save the file as UTF-8");
  CHECK(Problems(std::string("mode\0", 5)) ==
        "mxward.toml:1:5: NUL byte: this is not a text file, or it was damaged by a crash");
  CHECK(Problems(std::string("\xff\xfem\0", 4)) ==
        "mxward.toml:1:1: this is UTF-16; save the file as UTF-8");
}

}  // namespace
}  // namespace mxward
