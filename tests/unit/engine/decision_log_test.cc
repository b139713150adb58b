// SPDX-License-Identifier: Apache-2.0
#include "engine/decision_log.h"

#include <map>
#include <string>
#include <vector>

#include "base/text.h"
#include "catch.h"
#include "control/json.h"
#include "tests/fake/code_points.h"
#include "tests/fake/test_config.h"

namespace mxward {
namespace {

using std::string_literals::operator""s;

struct LogFixture {
  Config config = TestConfig();
  SessionFacts session;
  MessageFacts message;
  std::string recipient = "b@here.test";
  Decision decision;
  bool observing = false;
  std::string told;

  LogFixture() {
    session.client = IpAddress::V4(0xc0000201);
    session.client_name = "mail.example.org";
    session.helo = "helo.example.org";
    message.sender = "a@example.org";
    message.queue_id = "4XYZ";
    decision.verdict = Verdict::kDefer;
    decision.reason = Reason::kGreylistNew;
    decision.delay = Seconds(300);
  }
  std::string Line() const {
    const policy::Facts facts{session, message, recipient, observing};
    return FormatDecision({config, facts, decision, told});
  }
};

TEST_CASE("a decision is one line of postgrey's keys", "[engine]") {
  LogFixture fixture;
  CHECK(fixture.Line() ==
        "4XYZ: action=defer, reason=greylist-new, client_address=192.0.2.1, delay=300, "
        "client_name=mail.example.org, helo=<helo.example.org>, sender=<a@example.org>, "
        "recipient=<b@here.test>");
}

TEST_CASE("the same as JSON", "[engine]") {
  LogFixture fixture;
  fixture.config.log.format = LogFormat::kJson;
  CHECK(fixture.Line() ==
        R"({"queue_id":"4XYZ","action":"defer","reason":"greylist-new",)"
        R"("client_address":"192.0.2.1","delay":300,"client_name":"mail.example.org",)"
        R"("helo":"helo.example.org","sender":"a@example.org","recipient":"b@here.test"})");
}

TEST_CASE("what is special is said at the end", "[engine]") {
  LogFixture fixture;
  fixture.message.authenticated_user = "alice";
  fixture.decision.identity = "name:example.org";
  fixture.decision.findings = {{Check::kFolded, "", 0, Detail().Say("why")},
                               {Check::kLimit, "x", 2}};
  fixture.observing = true;
  fixture.told = "end";
  CHECK_THAT(fixture.Line(), HasText("delay=300, identity=name:example.org, "));
  CHECK_THAT(fixture.Line(),
             Catch::Matchers::EndsWith(
                 ", user=alice, findings=folded (why); limit:x:2, told=end, observed=yes"));
  fixture.config.log.format = LogFormat::kJson;
  CHECK_THAT(fixture.Line(),
             Catch::Matchers::EndsWith(R"("user":"alice","findings":"folded (why); limit:x:2",)"
                                       R"("told":"end","observed":true})"));
}

TEST_CASE("what is not there is shown as that", "[engine]") {
  LogFixture fixture;
  fixture.session = {};
  fixture.message = {};
  fixture.decision = {};
  fixture.decision.verdict = Verdict::kAccept;
  CHECK(fixture.Line() ==
        "NOQUEUE: action=accept, reason=failure, client_address=local, client_name=unknown, "
        "helo=<>, sender=<>, recipient=<b@here.test>");
}

TEST_CASE("what the network sends cannot look like another field or line", "[engine]") {
  LogFixture fixture;
  const std::string hostile = "x>, action=accept, sender=<y\r\nNov 1 mx\0\x80\\"s;
  fixture.session.helo = hostile;
  fixture.session.client_name = hostile;
  fixture.message.sender = hostile;
  fixture.message.queue_id = hostile;
  fixture.message.authenticated_user = hostile;
  fixture.recipient = hostile;
  const std::string line = fixture.Line();
  for (const char c : line) CHECK((c >= ' ' && c <= '~'));
  const auto count = [&line](const std::string& text) {
    int found = 0;
    for (auto at = line.find(text); at != std::string::npos; at = line.find(text, at + 1)) ++found;
    return found;
  };
  CHECK(count(", ") == 8);
  CHECK(count(" ") == 9);
  CHECK(count("action=") == 1);
  CHECK(count(", sender=<") == 1);
  CHECK(count("<") == 3);
  CHECK(count(">") == 3);
}

TEST_CASE("addresses keep their = where it makes no key", "[engine]") {
  LogFixture fixture;
  fixture.message.sender = "SRS0=x1=z2=example.net=joe@example.org";
  fixture.recipient = "a client_address=9.9.9.9@here.test";
  CHECK_THAT(fixture.Line(), HasText("sender=<SRS0=x1=z2=example.net=joe@example.org>"));
  CHECK_THAT(fixture.Line(), HasText("recipient=<a\\x20client_address\\x3d9.9.9.9@here.test>"));
  // The hexadecimal digits of an escaped byte can be the beginning of a key.
  fixture.message.sender =
      "\xde"
      "lay=1@example.org";
  CHECK_THAT(fixture.Line(), HasText("sender=<\\xdelay\\x3d1@example.org>"));
}

TEST_CASE("a rejection says whom it is about", "[engine]") {
  LogFixture fixture;
  fixture.decision.verdict = Verdict::kReject;
  fixture.decision.reason = Reason::kScore;
  fixture.decision.about = About::kSender;
  CHECK_THAT(fixture.Line(), HasText("reason=score, about=sender, client_address=192.0.2.1, "));
  fixture.config.log.format = LogFormat::kJson;
  CHECK_THAT(fixture.Line(), HasText(R"("reason":"score","about":"sender","client_address":)"));
}

// How often a line has each KEY= that occurs in it.
std::map<std::string, int> CountKeys(const std::string& line) {
  static const std::vector<std::string> keys = {
      "action",      "reason", "about",    "client_address", "delay", "identity",
      "client_name", "helo",   "sender",   "recipient",      "user",  "score",
      "findings",    "told",   "observed", "account"};
  std::map<std::string, int> counts;
  for (auto at = line.find('='); at != std::string::npos; at = line.find('=', at + 1)) {
    for (const std::string& key : keys) {
      if (at >= key.size() && line.compare(at - key.size(), key.size(), key) == 0) ++counts[key];
    }
  }
  return counts;
}

// Everything in it that the network, or the MTA for it, has chosen.
void FillIn(const std::string& text, LogFixture& fixture) {
  fixture.session.client_name = fixture.session.helo = text;
  fixture.message.sender = fixture.message.queue_id = fixture.message.authenticated_user = text;
  fixture.recipient = fixture.decision.identity = text;
  fixture.decision.findings = {{Check::kRhsbl, "NAMES", 3, Detail().Say(text)}};
}

TEST_CASE("no code point in any field leaves the log unescaped", "[engine][large]") {
  LogFixture fixture;
  fixture.decision.score = 3;
  fixture.told = "data";
  fixture.observing = true;
  int wrong = 0;
  for (const std::string& text : AllCodePoints(300)) {
    FillIn(text, fixture);
    fixture.config.log.format = LogFormat::kText;
    const std::string line = fixture.Line();
    for (const auto& [key, count] : CountKeys(line)) wrong += count == 1 ? 0 : 1;
    if (!IsPrintableAscii(line)) ++wrong;
    fixture.config.log.format = LogFormat::kJson;
    const std::string json = fixture.Line();
    if (!UnsafeIn(json).empty()) ++wrong;
    const auto parsed = ParseJson(json);
    if (!parsed || (*parsed)["helo"].text() != text || (*parsed)["sender"].text() != text) ++wrong;
    if (wrong > 0) {
      FAIL("in the texts around " << EscapeForLog(text, 40) << ": " << line << "\n" << json);
    }
  }
}

TEST_CASE("no field can hold a second key, whatever stands before it", "[engine]") {
  LogFixture fixture;
  fixture.decision.score = 3;
  fixture.told = "data";
  fixture.observing = true;
  FillIn("x", fixture);
  for (const auto& [key, count] : CountKeys(fixture.Line())) {
    for (int byte = 0; byte < 256; ++byte) {
      // With one byte in the place of the first letter or two, and before the whole.
      for (std::size_t cut = 0; cut <= 2; ++cut) {
        FillIn(static_cast<char>(byte) + key.substr(cut) + "=", fixture);
        const std::string line = fixture.Line();
        for (const auto& [each, times] : CountKeys(line)) {
          if (times != 1) FAIL(each << " is there " << times << " times: " << line);
        }
      }
    }
  }
}

TEST_CASE("JSON stays JSON whatever the network sends", "[engine]") {
  LogFixture fixture;
  fixture.config.log.format = LogFormat::kJson;
  fixture.message.sender = std::string("\"},{\"\\\n\0\xff\xc3\xa4", 11);
  CHECK_THAT(fixture.Line(), HasText("\"sender\":\"\\\"},{\\\"\\\\\\n\\u0000\\u00ff\xc3\xa4\""));
}

TEST_CASE("a line is bounded, however long an address is", "[engine]") {
  LogFixture fixture;
  const std::string endless(100000, 'x');
  fixture.session.helo = fixture.session.client_name = endless;
  fixture.message.sender = fixture.message.queue_id = endless;
  fixture.message.authenticated_user = endless;
  fixture.recipient = endless;
  fixture.decision.identity = endless;
  fixture.decision.findings = {{Check::kBlock, "", 0, Detail().Say(endless)}};
  CHECK(fixture.Line().size() < 4000);
  CHECK_THAT(fixture.Line(), HasText("x...>, recipient=<x"));
  fixture.config.log.format = LogFormat::kJson;
  CHECK(fixture.Line().size() < 10000);
}

TEST_CASE("addresses are shown as log.addresses says, everywhere in the line", "[engine]") {
  LogFixture fixture;
  fixture.message.authenticated_user = "alice@example.com";
  fixture.decision.findings = {
      {Check::kBlock, "", 0, Detail().Say("sender").Quote(Privacy::kSender, " a@example.org")}};
  fixture.config.log.addresses = LogAddresses::kDomain;
  CHECK_THAT(fixture.Line(),
             Catch::Matchers::EndsWith("sender=<*@example.org>, recipient=<*@here.test>, "
                                       "user=*@example.com, findings=block (sender)"));
  fixture.config.log.addresses = LogAddresses::kHash;
  const std::string line = fixture.Line();
  CHECK(line.find('@') == std::string::npos);
  CHECK_THAT(line, HasText("sender=<#"));
  fixture.message.sender = "A@EXAMPLE.org";
  CHECK(fixture.Line() == line);
  fixture.message.sender = "c@example.org";
  CHECK(fixture.Line() != line);
  fixture.message.sender.clear();
  CHECK_THAT(fixture.Line(), HasText("sender=<>"));
}

// Each finding there is, about each of those whose address it may quote.
TEST_CASE("no finding shows what log.addresses hides", "[engine]") {
  struct Row {
    Privacy privacy;
    bool by_domain;  // "domain" shows it
    bool by_hash;
  };
  const std::vector<Row> rows = {
      {Privacy::kNone, true, true},          {Privacy::kSender, false, false},
      {Privacy::kRecipient, false, false},   {Privacy::kLogin, false, false},
      {Privacy::kSenderDomain, true, false}, {Privacy::kRecipientDomain, true, false}};
  for (std::size_t check = 0; check < kWordsOf<Check>.size(); ++check) {
    for (const Row& row : rows) {
      for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
        LogFixture fixture;
        fixture.config.log.format = format;
        fixture.decision.findings = {
            {static_cast<Check>(check), "", 3,
             Detail().Say("before").Quote(row.privacy, " s3cret ").Say("after")}};
        CAPTURE(kWordsOf<Check>[check], static_cast<int>(row.privacy));
        const std::string begin = std::string(kWordsOf<Check>[check]) + ":3 (before";
        const auto shows = [&](LogAddresses addresses) {
          fixture.config.log.addresses = addresses;
          CHECK_THAT(fixture.Line(), HasText(begin) && HasText("after)"));
          return fixture.Line().find("s3cret") != std::string::npos;
        };
        CHECK(shows(LogAddresses::kFull));
        CHECK(shows(LogAddresses::kDomain) == row.by_domain);
        CHECK(shows(LogAddresses::kHash) == row.by_hash);
      }
    }
  }
}

TEST_CASE("a finding of which all is hidden has no brackets", "[engine]") {
  LogFixture fixture;
  fixture.config.log.addresses = LogAddresses::kHash;
  fixture.decision.findings = {{Check::kSenderNullMx, "", 2,
                                Detail().Quote(Privacy::kSenderDomain, "example.org: null MX")}};
  CHECK_THAT(fixture.Line(), Catch::Matchers::EndsWith(", findings=sender-null-mx:2"));
}

}  // namespace
}  // namespace mxward
