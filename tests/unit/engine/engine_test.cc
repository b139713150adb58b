// SPDX-License-Identifier: Apache-2.0
#include "engine/engine.h"

#include <string>

#include "catch.h"
#include "engine/session.h"
#include "tests/fake/bad_disk.h"
#include "tests/fake/failing_writer.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/memory_log.h"
#include "tests/fake/test_config.h"
#include "tests/fake/test_store.h"
#include "tests/fake/times.h"

namespace mxward {
namespace {

struct EngineFixture {
  TestStore store;
  FakeClock clock;
  MemoryLog log;
  FailingWriter writer{store.writer(), clock};
  Config config = TestConfig();
  Engine engine{{clock, store.environment(), writer, log}, Shared(config)};

  void Configure() { engine.SetConfig(Shared(config)); }
  Answer Mail(const std::string& sender = "a@example.org",
              const std::string& recipient = "b@here.test") {
    SessionFacts facts;
    facts.client = IpAddress::V4(0xc0000201);
    Session session(engine);
    session.Connect(facts);
    session.Mail({sender, "", ""});
    return session.Recipient(recipient, "");
  }
  entries::Entry Block(const std::string& sender) {
    entries::Entry entry;
    entry.kind = entries::Kind::kSender;
    entry.action = entries::Action::kBlock;
    entry.key = sender;
    return entry;
  }
};

TEST_CASE("a retry after the delay passes", "[engine]") {
  EngineFixture fixture;
  CHECK(fixture.Mail().verdict == Verdict::kDefer);
  fixture.clock.Advance(6 * kMinute);
  CHECK(fixture.Mail().verdict == Verdict::kAccept);
  CHECK(fixture.engine.counters().recipients.value() == 2);
  CHECK(fixture.engine.counters().Decision(Verdict::kDefer, Reason::kGreylistNew).value() == 1);
  CHECK(fixture.engine.counters().Decision(Verdict::kAccept, Reason::kGreylistPassed).value() == 1);
}

TEST_CASE("a commit that takes less than the deadline is waited for", "[engine]") {
  EngineFixture fixture;
  fixture.writer.SetDelay(Millis(900));
  const MonoTime before = fixture.clock.Monotonic();
  CHECK(fixture.Mail().verdict == Verdict::kDefer);
  CHECK(fixture.clock.Monotonic() - before == Millis(900));
}

TEST_CASE("a commit that takes longer is not: the deferral is told without it", "[engine]") {
  EngineFixture fixture;
  fixture.writer.SetDelay(Millis(1100));
  const MonoTime before = fixture.clock.Monotonic();
  CHECK(fixture.Mail().verdict == Verdict::kDefer);
  CHECK(fixture.clock.Monotonic() - before == Millis(1000));
  CHECK(fixture.engine.counters().deferrals_without_record.value() == 1);
  CHECK(fixture.engine.counters().store_failures.value() == 0);
}

TEST_CASE("only what is deferred for the first time waits for its commit", "[engine]") {
  EngineFixture fixture;
  CHECK(fixture.Mail().verdict == Verdict::kDefer);
  fixture.writer.SetDelay(Millis(900));
  fixture.clock.Advance(kMinute);
  MonoTime before = fixture.clock.Monotonic();
  CHECK(fixture.Mail().verdict == Verdict::kDefer);
  CHECK(fixture.clock.Monotonic() == before);
  fixture.clock.Advance(6 * kMinute);
  before = fixture.clock.Monotonic();
  CHECK(fixture.Mail().verdict == Verdict::kAccept);
  CHECK(fixture.clock.Monotonic() == before);
}

TEST_CASE("nobody waits while observing", "[engine]") {
  EngineFixture fixture;
  fixture.config.mode = Mode::kObserve;
  fixture.Configure();
  fixture.writer.SetDelay(Millis(900));
  const MonoTime before = fixture.clock.Monotonic();
  CHECK(fixture.Mail().verdict == Verdict::kAccept);
  CHECK(fixture.clock.Monotonic() == before);
  CHECK(fixture.engine.counters().observed.value() == 1);
}

TEST_CASE("a failure of the store is recent for as long as is asked", "[engine]") {
  EngineFixture fixture;
  CHECK_FALSE(fixture.engine.store_trouble().FailedWithin(kMinute));
  fixture.writer.Set(FailingWriter::Mode::kFails);
  fixture.Mail();
  fixture.writer.Set(FailingWriter::Mode::kWorks);
  CHECK(fixture.engine.store_trouble().FailedWithin(Millis(1)));
  fixture.clock.Advance(Millis(59999));
  CHECK(fixture.engine.store_trouble().FailedWithin(kMinute));
  fixture.clock.Advance(Millis(1));
  CHECK_FALSE(fixture.engine.store_trouble().FailedWithin(kMinute));
}

TEST_CASE("a store that is busy lets nobody pass", "[engine]") {
  EngineFixture fixture;
  fixture.writer.Set(GENERATE(FailingWriter::Mode::kHangs, FailingWriter::Mode::kFull));
  for (int i = 0; i < 3; ++i) {
    const Answer answer =
        fixture.Mail("a" + std::string(1, static_cast<char>('a' + i)) + "@example.org");
    CHECK(answer.verdict == Verdict::kDefer);
    CHECK(answer.reply.enhanced == "4.7.1");
  }
  CHECK(fixture.engine.counters().deferrals_without_record.value() == 3);
  CHECK(fixture.engine.counters().store_failures.value() == 0);
  CHECK(fixture.engine.store_trouble().DeferredWithoutRecordWithin(kMinute));
  CHECK_FALSE(fixture.engine.store_trouble().FailedWithin(kMinute));
  CHECK(fixture.log.Contains("deferrals are sent before they are recorded: fake trouble"));
  CHECK_FALSE(fixture.log.Contains("unjudged"));
  fixture.clock.Advance(kMinute);
  CHECK_FALSE(fixture.engine.store_trouble().DeferredWithoutRecordWithin(kMinute));
}

TEST_CASE("a store that ends no commit for half a minute has failed", "[engine]") {
  EngineFixture fixture;
  fixture.writer.Set(FailingWriter::Mode::kHangs);
  CHECK(fixture.Mail("a@example.org").verdict == Verdict::kDefer);
  fixture.clock.Advance(store::ThreadedWriter::kStuck);
  CHECK(fixture.Mail("b@example.org").verdict == Verdict::kAccept);
  CHECK(fixture.engine.counters().store_failures.value() == 1);
  fixture.writer.Set(FailingWriter::Mode::kWorks);
  CHECK(fixture.Mail("c@example.org").verdict == Verdict::kDefer);
}

TEST_CASE("how long judging took includes the wait for the commit", "[engine]") {
  EngineFixture fixture;
  fixture.writer.SetDelay(Millis(300));
  fixture.Mail();
  const auto reading = fixture.engine.counters().judging.Read();
  CHECK(reading.sum == Millis(300));
  CHECK(fixture.engine.counters().greylist_delay.Read().sum == Millis(0));
  fixture.clock.Advance(6 * kMinute);
  fixture.Mail();
  CHECK(fixture.engine.counters().greylist_delay.Read().sum == 6 * kMinute + Millis(0));
}

TEST_CASE("failures of the store are logged once a minute, with their number", "[engine]") {
  EngineFixture fixture;
  fixture.writer.Set(FailingWriter::Mode::kFails);
  const auto errors = [&] {
    int count = 0;
    for (const MemoryLog::Line& line : fixture.log.lines()) count += line.level == LogLevel::kError;
    return count;
  };
  for (int i = 0; i < 5; ++i) CHECK(fixture.Mail().verdict == Verdict::kAccept);
  CHECK(errors() == 1);
  fixture.clock.Advance(kMinute);
  fixture.Mail();
  CHECK(errors() == 2);
  CHECK(fixture.log.Contains("(4 more times)"));
  CHECK(fixture.engine.counters().store_failures.value() == 6);
}

TEST_CASE("with on_failure = tempfail a failure defers, and says nothing about greylisting",
          "[engine]") {
  EngineFixture fixture;
  fixture.config.on_failure = OnFailure::kTempfail;
  fixture.Configure();
  fixture.writer.Set(FailingWriter::Mode::kFails);
  const Answer answer = fixture.Mail();
  CHECK(answer.verdict == Verdict::kDefer);
  CHECK(answer.reply.enhanced == "4.3.0");
}

TEST_CASE("a database that cannot be read passes mail, and comes back by itself", "[engine]") {
  EngineFixture fixture;
  REQUIRE(fixture.engine.parts().entries.Put(fixture.Block("bad@example.org")));
  {
    const BadDisk bad(Disk::kNoMeta);
    CHECK(fixture.Mail("a@example.org").verdict == Verdict::kAccept);  // cannot be written
    CHECK(fixture.Mail("bad@example.org").verdict == Verdict::kAccept);
    CHECK(fixture.engine.counters().store_failures.value() == 2);
  }
  // Nothing but mail comes, and that only reads.
  fixture.Mail("bad@example.org");
  CHECK(fixture.Mail("bad@example.org").verdict == Verdict::kReject);
}

TEST_CASE("entries are in force at once and after a restart", "[engine]") {
  EngineFixture fixture;
  REQUIRE(fixture.engine.parts().entries.Put(fixture.Block("bad@example.org")));
  CHECK(fixture.Mail("bad@example.org").verdict == Verdict::kReject);
  Engine again({fixture.clock, fixture.store.environment(), fixture.writer, fixture.log},
               Shared(fixture.config));
  REQUIRE(again.Load());
  Session session(again);
  session.Connect({});
  SessionFacts facts;
  facts.client = IpAddress::V4(0xc0000201);
  session.Connect(facts);
  session.Mail({"bad@example.org", "", ""});
  CHECK(session.Recipient("b@here.test", "").verdict == Verdict::kReject);
  REQUIRE(fixture.engine.parts().entries.Forget(entries::Kind::kSender, "bad@example.org"));
  CHECK(fixture.Mail("bad@example.org").verdict == Verdict::kDefer);
}

TEST_CASE("a pause ends by itself and survives a restart", "[engine]") {
  EngineFixture fixture;
  const WallTime until = fixture.clock.Now() + Seconds(3600);
  REQUIRE(fixture.engine.parts().pause.Begin(until));
  CHECK(fixture.engine.parts().pause.until() == until);
  CHECK(fixture.Mail().verdict == Verdict::kAccept);
  Engine again({fixture.clock, fixture.store.environment(), fixture.writer, fixture.log},
               Shared(fixture.config));
  CHECK_FALSE(again.parts().pause.until());
  REQUIRE(again.Load());
  CHECK(again.parts().pause.until() == until);
  fixture.clock.Advance(60 * kMinute);
  CHECK_FALSE(again.parts().pause.until());
  CHECK(fixture.Mail("c@example.org").verdict == Verdict::kDefer);
}

TEST_CASE("a pause is in force even when it cannot be written", "[engine]") {
  EngineFixture fixture;
  fixture.writer.Set(FailingWriter::Mode::kFails);
  CHECK_FALSE(fixture.engine.parts().pause.Begin(fixture.clock.Now() + Seconds(3600)));
  CHECK(fixture.engine.parts().pause.until().has_value());
  CHECK_FALSE(fixture.engine.parts().pause.End());
  CHECK_FALSE(fixture.engine.parts().pause.until().has_value());
}

TEST_CASE("a garbled pause is none, and that is logged", "[engine]") {
  EngineFixture fixture;
  fixture.store.Put(store::Table::kMeta, "paused-until", "soon");
  REQUIRE(fixture.engine.Load());
  CHECK_FALSE(fixture.engine.parts().pause.until());
  CHECK(fixture.log.Contains("the stored end of a pause is not a number: \"soon\""));
}

TEST_CASE("names are classed by what they say", "[engine]") {
  EngineFixture fixture;
  const auto [name, told, classed] = GENERATE(table<std::string, NameClass, NameClass>({
      {"mail.example.org", NameClass::kGood, NameClass::kGood},
      {"192-0-2-1.dsl.example.org", NameClass::kGood, NameClass::kDynamic},
      {"", NameClass::kGood, NameClass::kNone},
      {"", NameClass::kForged, NameClass::kForged},
      {"", NameClass::kTempfail, NameClass::kTempfail},
  }));
  SessionFacts facts;
  facts.client = IpAddress::V4(0xc0000201);
  facts.client_name = name;
  facts.name_class = told;
  fixture.engine.KnowClient(facts, TestConfig());
  CHECK(facts.name_class == classed);
}

}  // namespace
}  // namespace mxward
