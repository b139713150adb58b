// SPDX-License-Identifier: Apache-2.0
#include "match/wildcard.h"

#include <random>
#include <string>

#include "catch.h"

namespace mxward::match {
namespace {

TEST_CASE("a star stands for any characters or none", "[match]") {
  std::string pattern, text;
  bool matches = false;
  std::tie(pattern, text, matches) = GENERATE(table<std::string, std::string, bool>({
      {"*", "", true},
      {"*", "anything", true},
      {"", "", true},
      {"", "a", false},
      {"abc", "abc", true},
      {"abc", "abcd", false},
      {"a*c", "ac", true},
      {"a*c", "abbbc", true},
      {"a*c", "abcb", false},
      {"*@example.org", "joe@example.org", true},
      {"*@example.org", "joe@example.org.evil", false},
      {"news-*@*.example.org", "news-7@mx.example.org", true},
      {"news-*@*.example.org", "news-7@example.org", false},
      {"**a**", "xay", true},
      {"*ab*ab*", "ab", false},
      {"*ab*ab*", "aabab", true},
  }));
  INFO(pattern << " and " << text);
  CHECK(MatchesWildcard(pattern, text) == matches);
}

// By its definition.
bool Reference(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] != '*') {
    return !text.empty() && pattern[0] == text[0] && Reference(pattern.substr(1), text.substr(1));
  }
  for (std::size_t taken = 0; taken <= text.size(); ++taken) {
    if (Reference(pattern.substr(1), text.substr(taken))) return true;
  }
  return false;
}

TEST_CASE("stars match as their definition says", "[match]") {
  std::mt19937 random(42);
  const auto word = [&random](std::string_view letters) {
    std::string out(random() % 9, ' ');
    for (char& c : out) c = letters[random() % letters.size()];
    return out;
  };
  int matches = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::string pattern = word("ab*");
    const std::string text = word("ab");
    INFO(pattern << " and " << text);
    REQUIRE(MatchesWildcard(pattern, text) == Reference(pattern, text));
    if (MatchesWildcard(pattern, text)) ++matches;
  }
  CHECK(matches > 500);
}

TEST_CASE("a pattern that nearly matches does not take for ever", "[match]") {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  CHECK_FALSE(MatchesWildcard(pattern + "b", std::string(5000, 'a')));
}

}  // namespace
}  // namespace mxward::match
