// SPDX-License-Identifier: Apache-2.0
// The engine while the database is being checked.
#include <string>

#include "catch.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "store/environment.h"
#include "store/writer.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/memory_log.h"
#include "tests/fake/temp_dir.h"
#include "tests/fake/test_config.h"
#include "tests/fake/times.h"

namespace mxward {
namespace {

store::Environment::Options CheckedOptions(const TempDir& dir) {
  return {.path = dir.path(), .map_size = 4 << 20, .map_size_max = 16 << 20, .keep_copy = true};
}

struct CheckedEngine {
  CheckedEngine(FakeClock& clock, std::unique_ptr<store::Environment> opened)
      : environment(std::move(opened)), engine({clock, *environment, writer, log}, Shared(config)) {
    REQUIRE(engine.Load());
  }
  Answer Mail(const std::string& sender) {
    SessionFacts facts;
    facts.client = IpAddress::V4(0xc0000201);
    Session session(engine);
    session.Connect(facts);
    session.Mail({sender, "", ""});
    return session.Recipient("b@here.test", "");
  }

  std::unique_ptr<store::Environment> environment;
  store::InlineWriter writer{*environment};
  MemoryLog log;
  Config config = TestConfig();
  Engine engine;
};

entries::Entry BlockOf(const std::string& sender) {
  entries::Entry entry;
  entry.kind = entries::Kind::kSender;
  entry.action = entries::Action::kBlock;
  entry.key = sender;
  return entry;
}

TEST_CASE("while the database is checked blocks hold, nothing is deferred, and then all goes on",
          "[engine]") {
  const TempDir dir;
  FakeClock clock;
  {
    CheckedEngine before(clock, *store::Environment::Open(CheckedOptions(dir)));
    REQUIRE(before.engine.parts().entries.Put(BlockOf("bad@example.org")));
    REQUIRE(before.engine.parts().pause.Begin(clock.Now() + kMinute));
    CHECK(before.Mail("waits@example.org").verdict == Verdict::kAccept);
    REQUIRE(before.engine.parts().pause.End());
    CHECK(before.Mail("waits@example.org").verdict == Verdict::kDefer);
    REQUIRE(before.environment->Sync());
  }
  CheckedEngine checked(clock, *store::Environment::Prepare(CheckedOptions(dir)));
  CHECK(checked.Mail("bad@example.org").verdict == Verdict::kReject);
  CHECK(checked.Mail("waits@example.org").verdict == Verdict::kAccept);
  CHECK(checked.engine.counters().Decision(Verdict::kAccept, Reason::kFailure).value() == 1);
  // Where a record would be needed the administrator's word counts.
  checked.config.on_failure = OnFailure::kTempfail;
  checked.engine.SetConfig(Shared(checked.config));
  CHECK(checked.Mail("waits@example.org").verdict == Verdict::kDefer);
  checked.config.on_failure = OnFailure::kAccept;
  checked.engine.SetConfig(Shared(checked.config));
  const auto put = checked.engine.parts().entries.Put(BlockOf("late@example.org"));
  REQUIRE_FALSE(put);
  CHECK(put.error().code == ErrorCode::kUnavailable);

  REQUIRE(checked.environment->Begin());
  checked.environment->Admit();
  REQUIRE(checked.engine.Load());
  clock.Advance(6 * kMinute);
  CHECK(checked.Mail("bad@example.org").verdict == Verdict::kReject);
  CHECK(checked.Mail("waits@example.org").verdict == Verdict::kAccept);
  CHECK(checked.engine.counters().Decision(Verdict::kAccept, Reason::kGreylistPassed).value() == 1);
  CHECK(checked.Mail("new@example.org").verdict == Verdict::kDefer);
}

TEST_CASE("a pause in force is known while the database is checked", "[engine]") {
  const TempDir dir;
  FakeClock clock;
  {
    CheckedEngine before(clock, *store::Environment::Open(CheckedOptions(dir)));
    REQUIRE(before.engine.parts().pause.Begin(clock.Now() + kMinute));
    REQUIRE(before.environment->Sync());
  }
  CheckedEngine checked(clock, *store::Environment::Prepare(CheckedOptions(dir)));
  CHECK(checked.engine.parts().pause.until() == clock.Now() + kMinute);
  // Without a copy there is nothing to know, and no failure either.
  const TempDir other;
  CheckedEngine bare(clock, *store::Environment::Prepare(CheckedOptions(other)));
  CHECK(bare.Mail("new@example.org").verdict == Verdict::kAccept);
}

}  // namespace
}  // namespace mxward
