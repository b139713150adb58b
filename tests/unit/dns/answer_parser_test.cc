// SPDX-License-Identifier: Apache-2.0
#include "dns/answer_parser.h"

#include "tests/fake/dns_message.h"
#include "tests/unit/catch.h"

namespace mxward::dns {
namespace {

constexpr MonoTime kNow{Seconds(1000)};
const std::string kName = "a.example";

Answer Parse(const DnsMessage& message, RecordType type = RecordType::kA) {
  return ParseAnswer(message.Bytes(), {kName, type}, kNow);
}
DnsMessage Message(unsigned type, std::vector<std::string> answers,
                   std::vector<std::string> authorities = {}) {
  DnsMessage message;
  message.type = type;
  message.answers = std::move(answers);
  message.authorities = std::move(authorities);
  return message;
}

TEST_CASE("addresses are read, and nothing else than what was asked for", "[dns]") {
  const auto answer =
      Parse(Message(kTypeA, {ARecord(kName, 300, kListed), ARecord("A.Example", 200, "\x7f\1\2\3"),
                             ARecord("b.example", 100, "\1\1\1\1"),
                             RawRecord(WireName(kName), kTypeTxt, 61, TxtString("no address")),
                             RawRecord(WireName(kName), kTypeA, 62, "\1\1\1\1", /*class=*/3)}));
  CHECK(answer.outcome == Outcome::kFound);
  REQUIRE(answer.addresses.size() == 2);
  CHECK(answer.addresses[0].ToString() == "127.0.0.2");
  CHECK(answer.addresses[1].ToString() == "127.1.2.3");
  CHECK(answer.ttl == Seconds(200));
  CHECK(answer.answered == kNow);
}

TEST_CASE("IPv6 addresses are read", "[dns]") {
  const std::string bytes("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
  const auto answer = Parse(Message(kTypeAaaa, {RawRecord(WireName(kName), kTypeAaaa, 300, bytes)}),
                            RecordType::kAaaa);
  REQUIRE(answer.addresses.size() == 1);
  CHECK(answer.addresses[0].ToString() == "2001:db8::1");
}

TEST_CASE("mail exchanges come in the order of preference", "[dns]") {
  const auto answer = Parse(Message(kTypeMx, {MxRecord(kName, 300, 20, "MX2.example"),
                                              MxRecord(kName, 300, 10, "mx1.example")}),
                            RecordType::kMx);
  CHECK(answer.exchanges == std::vector<MailExchange>{{10, "mx1.example"}, {20, "mx2.example"}});
  const auto null = Parse(Message(kTypeMx, {MxRecord(kName, 300, 0, "")}), RecordType::kMx);
  CHECK(null.exchanges == std::vector<MailExchange>{{0, ""}});
}

TEST_CASE("a name in an answer that is none cannot be asked", "[dns]") {
  const std::string odd = std::string("\4a.b\n\3\xff\0Z\7example\0", 18);
  const auto answer =
      Parse(Message(kTypeMx, {RawRecord(WireName(kName), kTypeMx, 300, Wire16(1) + odd)}),
            RecordType::kMx);
  REQUIRE(answer.exchanges.size() == 1);
  CHECK(answer.exchanges[0].exchange == "a\\046b\\010.\\255\\000z.example");
  CHECK_FALSE(CleanName(answer.exchanges[0].exchange));
}

TEST_CASE("the strings of a text record are joined", "[dns]") {
  const auto answer = Parse(
      Message(kTypeTxt, {RawRecord(WireName(kName), kTypeTxt, 300,
                                   TxtString("listed, ") + TxtString("") + TxtString("see\n\xff")),
                         RawRecord(WireName(kName), kTypeTxt, 300, TxtString("second"))}),
      RecordType::kTxt);
  CHECK(answer.texts == std::vector<std::string>{"listed, see\n\xff", "second"});
}

TEST_CASE("a chain of CNAMEs is followed, and its least TTL counts", "[dns]") {
  const std::vector<std::string> chain{CnameRecord("c.example", 90, "d.example"),
                                       ARecord("d.example", 300, kListed),
                                       CnameRecord(kName, 200, "C.example")};
  const auto answer = Parse(Message(kTypeA, chain));
  CHECK(answer.outcome == Outcome::kFound);
  CHECK(answer.addresses.size() == 1);
  CHECK(answer.ttl == Seconds(90));

  auto dangling =
      Message(kTypeA, {CnameRecord(kName, 100, "c.example")}, {SoaRecord("example", 3000, 3000)});
  CHECK(Parse(dangling).outcome == Outcome::kNoData);
  CHECK(Parse(dangling.Rcode(3)).outcome == Outcome::kNoName);
  CHECK(Parse(dangling).ttl == Seconds(100));
}

TEST_CASE("chains of CNAMEs without an end are failures", "[dns]") {
  CHECK(Parse(Message(kTypeA, {CnameRecord(kName, 90, kName)})).failure ==
        "a chain of CNAMEs without an end");
  std::vector<std::string> chain{CnameRecord(kName, 300, "n0.example")};
  for (int i = 0; i < 100; ++i) {
    chain.push_back(CnameRecord("n" + std::to_string(i) + ".example", 300,
                                "n" + std::to_string(i + 1) + ".example"));
  }
  CHECK(Parse(Message(kTypeA, chain)).outcome == Outcome::kFailed);
}

TEST_CASE("the negative TTL is that of the SOA record, within bounds", "[dns]") {
  const auto [rcode, soa_ttl, minimum, ttl] =
      GENERATE(table<unsigned, std::uint32_t, std::uint32_t, int>({
          {3, 600, 300, 300},
          {3, 300, 600, 300},
          {0, 900, 86400, 900},
          {0, 86400, 86400, 3600},
          {3, 0, 300, 60},
          {3, 0xffffffff, 300, 60},
      }));
  auto message = Message(kTypeA, {}, {SoaRecord("example", soa_ttl, minimum)});
  const auto answer = Parse(message.Rcode(rcode));
  CHECK(answer.outcome == (rcode == 3 ? Outcome::kNoName : Outcome::kNoData));
  CHECK(answer.ttl == Seconds(ttl));
}

TEST_CASE("negative answers without an SOA record of theirs are kept for a minute", "[dns]") {
  CHECK(Parse(Message(kTypeA, {})).ttl == Seconds(60));
  const auto other = Parse(Message(kTypeA, {}, {SoaRecord("ample", 1800, 1800)}));
  CHECK(other.outcome == Outcome::kNoData);
  CHECK(other.ttl == Seconds(60));
  CHECK(Parse(Message(kTypeA, {}, {SoaRecord("", 1800, 1800)})).ttl == Seconds(1800));
}

TEST_CASE("the TTL of records is kept within bounds", "[dns]") {
  const auto [given, kept] = GENERATE(table<std::uint32_t, int>(
      {{0, 60}, {59, 60}, {61, 61}, {3600, 3600}, {604800, 3600}, {0x80000000, 60}}));
  CHECK(Parse(Message(kTypeA, {ARecord(kName, given, kListed)})).ttl == Seconds(kept));
}

TEST_CASE("what is no clear answer is a failure with its reason", "[dns]") {
  const DnsMessage good = Message(kTypeA, {ARecord(kName, 300, kListed)});
  const auto reason = [&](auto change) {
    DnsMessage message = good;
    change(message);
    const auto answer = Parse(message);
    CHECK(answer.outcome == Outcome::kFailed);
    CHECK(answer.addresses.empty());
    CHECK(answer.ttl == Seconds(0));
    return answer.failure;
  };
  CHECK(reason([](auto& m) { m.Rcode(1); }) == "FORMERR");
  CHECK(reason([](auto& m) { m.Rcode(2); }) == "SERVFAIL");
  CHECK(reason([](auto& m) { m.Rcode(4); }) == "NOTIMP");
  CHECK(reason([](auto& m) { m.Rcode(5); }) == "REFUSED");
  CHECK(reason([](auto& m) { m.Rcode(9); }) == "response code 9");
  CHECK(reason([](auto& m) { m.Rcode(3); }) == "NXDOMAIN, but with records");
  CHECK(reason([](auto& m) { m.flags |= 0x0200U; }) == "truncated");
  CHECK(reason([](auto& m) { m.flags &= ~0x8000U; }) == "no response to a query");
  CHECK(reason([](auto& m) { m.flags |= 0x2000U; }) == "no response to a query");
  CHECK(reason([](auto& m) { m.name = "b.example"; }) == "the answer to another question");
  CHECK(reason([](auto& m) { m.type = kTypeMx; }) == "the answer to another question");
  CHECK(reason([](auto& m) { m.answers = {ARecord("b.example", 300, kListed)}; }) ==
        "records, but none that was asked for");
  CHECK(reason([](auto& m) { m.answers = {ARecord(kName, 1, "\1\2\3")}; }) == "malformed A");
  CHECK(reason([](auto& m) { m.answers = {RawRecord(WireName(kName), kTypeCname, 1, "\1a")}; }) ==
        "malformed CNAME");
  CHECK(reason([](auto& m) {
          m.answers.clear();
          m.authorities = {RawRecord(WireName("example"), kTypeNs, 1, WireName("ns.example"))};
        }) == "a referral to other servers");
  CHECK(reason([](auto& m) {
          m.answers.clear();
          m.authorities = {RawRecord(WireName("example"), kTypeSoa, 1, WireName("ns.example"))};
        }) == "malformed SOA");
  CHECK(ParseAnswer("", {kName, RecordType::kA}, kNow).failure == "a message cut short");
  CHECK(
      Parse(Message(kTypeTxt, {RawRecord(WireName(kName), kTypeTxt, 1, "\5abc")}), RecordType::kTxt)
          .failure == "malformed TXT");
  CHECK(Parse(Message(kTypeMx, {RawRecord(WireName(kName), kTypeMx, 1, "\0")}), RecordType::kMx)
            .failure == "malformed MX");
}

TEST_CASE("a message cut short at any byte is a failure", "[dns]") {
  const std::string whole =
      Message(kTypeMx,
              {CnameRecord(kName, 1, "b.example"), MxRecord("b.example", 1, 1, "c.example")},
              {SoaRecord("example", 1, 1)})
          .Bytes();
  REQUIRE(ParseAnswer(whole, {kName, RecordType::kMx}, kNow).outcome == Outcome::kFound);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    CHECK(ParseAnswer(whole.substr(0, size), {kName, RecordType::kMx}, kNow).outcome ==
          Outcome::kFailed);
  }
}

TEST_CASE("compression pointers are followed to the front only", "[dns]") {
  const std::string to_question("\xc0\x0c", 2);
  const auto good = Parse(Message(kTypeA, {RawRecord(to_question, kTypeA, 300, kListed)}));
  CHECK(good.addresses.size() == 1);
  // The owner begins at byte 27, behind header and question.
  const auto owner = GENERATE(values<std::string>(
      {std::string("\xc0\x1b", 2), std::string("\xc0\x1d", 2), std::string("\xff\xff", 2),
       std::string("\1a\xc0\x1b", 4), std::string("\x41\1a\0", 4), std::string("\x80\0", 2)}));
  CHECK(Parse(Message(kTypeA, {RawRecord(owner, kTypeA, 300, kListed)})).failure == "malformed");
}

TEST_CASE("names of a PTR are read in their order, and are data", "[dns]") {
  const auto ptr = [](const std::string& data) {
    return RawRecord(WireName(kName), kTypePtr, 300, data);
  };
  const auto answer =
      Parse(Message(kTypePtr,
                    {ptr(WireName("MX.example.ORG")), ptr(WireName("a.example")), ptr(WireName("")),
                     ptr(std::string("\3a b\0", 5)), ptr(std::string("\3a.b\0", 5))}),
            RecordType::kPtr);
  CHECK(answer.outcome == Outcome::kFound);
  CHECK(answer.names ==
        std::vector<std::string>{"mx.example.org", "a.example", "", "a\\032b", "a\\046b"});
  CHECK(Parse(Message(kTypePtr, {ptr("\1a")}), RecordType::kPtr).failure == "malformed PTR");
  CHECK(Parse(Message(kTypePtr, {ptr(WireName("a") + "x")}), RecordType::kPtr).failure ==
        "malformed PTR");
}

TEST_CASE("names longer than any name are refused", "[dns]") {
  std::string owner;
  for (int i = 0; i < 130; ++i) owner += std::string("\1a", 2);
  owner += '\0';
  CHECK(Parse(Message(kTypeA, {RawRecord(owner, kTypeA, 1, kListed)})).failure == "malformed");
}

TEST_CASE("of thousands of records a few are kept", "[dns]") {
  const std::string to_question("\xc0\x0c", 2);
  const auto many = [&](const std::string& data, unsigned type) {
    return Message(type, std::vector(4000, RawRecord(to_question, type, 300, data)));
  };
  CHECK(Parse(many(kListed, kTypeA)).addresses.size() == Answer::kMaxRecords);
  auto texts = Parse(many(TxtString("x"), kTypeTxt), RecordType::kTxt);
  CHECK(texts.texts.size() == Answer::kMaxTexts);
  const auto names = Parse(many(to_question, kTypePtr), RecordType::kPtr).names;
  CHECK(names.size() == Answer::kMaxRecords);
  auto mx = many(Wire16(9) + to_question, kTypeMx);
  mx.answers.back() = RawRecord(to_question, kTypeMx, 300, Wire16(3) + WireName("best.example"));
  const auto exchanges = Parse(mx, RecordType::kMx).exchanges;
  CHECK(exchanges.size() == Answer::kMaxRecords);
  CHECK(exchanges.at(0).exchange == "best.example");
}

}  // namespace
}  // namespace mxward::dns
