// SPDX-License-Identifier: Apache-2.0
#include "match/key_set.h"

#include <array>
#include <map>
#include <random>
#include <string>

#include "catch.h"

namespace mxward::match {
namespace {

using Sign = KeySet::Sign;

TEST_CASE("the first key that a set has is found, with its sign", "[match]") {
  KeySet set;
  CHECK_FALSE(set.Find(std::array<std::string_view, 1>{"a"}));
  set.Add("a", Sign::kIn);
  set.Add("b", Sign::kOut);
  set.Add("", Sign::kIn);
  set.Build();
  CHECK(set.Find(std::array<std::string_view, 2>{"b", "a"}) == Sign::kOut);
  CHECK(set.Find(std::array<std::string_view, 3>{"c", "a", "b"}) == Sign::kIn);
  CHECK(set.Find(std::array<std::string_view, 1>{""}) == Sign::kIn);
  CHECK_FALSE(set.Find(std::array<std::string_view, 1>{"c"}));
  CHECK_FALSE(set.Find({}));
}

TEST_CASE("an exception stays one, whatever comes before or behind it", "[match]") {
  const bool first = GENERATE(true, false);
  KeySet set;
  set.Add("a", first ? Sign::kOut : Sign::kIn);
  set.Add("a", first ? Sign::kIn : Sign::kOut);
  set.Build();
  CHECK(set.Find(std::array<std::string_view, 1>{"a"}) == Sign::kOut);
}

TEST_CASE("a set of many keys is a map", "[match]") {
  std::mt19937 random(4711);
  const auto key = [&random] {
    std::string text(random() % 6, '\0');
    for (char& c : text) c = static_cast<char>(random() % 3);  // zero bytes as well
    return text;
  };
  KeySet set;
  std::map<std::string, Sign, std::less<>> reference;
  for (int i = 0; i < 300; ++i) {
    const std::string added = key();
    const Sign sign = random() % 2 == 0 ? Sign::kIn : Sign::kOut;
    set.Add(added, sign);
    const auto [at, is_new] = reference.emplace(added, sign);
    if (!is_new && sign == Sign::kOut) at->second = sign;
  }
  set.Build();
  CHECK(set.size() == 300);
  for (int i = 0; i < 3000; ++i) {
    const std::string asked = key();
    const auto found = set.Find(std::array<std::string_view, 1>{asked});
    const auto expected = reference.find(asked);
    REQUIRE(found.has_value() == (expected != reference.end()));
    if (found) REQUIRE(*found == expected->second);
  }
}

}  // namespace
}  // namespace mxward::match
