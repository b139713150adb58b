// SPDX-License-Identifier: Apache-2.0
#include "dnsbl/meaning.h"

#include "tests/unit/catch.h"
#include "tests/unit/dnsbl/some_list.h"

namespace mxward::dnsbl {
namespace {

dns::Answer Found(const std::vector<std::string>& addresses) {
  dns::Answer answer;
  answer.outcome = dns::Outcome::kFound;
  for (const std::string& address : addresses) {
    answer.addresses.push_back(IpAddress::Parse(address).value());
  }
  return answer;
}

dns::Answer Empty(dns::Outcome outcome, std::string failure = "") {
  dns::Answer answer;
  answer.outcome = outcome;
  answer.failure = std::move(failure);
  return answer;
}

std::vector<DnsblCode> Everything(int score) { return {Code("127.*.*.*", score)}; }

// As ZEN has it.
DnsblConfig Graded() {
  return ClientList({Code("127.0.0.2", 6, "spam source"), Code("127.0.0.[4..7]", 5, "exploited"),
                     Code("127.0.0.[10;11]", 3, "end-user network"), Code("127.0.0.30", 0)});
}

// As DNSWL has it.
DnsblConfig Allowing() {
  return ClientList({Code("127.0.[2..15].0", 0, "none"), Code("127.0.[2..15].1", -1, "low"),
                     Code("127.0.[2..15].2", -3, "medium"), Code("127.0.[2..15].3", -5, "high")});
}

// As URIBL has it.
DnsblConfig Bits() {
  DnsblConfig list = NameList({Code("127.0.0.[&2]", 6, "black"), Code("127.0.0.[&4]", 2, "grey"),
                               Code("127.0.0.[&8]", 4, "red")});
  list.refusals = {CodeFilter::Parse("127.0.0.[&1]").value()};
  return list;
}

DnsblConfig Both() {
  return ClientList({Code("127.0.0.2", 4, "bad"), Code("127.0.0.3", -4, "good"),
                     Code("127.0.0.4", -6, "very good"), Code("127.0.0.5", 5, "very bad")});
}

TEST_CASE("a code of the list's own is a listing with its score and its meaning", "[dnsbl]") {
  const Meaning meaning = Interpret(Graded(), Found({"127.0.0.4"}));
  CHECK(meaning.state == State::kListed);
  CHECK(meaning.score == 5);
  CHECK(meaning.codes == std::vector<std::string>{"127.0.0.4"});
  CHECK(meaning.detail == "127.0.0.4 (exploited)");
}

TEST_CASE("a code without a meaning is shown alone, and one of score 0 is still a listing",
          "[dnsbl]") {
  const Meaning meaning = Interpret(Graded(), Found({"127.0.0.30"}));
  CHECK(meaning.state == State::kListed);
  CHECK(meaning.score == 0);
  CHECK(meaning.detail == "127.0.0.30");
}

TEST_CASE("no record is not listed", "[dnsbl]") {
  const auto answer = GENERATE(Empty(dns::Outcome::kNoName), Empty(dns::Outcome::kNoData),
                               Empty(dns::Outcome::kFound));
  const Meaning meaning = Interpret(Graded(), answer);
  CHECK(meaning.state == State::kNotListed);
  CHECK(meaning.score == 0);
  CHECK(meaning.codes.empty());
  CHECK(meaning.detail == "not listed");
}

TEST_CASE("a failure is unknown, neither listed nor clean", "[dnsbl]") {
  const Meaning told = Interpret(Graded(), Empty(dns::Outcome::kFailed, "no answer in 2s"));
  CHECK(told.state == State::kUnknown);
  CHECK(told.score == 0);
  CHECK(told.detail == "no answer in 2s");
  CHECK(Interpret(Graded(), Empty(dns::Outcome::kFailed)).detail == "no answer");
  // Whatever addresses came with it.
  dns::Answer failed = Found({"127.0.0.2"});
  failed.outcome = dns::Outcome::kFailed;
  CHECK(Interpret(Graded(), failed).state == State::kUnknown);
}

TEST_CASE("a code that the definition does not name is no listing", "[dnsbl]") {
  const std::string code =
      GENERATE("127.0.0.3", "127.0.0.8", "127.0.1.2", "127.1.0.2", "127.255.254.255", "127.0.0.0");
  CAPTURE(code);
  const Meaning meaning = Interpret(Graded(), Found({code}));
  CHECK(meaning.state == State::kUnlistedCode);
  CHECK(meaning.score == 0);
  CHECK(meaning.detail == code + " (not a code that counts)");
}

TEST_CASE("refusal codes are refusals whatever the definition names", "[dnsbl]") {
  const std::string code = GENERATE("127.255.255.0", "127.255.255.252", "127.255.255.253",
                                    "127.255.255.254", "127.255.255.255", "127.0.0.1");
  CAPTURE(code);
  for (const int score : {7, -7, 0}) {
    const Meaning meaning = Interpret(ClientList(Everything(score)), Found({code}));
    CHECK(meaning.state == State::kRefused);
    CHECK(meaning.score == 0);
    CHECK(meaning.codes == std::vector<std::string>{code});
    CHECK_THAT(meaning.detail, HasText(code + " (the list refuses to answer us"));
  }
}

TEST_CASE("what is next to the refusal codes is none", "[dnsbl]") {
  const std::string code = GENERATE("127.255.254.255", "127.254.255.254", "127.0.0.2", "127.0.0.0",
                                    "127.0.1.1", "127.1.0.1");
  CAPTURE(code);
  CHECK(Interpret(ClientList(Everything(7)), Found({code})).state == State::kListed);
}

TEST_CASE("127.0.0.255 is a refusal of lists that add nothing, and a code of others", "[dnsbl]") {
  const auto quota = Found({"127.0.0.255"});
  CHECK(Interpret(ClientList(Everything(-5)), quota).state == State::kRefused);
  CHECK(Interpret(ClientList(Everything(0)), quota).state == State::kRefused);
  CHECK_THAT(Interpret(Allowing(), quota).detail, HasText("quota"));
  CHECK(Interpret(ClientList(Everything(5)), quota).state == State::kListed);
  CHECK(Interpret(Both(), quota).state == State::kUnlistedCode);
}

TEST_CASE("a refusal that the list defines is one", "[dnsbl]") {
  DnsblConfig list = NameList(Everything(6));
  list.refusals = {CodeFilter::Parse("127.0.1.255").value(),
                   CodeFilter::Parse("127.0.0.[100..110]").value()};
  CHECK(Interpret(list, Found({"127.0.1.255"})).state == State::kRefused);
  CHECK(Interpret(list, Found({"127.0.0.105"})).state == State::kRefused);
  CHECK(Interpret(list, Found({"127.0.1.254"})).state == State::kListed);
}

TEST_CASE("one refusal among several answers makes all of it a refusal", "[dnsbl]") {
  const auto answer =
      GENERATE(Found({"127.0.0.2", "127.255.255.254"}), Found({"127.255.255.254", "127.0.0.2"}),
               Found({"127.0.0.2", "192.0.2.1", "127.255.255.254"}));
  const Meaning meaning = Interpret(Graded(), answer);
  CHECK(meaning.state == State::kRefused);
  CHECK(meaning.score == 0);
  CHECK(meaning.codes.size() == answer.addresses.size());
  CHECK_THAT(meaning.detail, HasText("127.255.255.254 ("));
}

TEST_CASE("answers outside 127.0.0.0/8 are bogus, even a single one", "[dnsbl]") {
  const auto answer =
      GENERATE(Found({"192.0.2.1"}), Found({"126.255.255.255"}), Found({"128.0.0.0"}),
               Found({"0.0.0.0"}), Found({"2001:db8::1"}), Found({"::1"}), Found({"7f00::2"}),
               Found({"127.0.0.2", "192.0.2.1"}), Found({"192.0.2.1", "127.0.0.2"}));
  const Meaning meaning = Interpret(Graded(), answer);
  CHECK(meaning.state == State::kBogus);
  CHECK(meaning.score == 0);
  CHECK_THAT(meaning.detail, HasText("no DNS list answers that"));
}

TEST_CASE("of several codes the strongest counts, and is named first", "[dnsbl]") {
  const auto [answer, score, detail] = GENERATE(table<std::vector<std::string>, int, std::string>({
      {{"127.0.0.10", "127.0.0.2"}, 6, "127.0.0.2 (spam source), 127.0.0.10 (end-user network)"},
      {{"127.0.0.2", "127.0.0.10"}, 6, "127.0.0.2 (spam source), 127.0.0.10 (end-user network)"},
      {{"127.0.0.30", "127.0.0.11"}, 3, "127.0.0.11 (end-user network), 127.0.0.30"},
      // What the definition does not name neither counts nor hurts.
      {{"127.0.0.99", "127.0.0.4"}, 5, "127.0.0.4 (exploited)"},
  }));
  const Meaning meaning = Interpret(Graded(), Found(answer));
  CHECK(meaning.state == State::kListed);
  CHECK(meaning.score == score);
  CHECK(meaning.detail == detail);
  CHECK(meaning.codes == answer);
}

TEST_CASE("of several definitions of one code the strongest counts", "[dnsbl]") {
  const DnsblConfig list = ClientList(
      {Code("127.0.0.*", 1, "any"), Code("127.0.0.2", 5, "this"), Code("127.0.*.2", 3, "some")});
  const Meaning meaning = Interpret(list, Found({"127.0.0.2"}));
  CHECK(meaning.score == 5);
  CHECK(meaning.detail == "127.0.0.2 (this)");
}

TEST_CASE("of an allow list the best word counts", "[dnsbl]") {
  CHECK(Interpret(Allowing(), Found({"127.0.5.1", "127.0.9.3", "127.0.5.2"})).score == -5);
  CHECK(Interpret(Allowing(), Found({"127.0.5.0"})).score == 0);
  CHECK(Interpret(Allowing(), Found({"127.0.5.0"})).state == State::kListed);
}

TEST_CASE("of a list of both kinds the stronger word counts, and of equal ones the kinder",
          "[dnsbl]") {
  const auto [answer, score] = GENERATE(table<std::vector<std::string>, int>({
      {{"127.0.0.2"}, 4},
      {{"127.0.0.3"}, -4},
      {{"127.0.0.2", "127.0.0.3"}, -4},
      {{"127.0.0.3", "127.0.0.2"}, -4},
      {{"127.0.0.3", "127.0.0.5"}, 5},
      {{"127.0.0.5", "127.0.0.4"}, -6},
  }));
  CAPTURE(answer);
  CHECK(Interpret(Both(), Found(answer)).score == score);
}

TEST_CASE("bit masks name each answer that has the bit", "[dnsbl]") {
  const auto [code, score] = GENERATE(table<std::string, int>({
      {"127.0.0.2", 6},
      {"127.0.0.4", 2},
      {"127.0.0.8", 4},
      {"127.0.0.12", 4},
      {"127.0.0.14", 6},
  }));
  CAPTURE(code);
  CHECK(Interpret(Bits(), Found({code})).score == score);
  CHECK(Interpret(Bits(), Found({"127.0.0.16"})).state == State::kUnlistedCode);
  // URIBL's "blocked", alone and with what would be a listing.
  CHECK(Interpret(Bits(), Found({"127.0.0.1"})).state == State::kRefused);
  CHECK(Interpret(Bits(), Found({"127.0.0.3"})).state == State::kRefused);
}

TEST_CASE("an answer of many records is shown shortened and judged whole", "[dnsbl]") {
  std::vector<std::string> many;
  for (int i = 0; i < 63; ++i) many.push_back("127.0.0." + std::to_string(100 + i));
  many.push_back("127.0.0.2");
  const Meaning meaning = Interpret(ClientList(Everything(1)), Found(many));
  CHECK(meaning.codes.size() == 8);
  CHECK(meaning.detail.size() < 8 * 20);
  CHECK(Interpret(Graded(), Found(many)).score == 6);
  many.back() = "127.255.255.254";
  CHECK(Interpret(Graded(), Found(many)).state == State::kRefused);
}

TEST_CASE("no detail shows the zone or its key", "[dnsbl]") {
  const auto answer = GENERATE(
      Found({"127.0.0.2"}), Found({"127.255.255.254"}), Found({"192.0.2.1"}), Found({"127.0.0.77"}),
      Found({"127.0.0.1"}), Empty(dns::Outcome::kNoName), Empty(dns::Outcome::kFailed, "SERVFAIL"));
  const std::string detail = Interpret(Graded(), answer).detail;
  CHECK_THAT(detail, !HasText("sekret"));
  CHECK_THAT(detail, !HasText("bl.example"));
}

TEST_CASE("each state has a name", "[dnsbl]") {
  CHECK(WordOf(State::kListed) == "listed");
  CHECK(WordOf(State::kNotListed) == "not-listed");
  CHECK(WordOf(State::kUnlistedCode) == "unlisted-code");
  CHECK(WordOf(State::kRefused) == "refused");
  CHECK(WordOf(State::kBogus) == "bogus");
  CHECK(WordOf(State::kUnknown) == "unknown");
}

}  // namespace
}  // namespace mxward::dnsbl
