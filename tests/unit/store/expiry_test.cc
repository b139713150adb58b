// SPDX-License-Identifier: Apache-2.0
#include "store/expiry.h"

#include <string>

#include "base/bytes.h"
#include "catch.h"
#include "tests/fake/bad_disk.h"
#include "tests/fake/failing_writer.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/test_store.h"
#include "tests/fake/times.h"

namespace mxward::store {
namespace {

using Fate = ExpiryPass::Fate;
using Progress = ExpiryPass::Progress;
using Mode = FailingWriter::Mode;

std::string NumberKey(std::uint32_t number) {
  ByteWriter out;
  out.U32(number);
  return out.Take();
}

// Tables whose records are "old", "young", or "end", behind which nothing goes.
struct ExpiryFixture {
  TestStore store;
  FakeClock clock;
  FailingWriter writer{store.writer(), clock};
  int judged = 0;
  int judged_while_trusted = 0;
  int removals = 0;
  ExpiryPass pass{store.environment(), writer, {Rule(Table::kTuples), Rule(Table::kClients)}};

  ExpiryPass::Rule Rule(Table table) {
    return {table,
            [this](std::string_view /*key*/, std::string_view value, WallTime now, bool trusted) {
              CHECK(now == clock.Now());
              ++judged;
              if (trusted) ++judged_while_trusted;
              if (value == "end") return Fate::kLastOne;
              return trusted && value == "old" ? Fate::kGoes : Fate::kStays;
            },
            [this, table](std::vector<std::string> keys, WallTime /*now*/) -> Operation {
              ++removals;
              CHECK(keys.size() <= ExpiryPass::kDeletions);
              return [keys = std::move(keys), table](WriteTransaction& write) -> Result<void> {
                for (const std::string& key : keys) {
                  const auto value = write.Get(table, key);
                  if (!value) return Fail(value.error());
                  if (*value != "old") continue;
                  if (auto gone = write.Delete(table, key); !gone) return Fail(gone.error());
                }
                return {};
              };
            }};
  }
  void Fill(Table table, std::uint32_t first, std::uint32_t count, const std::string& value) {
    store.Do([=](WriteTransaction& write) -> Result<void> {
      for (std::uint32_t i = 0; i < count; ++i) {
        if (auto put = write.Put(table, NumberKey(first + i), value); !put) return put;
      }
      return {};
    });
  }
  Progress Step() { return pass.Step(clock.Now(), clock.Monotonic()); }
  int Walk() {
    int steps = 1;
    while (Step() == Progress::kMore) ++steps;
    return steps;
  }
  void Trust() {
    Walk();
    clock.Advance(10 * kMinute);
    judged = 0;
  }
};

TEST_CASE("a pass walks through its tables and removes what is to go", "[store]") {
  ExpiryFixture fixture;
  fixture.Trust();
  fixture.Fill(Table::kTuples, 0, 3, "old");
  fixture.Fill(Table::kTuples, 3, 2, "young");
  fixture.Fill(Table::kClients, 0, 1, "old");
  fixture.Fill(Table::kEntries, 0, 1, "old");
  CHECK(fixture.pass.at_start());
  CHECK(fixture.Step() == Progress::kMore);
  CHECK_FALSE(fixture.pass.at_start());
  CHECK(fixture.Step() == Progress::kDone);
  CHECK(fixture.pass.at_start());
  CHECK(fixture.judged == 6);
  CHECK(fixture.store.Count(Table::kTuples) == 2);
  CHECK(fixture.store.Count(Table::kClients) == 0);
  CHECK(fixture.store.Count(Table::kEntries) == 1);
}

TEST_CASE("records are shown while the clock is not trusted, but as such", "[store]") {
  ExpiryFixture fixture;
  fixture.Fill(Table::kTuples, 0, 3, "old");
  fixture.Walk();
  fixture.clock.Advance(10 * kMinute - kSecond);
  fixture.Walk();
  CHECK(fixture.judged == 6);
  CHECK(fixture.judged_while_trusted == 0);
  CHECK(fixture.store.Count(Table::kTuples) == 3);
  fixture.clock.Advance(kSecond);
  fixture.Walk();
  CHECK(fixture.store.Count(Table::kTuples) == 0);
  fixture.Fill(Table::kTuples, 0, 3, "old");
  fixture.clock.StepWall(kDay);
  fixture.Walk();
  CHECK(fixture.store.Count(Table::kTuples) == 3);
}

TEST_CASE("a slice ends after so many records, or so many that go", "[store]") {
  ExpiryFixture fixture;
  fixture.Trust();
  fixture.Fill(Table::kTuples, 0, 150, "old");
  fixture.Fill(Table::kTuples, 150, 1500, "young");
  CHECK(fixture.Step() == Progress::kMore);
  CHECK(fixture.judged == static_cast<int>(ExpiryPass::kDeletions));
  CHECK(fixture.store.Count(Table::kTuples) == 1550);
  CHECK(fixture.Step() == Progress::kMore);
  CHECK(fixture.judged == static_cast<int>(ExpiryPass::kDeletions + ExpiryPass::kSlice));
  CHECK(fixture.store.Count(Table::kTuples) == 1500);
  CHECK(fixture.Walk() == 2);
  CHECK(fixture.judged == 1650);
  CHECK(fixture.removals == 2);
}

TEST_CASE("behind the last one that matters nothing is looked at", "[store]") {
  ExpiryFixture fixture;
  fixture.Trust();
  fixture.Fill(Table::kTuples, 0, 2, "old");
  fixture.Fill(Table::kTuples, 2, 1, "end");
  fixture.Fill(Table::kTuples, 3, 2000, "old");
  CHECK(fixture.Walk() == 2);
  CHECK(fixture.judged == 3);
  CHECK(fixture.store.Count(Table::kTuples) == 2001);
}

TEST_CASE("what changed before it was removed is judged again", "[store]") {
  ExpiryFixture fixture;
  fixture.Trust();
  fixture.Fill(Table::kTuples, 0, 2, "old");
  fixture.writer.Set(Mode::kHangs);
  fixture.Walk();
  fixture.Fill(Table::kTuples, 0, 1, "young");
  fixture.writer.Set(Mode::kWorks);
  CHECK(fixture.store.Count(Table::kTuples) == 1);
}

TEST_CASE("a removal that failed is tried again by the next pass", "[store]") {
  ExpiryFixture fixture;
  fixture.Trust();
  fixture.Fill(Table::kTuples, 0, 2, "old");
  fixture.writer.Set(Mode::kFails);
  fixture.Walk();
  CHECK(fixture.store.Count(Table::kTuples) == 2);
  fixture.writer.Set(Mode::kWorks);
  fixture.Walk();
  CHECK(fixture.store.Count(Table::kTuples) == 0);
}

TEST_CASE("a pass that cannot read says so and starts over", "[store]") {
  ExpiryFixture fixture;
  fixture.Trust();
  fixture.Fill(Table::kTuples, 0, 2500, "young");
  CHECK(fixture.Step() == Progress::kMore);
  {
    const BadDisk bad(Disk::kNoMeta);
    CHECK_FALSE(fixture.store.environment().Write(
        [](WriteTransaction& write) { return write.Put(Table::kTuples, "k", "v"); }));
    CHECK(fixture.Step() == Progress::kFailed);
    CHECK(fixture.pass.at_start());
  }
  fixture.Fill(Table::kTuples, 2500, 1, "young");
  CHECK(fixture.Walk() == 4);
}

TEST_CASE("passes take turns, a slice at a time, and rest after a round", "[store]") {
  FakeClock clock;
  std::string order;
  const auto pass = [&order](char name, int steps) {
    return [&order, name, steps, done = 0](WallTime, MonoTime) mutable {
      order += name;
      done = (done + 1) % steps;
      return done == 0;
    };
  };
  ExpiryRound round({pass('a', 2), pass('b', 1), pass('c', 3)}, 5 * kMinute);
  const auto step = [&] { return round.TakeStep(clock.Now(), clock.Monotonic()); };
  for (int i = 0; i < 5; ++i) CHECK_FALSE(step());
  CHECK(step());
  CHECK(order == "aabccc");
  clock.Advance(5 * kMinute - kSecond);
  CHECK_FALSE(step());
  CHECK(order == "aabccc");
  clock.Advance(kSecond);
  CHECK_FALSE(step());
  CHECK(order == "aabccca");
}

}  // namespace
}  // namespace mxward::store
