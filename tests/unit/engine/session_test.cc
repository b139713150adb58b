// SPDX-License-Identifier: Apache-2.0
#include "engine/session.h"

#include <string>

#include "catch.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/memory_log.h"
#include "tests/fake/test_config.h"
#include "tests/fake/test_store.h"
#include "tests/fake/times.h"

namespace mxward {
namespace {

struct SessionFixture {
  TestStore store;
  FakeClock clock;
  MemoryLog log;
  Engine engine{{clock, store.environment(), store.writer(), log}, Shared(TestConfig())};
  Session session{engine};

  SessionFixture() {
    SessionFacts facts;
    facts.client = IpAddress::V4(0xc0000201);
    session.Connect(facts);
  }
  void Mail(const std::string& sender) { session.Mail({sender, "", ""}); }
  Verdict Recipient(const std::string& recipient) {
    return session.Recipient(recipient, "").verdict;
  }
  Verdict TakeMessage() { return session.TakeMessage().verdict; }
};

TEST_CASE("a deferral of the null sender is given at the end of the message", "[engine]") {
  SessionFixture fixture;
  fixture.Mail("");
  CHECK(fixture.Recipient("b@here.test") == Verdict::kAccept);
  CHECK(fixture.log.Contains("action=defer"));
  CHECK(fixture.log.Contains("told=end"));
  const Answer answer = fixture.session.TakeMessage();
  CHECK(answer.verdict == Verdict::kDefer);
  CHECK(answer.reply.code == 451);
  CHECK(fixture.TakeMessage() == Verdict::kAccept);
  CHECK(fixture.engine.counters().told_at_end.value() == 1);
}

TEST_CASE("a verification, which never comes to the end, is not counted there", "[engine]") {
  SessionFixture fixture;
  fixture.Mail("double-bounce@example.org");
  CHECK(fixture.Recipient("b@here.test") == Verdict::kAccept);
  fixture.session.EndMessage();
  CHECK(fixture.TakeMessage() == Verdict::kAccept);
  CHECK(fixture.engine.counters().told_at_end.value() == 0);
}

TEST_CASE("only the first recipient of the null sender waits for the end", "[engine]") {
  SessionFixture fixture;
  fixture.Mail("");
  CHECK(fixture.Recipient("b@here.test") == Verdict::kAccept);
  CHECK(fixture.Recipient("c@here.test") == Verdict::kDefer);
  CHECK(fixture.TakeMessage() == Verdict::kDefer);
}

TEST_CASE("a recipient that the MTA refused is only counted", "[engine]") {
  SessionFixture fixture;
  fixture.Mail("");
  fixture.session.RefusedRecipient("nobody@here.test", "5.1.1");
  CHECK(fixture.engine.counters().recipients_refused.value() == 1);
  CHECK(fixture.engine.counters().recipients.value() == 0);
  CHECK(fixture.log.size() == 0);
  CHECK(fixture.store.Count(store::Table::kTuples) == 0);
  // It does not count as the first recipient either.
  CHECK(fixture.Recipient("b@here.test") == Verdict::kAccept);
  CHECK(fixture.TakeMessage() == Verdict::kDefer);
}

TEST_CASE("nothing of a message is left in the next one", "[engine]") {
  SessionFixture fixture;
  fixture.Mail("");
  CHECK(fixture.Recipient("b@here.test") == Verdict::kAccept);
  SECTION("after MAIL") { fixture.Mail(""); }
  SECTION("after the end of the message") { fixture.session.TakeMessage(); }
  SECTION("after RSET") { fixture.session.EndMessage(); }
  SECTION("after the end, twice") {
    fixture.session.EndMessage();
    fixture.session.EndMessage();
  }
  SECTION("after another CONNECT, as XCLIENT makes one") {
    SessionFacts facts;
    facts.client = IpAddress::V4(0xc6336401);
    fixture.session.Connect(facts);
  }
  CHECK(fixture.TakeMessage() == Verdict::kAccept);
  CHECK(fixture.Recipient("c@here.test") == Verdict::kAccept);
  CHECK(fixture.TakeMessage() == Verdict::kDefer);
}

TEST_CASE("who was authenticated for one message is not for the next", "[engine]") {
  SessionFixture fixture;
  Config config = TestConfig();
  config.trust.authenticated = true;
  fixture.engine.SetConfig(Shared(config));
  fixture.session.Mail({"a@example.org", "alice", ""});
  CHECK(fixture.Recipient("b@here.test") == Verdict::kAccept);
  fixture.Mail("a@example.org");
  CHECK(fixture.Recipient("b@here.test") == Verdict::kDefer);
}

TEST_CASE("a message is judged by the config of its MAIL", "[engine]") {
  SessionFixture fixture;
  Config config = TestConfig();
  config.greylist.apply = GreylistApply::kOff;
  fixture.Mail("a@example.org");
  CHECK(fixture.Recipient("b@here.test") == Verdict::kDefer);
  fixture.engine.SetConfig(Shared(config));
  CHECK(fixture.Recipient("c@here.test") == Verdict::kDefer);
  fixture.Mail("a@example.org");
  CHECK(fixture.Recipient("d@here.test") == Verdict::kAccept);
}

TEST_CASE("calls out of order are answered, too", "[engine]") {
  SessionFixture fixture;
  Session session(fixture.engine);
  CHECK(session.TakeMessage().verdict == Verdict::kAccept);
  session.EndMessage();
  // Neither CONNECT nor MAIL: a local client with the null sender.
  CHECK(session.Recipient("b@here.test", "").verdict == Verdict::kAccept);
  session.Helo("x");
  CHECK(session.TakeMessage().verdict == Verdict::kAccept);
}

TEST_CASE("the queue id is noted as soon as the MTA has one", "[engine]") {
  SessionFixture fixture;
  fixture.Mail("a@example.org");
  fixture.session.Recipient("b@here.test", "");
  CHECK(fixture.log.lines().back().text.starts_with("NOQUEUE: "));
  fixture.session.Recipient("c@here.test", "4XYZ");
  CHECK(fixture.log.lines().back().text.starts_with("4XYZ: "));
  fixture.session.Recipient("d@here.test", "");
  CHECK(fixture.log.lines().back().text.starts_with("4XYZ: "));
}

TEST_CASE("addresses of any bytes get a sane answer and are found again", "[engine]") {
  SessionFixture fixture;
  const std::string address = GENERATE(
      std::string("\0@\0", 3), std::string("\x80\xff@\xc3\xa4"), std::string(2000, 'x') + "@y",
      std::string("no-domain"), std::string("@"), std::string("\"unbalanced@x"),
      std::string("a@b@c"), std::string("<a@b>"), std::string("%s%n@x"), std::string(70000, '@'));
  fixture.Mail(address);
  CHECK(fixture.Recipient(address) == Verdict::kDefer);
  fixture.clock.Advance(6 * kMinute);
  CHECK(fixture.Recipient(address) == Verdict::kAccept);
  CHECK(fixture.store.Count(store::Table::kTuples) == 1);
}

}  // namespace
}  // namespace mxward
