// SPDX-License-Identifier: Apache-2.0
#include "greylist/sweep.h"

#include <string>

#include "catch.h"
#include "greylist/table.h"
#include "tests/fake/bad_disk.h"
#include "tests/fake/failing_writer.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/test_config.h"
#include "tests/fake/test_store.h"
#include "tests/fake/times.h"

namespace mxward::greylist {
namespace {

using store::Table;

TEST_CASE("the clock is trusted after ten minutes in step", "[greylist]") {
  FakeClock clock;
  ClockGuard guard;
  CHECK_FALSE(guard.InStep(clock.Now(), clock.Monotonic()));
  clock.Advance(10 * kMinute - kSecond);
  CHECK_FALSE(guard.InStep(clock.Now(), clock.Monotonic()));
  clock.Advance(kSecond);
  CHECK(guard.InStep(clock.Now(), clock.Monotonic()));
}

TEST_CASE("a step of the wall clock, either way, costs its trust for ten minutes", "[greylist]") {
  const int direction = GENERATE(-1, 1);
  FakeClock clock;
  ClockGuard guard;
  guard.InStep(clock.Now(), clock.Monotonic());
  clock.Advance(11 * kMinute);
  REQUIRE(guard.InStep(clock.Now(), clock.Monotonic()));
  clock.StepWall(direction * kMinute);
  CHECK_FALSE(guard.InStep(clock.Now(), clock.Monotonic()));
  clock.Advance(9 * kMinute);
  CHECK_FALSE(guard.InStep(clock.Now(), clock.Monotonic()));
  clock.Advance(kMinute);
  CHECK(guard.InStep(clock.Now(), clock.Monotonic()));
}

TEST_CASE("a clock that is slewed stays trusted", "[greylist]") {
  FakeClock clock;
  ClockGuard guard;
  guard.InStep(clock.Now(), clock.Monotonic());
  clock.Advance(10 * kMinute);
  for (int i = 0; i < 100; ++i) {
    clock.Advance(kMinute);
    clock.StepWall(Millis(30));
    CHECK(guard.InStep(clock.Now(), clock.Monotonic()));
  }
}

TEST_CASE("time that passes in one leap is no step", "[greylist]") {
  FakeClock clock;
  ClockGuard guard;
  guard.InStep(clock.Now(), clock.Monotonic());
  clock.Advance(100 * kDay);
  CHECK(guard.InStep(clock.Now(), clock.Monotonic()));
}

struct SweepFixture {
  TestStore store;
  FakeClock clock;
  FailingWriter writer{store.writer(), clock};
  PendingCounts pending;
  Sweep sweep{store.environment(), writer, pending};
  std::shared_ptr<const Config> config = Shared(TestConfig());

