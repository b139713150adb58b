// SPDX-License-Identifier: Apache-2.0
#include "match/patterns.h"

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "catch.h"

namespace mxward::match {
namespace {

Patterns Make(Subject subject, const std::vector<std::string>& items) {
  PatternsBuilder builder(subject);
  for (const std::string& item : items) {
    const auto added = builder.Add(item);
    INFO(item << ": " << (added ? "" : added.error().message));
    REQUIRE(added);
  }
  return std::move(builder).Build(items);
}

std::string Fault(Subject subject, const std::string& item) {
  const auto added = PatternsBuilder(subject).Add(item);
  return added ? "" : added.error().message;
}

TEST_CASE("a domain stands for all below it", "[match]") {
  const Patterns patterns = Make(Subject::kNames, {"Example.ORG.", "!mx.example.org", "ru"});
  CHECK(patterns.MatchesName("example.org"));
  CHECK(patterns.MatchesName("a.b.example.org"));
  CHECK(patterns.MatchesName("mail.ru"));
  CHECK_FALSE(patterns.MatchesName("notexample.org"));
  CHECK_FALSE(patterns.MatchesName("example.org.evil"));
  CHECK_FALSE(patterns.MatchesName("org"));
  CHECK_FALSE(patterns.MatchesName(""));
  CHECK_FALSE(patterns.MatchesName("mx.example.org"));
  CHECK_FALSE(patterns.MatchesName("a.mx.example.org"));
}

TEST_CASE("many labels are no way around a domain", "[match]") {
  const Patterns patterns = Make(Subject::kNames, {"example.org"});
  std::string name = "example.org";
  for (int i = 0; i < 200; ++i) name.insert(0, "a.");
  CHECK(patterns.MatchesName(name));
}

TEST_CASE("what was written is compared with addresses", "[match]") {
  std::string item, address;
  bool matches = false;
  std::tie(item, address, matches) = GENERATE(table<std::string, std::string, bool>({
      {"Joe@Example.org", "joe@example.org", true},
      {"joe@example.org", "joe@mx.example.org", false},
      {"joe@", "joe@anywhere.example", true},
      {"joe@", "joe", true},
      {"joe@", "xjoe@anywhere.example", false},
      {"example.org", "joe@example.org", true},
      {"example.org", "joe@mx.example.org", true},
      {"@example.org", "joe@example.org", true},
      {"@example.org", "joe@mx.example.org", false},
      {"<>", "", true},
      {"<>", "joe@example.org", false},
      {"example.org", "", false},
      {"*", "", true},
      {"*@*", "", false},
      {"news-*@example.org", "news-12@example.org", true},
      {"news-*@example.org", "news@example.org", false},
      {"/^bounce[0-9]+@/", "Bounce12@example.org", true},
      {"/^bounce[0-9]+@/", "xbounce12@example.org", false},
      {"joe@[192.0.2.1]", "joe@[192.0.2.1]", true},
  }));
  INFO(item << " and " << address);
  CHECK(Make(Subject::kAddresses, {item}).MatchesAddress(address) == matches);
}

TEST_CASE("the most specific of several decides, and a wildcard excepts for good", "[match]") {
  const Patterns patterns =
      Make(Subject::kAddresses,
           {"example.org", "!sales.example.org", "joe@sales.example.org", "!list-*@*", "/^x/"});
  CHECK(patterns.MatchesAddress("a@example.org"));
  CHECK_FALSE(patterns.MatchesAddress("a@sales.example.org"));
  CHECK(patterns.MatchesAddress("joe@sales.example.org"));
  CHECK_FALSE(patterns.MatchesAddress("list-1@example.org"));
  CHECK(patterns.MatchesAddress("x@elsewhere.example"));
  CHECK_FALSE(patterns.MatchesAddress("a@elsewhere.example"));
}

TEST_CASE("exceptions alone mean everything else", "[match]") {
  const Patterns patterns = Make(Subject::kNames, {"!example.org", "!*.example"});
  CHECK(patterns.MatchesName("example.net"));
  CHECK_FALSE(patterns.MatchesName("mx.example.org"));
  CHECK_FALSE(patterns.MatchesName("a.example"));

  // A list file that happens to be empty does not turn its exceptions into a rule for everybody.
  PatternsBuilder builder(Subject::kNames);
  CHECK(builder.AddLines("# nothing yet\n").empty());
  REQUIRE(builder.Add("!example.org"));
  CHECK_FALSE(std::move(builder).Build({}).MatchesName("example.net"));
}

TEST_CASE("no patterns match nothing", "[match]") {
  CHECK_FALSE(Make(Subject::kNames, {}).MatchesName("example.org"));
  CHECK_FALSE(Patterns().MatchesName("example.org"));
  CHECK(Patterns().empty());
}

TEST_CASE("the longest prefix decides", "[match]") {
  const Patterns patterns =
      Make(Subject::kClients,
           {"192.0.2.0/24", "!192.0.2.128/25", "192.0.2.200", "2001:db8::/32", "!2001:db8:1::/48"});
  const auto matches = [&](std::string_view text) {
    return patterns.MatchesClient(*IpAddress::Parse(text));
  };
  CHECK(matches("192.0.2.1"));
  CHECK_FALSE(matches("192.0.2.129"));
  CHECK(matches("192.0.2.200"));
  CHECK_FALSE(matches("192.0.3.1"));
  CHECK(matches("2001:db8:2::1"));
  CHECK_FALSE(matches("2001:db8:1::1"));
  CHECK(matches("::ffff:192.0.2.1"));
}

// Prefixes one after the other, as a person would.
TEST_CASE("prefixes are found as by looking at each", "[match]") {
  std::mt19937 random(7);
  std::vector<std::string> items;
  std::vector<std::pair<Prefix, bool>> reference;
  const auto address = [&random] {
    return IpAddress::V4(0xc0000000U | (static_cast<std::uint32_t>(random()) & 0x3ffU));
  };
  for (int i = 0; i < 60; ++i) {
    const Prefix prefix(address(), 22 + static_cast<int>(random() % 11));
    const bool out = random() % 3 == 0;
    // Of the same prefix twice, an exception stays one.
    items.push_back((out ? "!" : "") + prefix.ToString());
    reference.emplace_back(prefix, out);
  }
  const Patterns patterns = Make(Subject::kClients, items);
  for (int i = 0; i < 2000; ++i) {
    const IpAddress client = address();
    std::optional<std::pair<int, bool>> best;
    for (const auto& [prefix, out] : reference) {
      if (!prefix.Contains(client)) continue;
      if (!best || prefix.length() > best->first) {
        best = {prefix.length(), out};
      } else if (prefix.length() == best->first) {
        best->second = best->second || out;
      }
    }
    INFO(client.ToString());
    REQUIRE(patterns.MatchesClient(client) == (best && !best->second));
  }
}

TEST_CASE("a list file has an item a line, and comments", "[match]") {
  PatternsBuilder builder(Subject::kNames);
  CHECK(builder
            .AddLines("# partners\n\n example.org \r\nexample.net # since May\n\t# none\n"
                      "!mx.example.net")
            .empty());
  const Patterns patterns = std::move(builder).Build({"file:/x"});
  CHECK(patterns.size() == 3);
  CHECK(patterns.MatchesName("example.org"));
  CHECK(patterns.MatchesName("example.net"));
  CHECK_FALSE(patterns.MatchesName("mx.example.net"));
  CHECK_FALSE(patterns.MatchesName("none"));
}

TEST_CASE("wrong lines of a list file are told with their numbers, the first few", "[match]") {
  PatternsBuilder builder(Subject::kClients);
  const auto complaints = builder.AddLines("192.0.2.1\nx\ny\n192.0.2.2\nz\nz\nz\nz\nz\n");
  REQUIRE(complaints.size() == 6);
  CHECK(complaints[0].starts_with("2: "));
  CHECK(complaints[2].starts_with("5: "));
  CHECK(complaints[5] == "and 2 more wrong lines");
}

TEST_CASE("what is no pattern is told with what would be right", "[match]") {
  CHECK(Fault(Subject::kNames, "") == "must not be empty");
  CHECK(Fault(Subject::kNames, "!") == "\"!\" excepts nothing");
  CHECK(Fault(Subject::kNames, ".example.org") == "\".example.org\" is not a domain");
  CHECK(Fault(Subject::kNames, "b\xc3\xbc.example").empty());
  CHECK_FALSE(Fault(Subject::kNames, "b\xfc.example").empty());
  CHECK_FALSE(Fault(Subject::kNames, "joe@example.org").empty());
  CHECK(Fault(Subject::kNames, "192.0.2.0/24") ==
        "\"192.0.2.0/24\" is an address or a prefix of clients: it belongs to \"client\"");
  CHECK(Fault(Subject::kAddresses, "2001:db8::1") ==
        "\"2001:db8::1\" is an address or a prefix of clients: it belongs to \"client\"");
  CHECK_FALSE(Fault(Subject::kAddresses, "joe @example.org").empty());
  CHECK_FALSE(Fault(Subject::kAddresses, "joe@exa mple.org").empty());
  CHECK(Fault(Subject::kNames, "/a(/") ==
        "\"/a(/\" is not a valid regular expression: missing ): a(");
  CHECK_FALSE(Fault(Subject::kClients, "192.0.2.1/24").empty());
  CHECK_FALSE(Fault(Subject::kClients, "example.org").empty());
}

TEST_CASE("there is an end to wildcards and expressions", "[match]") {
  PatternsBuilder builder(Subject::kNames);
  for (std::size_t i = 0; i < PatternsBuilder::kMostSearched; ++i) {
    REQUIRE(builder.Add("a" + std::to_string(i) + "*"));
  }
  CHECK_FALSE(builder.Add("/x/"));
  CHECK(builder.Add("example.org"));
}

TEST_CASE("patterns are equal when their files are", "[match]") {
  const auto with = [](std::string_view content) {
    PatternsBuilder builder(Subject::kNames);
    builder.AddLines(content);
    return std::move(builder).Build({"file:/x"});
  };
  CHECK(with("example.org\n") == with("example.org\n# only a comment\n"));
  CHECK_FALSE(with("example.org\n") == with("example.net\n"));
  CHECK_FALSE(with("example.org\n") == Patterns());
  CHECK(Patterns() == Patterns());
}

TEST_CASE("an expression meets any bytes, and does not take for ever", "[match]") {
  const Patterns patterns = Make(Subject::kAddresses, {"/(a*)*b$/", "/\xe4/"});
  CHECK_FALSE(patterns.MatchesAddress(std::string(100000, 'a')));
  CHECK(patterns.MatchesAddress("\xe4@example.org"));
  CHECK_FALSE(patterns.MatchesAddress(std::string("\0\xff@x", 4)));
}

}  // namespace
}  // namespace mxward::match
