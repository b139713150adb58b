// SPDX-License-Identifier: Apache-2.0
#include "config/code_filter.h"

#include <tuple>

#include "catch.h"

namespace mxward {
namespace {

bool Matches(std::string_view filter, std::string_view answer) {
  const auto parsed = CodeFilter::Parse(filter);
  REQUIRE(parsed);
  return parsed->Matches(*IpAddress::Parse(answer));
}

std::string FilterFault(std::string_view filter) {
  const auto parsed = CodeFilter::Parse(filter);
  return parsed ? "" : parsed.error().message;
}

TEST_CASE("a code filter matches the answers it names and no other", "[config]") {
  std::string filter, good, bad;
  std::tie(filter, good, bad) = GENERATE(table<std::string, std::string, std::string>({
      {"127.0.0.2", "127.0.0.2", "127.0.0.3"},
      {"127.0.0.2", "127.0.0.2", "127.0.1.2"},
      {"127.0.0.[2..11]", "127.0.0.2", "127.0.0.1"},
      {"127.0.0.[2..11]", "127.0.0.11", "127.0.0.12"},
      {"127.0.0.[2;4..6]", "127.0.0.2", "127.0.0.3"},
      {"127.0.0.[2;4..6]", "127.0.0.5", "127.0.0.7"},
      {"127.0.[2;4..6].3", "127.0.4.3", "127.0.3.3"},
      {"127.0.0.[&8]", "127.0.0.8", "127.0.0.7"},
      {"127.0.0.[&8]", "127.0.0.255", "127.0.0.16"},
      {"127.0.0.[&12]", "127.0.0.4", "127.0.0.2"},
      {"127.0.0.[&12]", "127.0.0.8", "127.0.0.3"},
      {"127.0.*.1", "127.0.255.1", "127.1.255.1"},
      {"127.*.*.*", "127.0.0.1", "128.0.0.1"},
      {"[127].0.0.2", "127.0.0.2", "126.0.0.2"},
      {"127.0.0.[7]", "127.0.0.7", "127.0.0.77"},
      {"127.0.0.2", "127.0.0.2", "::7f00:2"},
  }));
  INFO(filter);
  CHECK(Matches(filter, good));
  CHECK_FALSE(Matches(filter, bad));
}

TEST_CASE("a filter that was never parsed matches nothing", "[config]") {
  CHECK_FALSE(CodeFilter().Matches(*IpAddress::Parse("127.0.0.2")));
  CHECK_FALSE(CodeFilter().Matches(IpAddress()));
}

TEST_CASE("a code filter is kept as written and compared by that", "[config]") {
  CHECK(CodeFilter::Parse("127.0.0.[2..4]")->text() == "127.0.0.[2..4]");
  CHECK(*CodeFilter::Parse("127.0.0.2") == *CodeFilter::Parse("127.0.0.2"));
  CHECK_FALSE(*CodeFilter::Parse("127.0.0.2") == *CodeFilter::Parse("127.0.0.[2]"));
}

TEST_CASE("a code filter that means nothing is refused, and told what would be right", "[config]") {
  std::string filter, fault;
  std::tie(filter, fault) = GENERATE(table<std::string, std::string>({
      {"127.0.0.[9..2]", "\"127.0.0.[9..2]\": [9..2] matches nothing; did you mean [2..9]?"},
      {"127.0.0.[&0]", "\"127.0.0.[&0]\": [&0] matches nothing; name the bits, such as [&8]"},
      {"127.0.0.[&256]", "\"127.0.0.[&256]\": \"&256\" is not a valid bit mask, such as &8 or &12"},
      {"128.0.0.2",
       "\"128.0.0.2\" must begin with 127: no other answer of a DNS list means anything"},
      {"*.0.0.2", "\"*.0.0.2\" must begin with 127: no other answer of a DNS list means anything"},
      {"[126..127].0.0.2",
       "\"[126..127].0.0.2\" must begin with 127: no other answer of a DNS list means anything"},
      {"127.0.0.2x",
       "\"127.0.0.2x\": \"2x\" is neither a number from 0 to 255, nor *, nor a set such as "
       "[2..11], [2;4;9] or [&8]"},
      {"127.0.0.256",
       "\"127.0.0.256\": \"256\" is neither a number from 0 to 255, nor *, nor a set such as "
       "[2..11], [2;4;9] or [&8]"},
      {"127.0.0.2 ",
       "\"127.0.0.2 \": \"2 \" is neither a number from 0 to 255, nor *, nor a set such as "
       "[2..11], [2;4;9] or [&8]"},
      {"127.0.0.[2..11",
       "\"127.0.0.[2..11\": \"[2..11\" needs one bracket at each end, such as [2..11]"},
      {"127.0.0.[2]]", "\"127.0.0.[2]]\": \"[2]]\" needs one bracket at each end, such as [2..11]"},
      {"127.0.0.[]",
       "\"127.0.0.[]\": \"\" is neither a number from 0 to 255 nor a range of two, such as 2..11"},
      {"127.0.0.[2;]",
       "\"127.0.0.[2;]\": \"\" is neither a number from 0 to 255 nor a range of two, such as "
       "2..11"},
      {"127.0.0.[2..3..4]",
       "\"127.0.0.[2..3..4]\": \"2..3..4\" is neither a number from 0 to 255 nor a range of two, "
       "such as 2..11"},
      {"127.0.0.2;3", "\"127.0.0.2;3\": \"2;3\" needs brackets around it, such as [2..11]"},
      {"127.0.0.2..11",
       "\"127.0.0.2..11\" is not an answer of four octets, such as 127.0.0.2 or 127.0.0.[2..11]; a "
       "range needs brackets"},
      {"127.0.0",
       "\"127.0.0\" is not an answer of four octets, such as 127.0.0.2 or 127.0.0.[2..11]"},
      {"127.0.0.2.3",
       "\"127.0.0.2.3\" is not an answer of four octets, such as 127.0.0.2 or 127.0.0.[2..11]"},
      {"", "\"\" is not an answer of four octets, such as 127.0.0.2 or 127.0.0.[2..11]"},
      {"a\x01"
       "b",
       "\"a\\x01b\" is not an answer of four octets, such as 127.0.0.2 or 127.0.0.[2..11]"},
  }));
  CHECK(FilterFault(filter) == fault);
}

TEST_CASE("a code filter of any length is only ever refused", "[config]") {
  CHECK_THAT(FilterFault(std::string(100000, '[')), HasText("is longer than 100 characters"));
  for (const char c : std::string_view("[].;&*")) CHECK(FilterFault(std::string(50, c)) != "");
}

}  // namespace
}  // namespace mxward