  SweepFixture() {
    Walk();  // the clock is trusted ten minutes later
    clock.Advance(10 * kMinute);
  }
  bool Step() { return sweep.Step(config, clock.Now(), clock.Monotonic()); }
  int Walk() {
    int steps = 1;
    while (!Step()) ++steps;
    return steps;
  }
  void Put(std::uint64_t number, State state, WallTime time) {
    TupleRecord record;
    record.state = state;
    record.first_seen = record.last_seen = time;
    record.client_tag = static_cast<std::uint32_t>(number % 7);
    store.Put(Table::kTuples, TupleKey{number, 0}.Encode(), record.Encode());
  }
  void PutAutoAllow(std::uint64_t number, WallTime time) {
    AutoAllowRecord record;
    record.last_used = record.counted_at = time;
    store.Put(Table::kEarned, AutoAllowKey(number), record.Encode());
  }
};

TEST_CASE("a walk removes what is over and counts what stays", "[greylist]") {
  SweepFixture fixture;
  const WallTime now = fixture.clock.Now();
  fixture.Put(1, State::kPending, now);
  fixture.Put(2, State::kPending, now - Seconds(4 * 86400));
  fixture.Put(3, State::kPassed, now);
  fixture.Put(4, State::kPassed, now - Seconds(40 * 86400));
  fixture.Put(5, State::kForgotten, now);
  fixture.Put(6, State::kForgotten, now - Seconds(40 * 86400));
  fixture.PutAutoAllow(1, now);
  fixture.PutAutoAllow(2, now - Seconds(100 * 86400));
  fixture.Walk();
  CHECK(fixture.store.Count(Table::kTuples) == 3);
  CHECK(fixture.store.Count(Table::kEarned) == 1);
  const Sweep::Totals& totals = fixture.sweep.totals();
  CHECK(totals.pending == 1);
  CHECK(totals.passed == 1);
  CHECK(totals.earned == 1);
  CHECK(totals.expired == 3);
  CHECK(totals.never_came_back == 1);
  CHECK(totals.sweeps == 2);
}

TEST_CASE("nothing is removed while the clock is not trusted, but all is counted", "[greylist]") {
  SweepFixture fixture;
  fixture.Put(1, State::kPending, fixture.clock.Now());
  fixture.Put(2, State::kPassed, fixture.clock.Now());
  fixture.clock.StepWall(400 * kDay);
  fixture.Walk();
  CHECK(fixture.store.Count(Table::kTuples) == 2);
  CHECK(fixture.sweep.totals().pending == 1);
  CHECK(fixture.sweep.totals().passed == 1);
  fixture.clock.Advance(10 * kMinute);
  fixture.Walk();
  CHECK(fixture.store.Count(Table::kTuples) == 0);
}

TEST_CASE("records from the future are set to now, and so expire one day", "[greylist]") {
  SweepFixture fixture;
  const WallTime future = fixture.clock.Now() + Seconds(10000 * 86400);
  fixture.Put(1, State::kPending, future);
  fixture.Put(2, State::kPassed, future);
  fixture.Put(3, State::kForgotten, future);
  fixture.PutAutoAllow(1, future);
  fixture.Walk();
  CHECK(fixture.store.Count(Table::kTuples) == 3);
  fixture.clock.Advance(61 * kDay);
  fixture.Walk();
  CHECK(fixture.store.Count(Table::kTuples) == 0);
  CHECK(fixture.store.Count(Table::kEarned) == 0);
}

TEST_CASE("garbage is removed", "[greylist]") {
  SweepFixture fixture;
  fixture.store.Put(Table::kTuples, "k", "garbage");
  fixture.store.Put(Table::kEarned, "k", "garbage");
  fixture.Walk();
  CHECK(fixture.store.Count(Table::kTuples) == 0);
  CHECK(fixture.store.Count(Table::kEarned) == 0);
}

TEST_CASE("a walk goes in slices, by records read and by deletions", "[greylist]") {
  SweepFixture fixture;
  const WallTime now = fixture.clock.Now();
  fixture.store.Do([&](store::WriteTransaction& transaction) -> Result<void> {
    TupleRecord record;
    for (std::uint64_t i = 0; i < 2500; ++i) {
      record.state = State::kPassed;
      record.last_seen = i < 250 ? now - Seconds(50 * 86400) : now;
      auto put = transaction.Put(Table::kTuples, TupleKey{i, 0}.Encode(), record.Encode());
      if (!put) return put;
    }
    return {};
  });
  CHECK_FALSE(fixture.Step());
  CHECK(fixture.store.Count(Table::kTuples) == 2500 - store::ExpiryPass::kDeletions);
  CHECK_FALSE(fixture.Step());
  CHECK(fixture.store.Count(Table::kTuples) == 2500 - 2 * store::ExpiryPass::kDeletions);
  // 50 more to remove, then 950 and 1000 and 300 of those that stay; the folded and the earned
  // ones.
  CHECK(fixture.Walk() == 5);
  CHECK(fixture.store.Count(Table::kTuples) == 2250);
  CHECK(fixture.sweep.totals().passed == 2250);
}

TEST_CASE("a walk brings the pending counts up to date", "[greylist]") {
  SweepFixture fixture;
  for (std::uint64_t i = 0; i < 70; ++i) {
    fixture.Put(i, i % 2 == 0 ? State::kPending : State::kPassed, fixture.clock.Now());
  }
  for (int i = 0; i < 100; ++i) fixture.pending.Add({Holder{0, 0, 3}, 2});
  fixture.Walk();
  CHECK(fixture.pending.Get(3) == 5);
  CHECK(fixture.pending.Room() == 35 * PendingCounts::RoomOf(24));
}

TEST_CASE("where room is short, what can pass no more goes at once", "[greylist]") {
  SweepFixture fixture;
  const WallTime over = fixture.clock.Now() - fixture.config->greylist.retry_window - Seconds(1);
  fixture.Put(1, State::kPending, over);
  fixture.Put(2, State::kPending, fixture.clock.Now());
  fixture.Put(3, State::kPassed, over);
  fixture.Walk();
  CHECK(fixture.store.Count(Table::kTuples) == 3);
  while (!fixture.sweep.Step(fixture.config, fixture.clock.Now(), fixture.clock.Monotonic(),
                             Seconds(0))) {
  }
  CHECK(fixture.store.Count(Table::kTuples) == 2);
}

TEST_CASE("a record that stood for many once is removed", "[greylist]") {
  SweepFixture fixture;
  TupleRecord record;
  record.folded = true;
  record.first_seen = record.last_seen = fixture.clock.Now();
  record.client_tag = 3;
  fixture.store.Put(Table::kTuples, TupleKey{1, 0}.Encode(), record.Encode());
  fixture.Walk();
  CHECK(fixture.pending.Get(3) == 0);
  CHECK(fixture.store.Count(Table::kTuples) == 0);
}

TEST_CASE("folded tuples are counted, and their blocks removed when they are over", "[greylist]") {
  SweepFixture fixture;
  FoldedBlock block;
  block.tuples = {{1, fixture.clock.Now()}, {2, fixture.clock.Now() - Seconds(50 * 86400)}};
  fixture.store.Put(Table::kFolded, FoldedKey{1, 0}.Encode(), block.Encode());
  block.tuples.erase(block.tuples.begin());
  fixture.store.Put(Table::kFolded, FoldedKey{2, 0}.Encode(), block.Encode());
  fixture.store.Put(Table::kFolded, FoldedKey{3, 0}.Encode(), "garbage");
  fixture.Walk();
  CHECK(fixture.store.Count(Table::kFolded) == 1);
  CHECK(fixture.sweep.totals().folded == 2);
}

TEST_CASE("blocks of folded tuples are recounted for their networks, without addresses as well",
          "[greylist]") {
  SweepFixture fixture;
  FoldedBlock block;
  block.SetHolder({3, 4, 0});
  block.tuples = {{1, fixture.clock.Now()}, {2, fixture.clock.Now()}};
  fixture.store.Put(Table::kFolded, FoldedKey{0x0000000500000000, 0}.Encode(), block.Encode());
  fixture.Walk();
  CHECK(fixture.pending.RoomOfWide(3) == PendingCounts::RoomOf(block.Encode().size()));
  CHECK(fixture.pending.RoomOfNetwork({3, 4, 0}) == fixture.pending.RoomOfWide(3));
  CHECK(fixture.pending.Get(5) == 0);
  CHECK(fixture.pending.All(5) == 2);
}

TEST_CASE("a walk that cannot read keeps what the last one counted", "[greylist]") {
  SweepFixture fixture;
  for (std::uint64_t i = 0; i < 7; ++i) fixture.Put(i, State::kPending, fixture.clock.Now());
  fixture.Walk();
  {
    const BadDisk bad(Disk::kNoMeta);
    CHECK_FALSE(fixture.store.environment().Write([](store::WriteTransaction& transaction) {
      return transaction.Put(Table::kTuples, "k", "v");
    }));
    CHECK(fixture.Walk() == 1);
    CHECK(fixture.sweep.totals().pending == 7);
    CHECK(fixture.pending.Get(3) == 1);
  }
  fixture.Put(8, State::kPending, fixture.clock.Now());
  fixture.Walk();
  CHECK(fixture.sweep.totals().pending == 8);
}

TEST_CASE("a deletion that fails is tried again on the next walk", "[greylist]") {
  SweepFixture fixture;
  fixture.Put(1, State::kPassed, fixture.clock.Now() - Seconds(50 * 86400));
  fixture.writer.Set(FailingWriter::Mode::kFails);
  fixture.Walk();
  CHECK(fixture.store.Count(Table::kTuples) == 1);
  fixture.writer.Set(FailingWriter::Mode::kWorks);
  fixture.Walk();
  CHECK(fixture.store.Count(Table::kTuples) == 0);
}

TEST_CASE("what never came back is told of in the commit that removes it", "[greylist]") {
  SweepFixture fixture;
  std::vector<TupleRecord> told;
  bool fails = false;
  Sweep sweep(fixture.store.environment(), fixture.writer, fixture.pending,
              [&](store::WriteTransaction& transaction,
                  const std::vector<TupleRecord>& lost) -> Result<void> {
                if (fails) return Fail(ErrorCode::kIo, "no");
                told.insert(told.end(), lost.begin(), lost.end());
                return transaction.Put(Table::kMeta, "told", std::to_string(lost.size()));
              });
  const auto walk = [&] {
    while (!sweep.Step(fixture.config, fixture.clock.Now(), fixture.clock.Monotonic())) {
    }
  };
  walk();
  fixture.clock.Advance(10 * kMinute);
  const WallTime old = fixture.clock.Now() - Seconds(50 * 86400);
  fixture.Put(1, State::kPending, old);
  fixture.Put(2, State::kPassed, old);
  fixture.Put(3, State::kForgotten, old);
  fixture.Put(4, State::kPending, fixture.clock.Now());
  TupleRecord observed;
  observed.observed = true;
  observed.first_seen = observed.last_seen = old;
  TupleRecord folded;
  folded.folded = true;
  folded.first_seen = folded.last_seen = old;
  fixture.store.Put(Table::kTuples, TupleKey{5, 0}.Encode(), observed.Encode());
  fixture.store.Put(Table::kTuples, TupleKey{6, 0}.Encode(), folded.Encode());
  fails = true;
  walk();
  CHECK(fixture.store.Count(Table::kTuples) == 6);
  fails = false;
  walk();
  CHECK(fixture.store.Count(Table::kTuples) == 1);
  CHECK(fixture.store.Get(Table::kMeta, "told") == "1");
  REQUIRE(told.size() == 1);
  CHECK(told.front().client_tag == 1);
}

}  // namespace
}  // namespace mxward::greylist
