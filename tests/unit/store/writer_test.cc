// SPDX-License-Identifier: Apache-2.0
#include "store/writer.h"

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "catch.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/memory_log.h"
#include "tests/fake/test_store.h"

namespace mxward::store {
namespace {

constexpr Millis kLong{60000};
const IpAddress kFlooder = IpAddress::V4(0xc6336464);

// An operation that keeps the writer's thread until it is let go.
class Blocker {
 public:
  Operation operation() {
    return [this](WriteTransaction&) -> Result<void> {
      entered_.set_value();
      release_.get_future().wait();
      return {};
    };
  }
  void WaitUntilInside() { entered_.get_future().wait(); }
  void Release() { release_.set_value(); }

 private:
  std::promise<void> entered_;
  std::promise<void> release_;
};

Operation PutKey(std::string key, std::string value = "x") {
  return [key = std::move(key), value = std::move(value)](WriteTransaction& transaction) {
    return transaction.Put(Table::kTuples, key, value);
  };
}

struct WriterFixture {
  TestStore store;
  MemoryLog log;
  FakeClock clock;
  ThreadedWriter writer{store.environment(), log, clock};

  // Keeps the thread busy, so that what is submitted next queues up.
  std::unique_ptr<Ticket> Block(Blocker& blocker) {
    auto ticket = writer.Submit(blocker.operation(), Priority::kHigh);
    blocker.WaitUntilInside();
    return ticket;
  }
  void WaitForCommits(std::uint64_t count) {
    while (writer.stats().commits < count) std::this_thread::yield();
  }
};

TEST_CASE("a ticket resolves when the commit is done, not before", "[store]") {
  WriterFixture fixture;
  Blocker blocker;
  auto blocked = fixture.Block(blocker);
  auto ticket = fixture.writer.Submit(PutKey("key"), Priority::kHigh);
  std::atomic<bool> resolved{false};
  std::string seen;
  std::thread waiter([&] {
    if (ticket->Wait(kLong)) seen = fixture.store.Get(Table::kTuples, "key");
    resolved = true;
  });
  CHECK(fixture.store.Get(Table::kTuples, "key").empty());
  CHECK_FALSE(resolved);
  blocker.Release();
  waiter.join();
  CHECK(seen == "x");
  CHECK(blocked->Wait(kLong));
}

TEST_CASE("a ticket can be asked without waiting, of a background operation, too", "[store]") {
  WriterFixture fixture;
  Blocker blocker;
  auto blocked = fixture.Block(blocker);
  auto good = fixture.writer.Submit(PutKey("key"), Priority::kLow);
  CHECK_FALSE(blocked->Peek());
  CHECK_FALSE(good->Peek());
  blocker.Release();
  REQUIRE(blocked->Wait(kLong));
  REQUIRE(blocked->Peek());
  CHECK(*blocked->Peek());
  REQUIRE(fixture.writer.Stop(kLong));
  REQUIRE(good->Peek());
  CHECK(*good->Peek());
  const auto late = fixture.writer.Submit(PutKey("late"), Priority::kLow)->Peek();
  REQUIRE(late);
  CHECK_FALSE(*late);
}

TEST_CASE("what was queued while a commit ran goes into the next one", "[store]") {
  WriterFixture fixture;
  Blocker blocker;
  auto blocked = fixture.Block(blocker);
  std::vector<std::unique_ptr<Ticket>> tickets;
  for (int i = 0; i < 100; ++i) {
    tickets.push_back(fixture.writer.Submit(PutKey("key" + std::to_string(i)), Priority::kHigh));
  }
  CHECK(fixture.writer.stats().queued == 100);
  blocker.Release();
  for (auto& ticket : tickets) CHECK(ticket->Wait(kLong));
  CHECK(fixture.writer.stats().commits == 2);
  CHECK(fixture.writer.stats().operations == 101);
  CHECK(fixture.store.Count(Table::kTuples) == 100);
}

TEST_CASE("what somebody waits for goes first, and a part of the rest rides along", "[store]") {
  WriterFixture fixture;
  Blocker blocker;
  auto blocked = fixture.Block(blocker);
  std::atomic<int> done{0};
  int place = -1;
  for (int i = 0; i < 100; ++i) {
    fixture.writer.Submit(
        [&](WriteTransaction&) -> Result<void> {
          ++done;
          return {};
        },
        Priority::kLow);
  }
  auto ticket = fixture.writer.Submit(
      [&](WriteTransaction&) -> Result<void> {
        place = done;
        return {};
      },
      Priority::kHigh);
  blocker.Release();
  REQUIRE(ticket->Wait(kLong));
  CHECK(place == 0);
  REQUIRE(fixture.writer.Stop(kLong));
  CHECK(done == 100);
  // The blocker; what was waited for, with a part of the rest; and the rest.
  CHECK(fixture.writer.stats().commits == 3);
}

TEST_CASE("nobody waits for a commit that has taken as long as he would wait", "[store]") {
  WriterFixture fixture;
  Blocker blocker;
  auto blocked = fixture.Block(blocker);
  auto first = fixture.writer.Submit(PutKey("first"), Priority::kHigh);
  const auto timed_out = first->Wait(Millis(1));
  REQUIRE_FALSE(timed_out);
  CHECK(timed_out.error().code == ErrorCode::kTimeout);
  CHECK(IsLoad(timed_out.error()));
  CHECK(fixture.writer.stats().waits_given_up == 1);

  // Would take an hour if it waited.
  fixture.clock.Advance(kLong / 3);
  auto second = fixture.writer.Submit(PutKey("second"), Priority::kHigh);
  CHECK_FALSE(second->Wait(kLong / 3));

  blocker.Release();
  fixture.WaitForCommits(2);
  CHECK(fixture.writer.Submit(PutKey("third"), Priority::kHigh)->Wait(kLong));
  for (const char* key : {"first", "second", "third"}) {
    CHECK(fixture.store.Get(Table::kTuples, key) == "x");
  }
}

TEST_CASE("a wait in vain is load until no commit has ended for thirty seconds", "[store]") {
  WriterFixture fixture;
  Blocker blocker;
  auto blocked = fixture.Block(blocker);
  auto ticket = fixture.writer.SubmitFor(kFlooder, PutKey("key"));
  fixture.clock.Advance(ThreadedWriter::kStuck - Millis(1));
  const auto load = ticket->Wait(Millis(1));
  REQUIRE_FALSE(load);
  CHECK(IsLoad(load.error()));
  fixture.clock.Advance(Millis(1));
  const auto stuck = ticket->Wait(Millis(1));
  REQUIRE_FALSE(stuck);
  CHECK(stuck.error().code == ErrorCode::kIo);
  CHECK(stuck.error().message == "the database has not ended a commit for 30 s");
  blocker.Release();
  CHECK(ticket->Wait(kLong));
}

TEST_CASE("a wait in vain after a failed commit is a failure", "[store]") {
  WriterFixture fixture;
  const auto fails = [](WriteTransaction&) -> Result<void> {
    return Fail(ErrorCode::kIo, "Input/output error");
  };
  CHECK_FALSE(fixture.writer.Submit(fails, Priority::kHigh)->Wait(kLong));
  Blocker blocker;
  auto blocked = fixture.Block(blocker);
  auto ticket = fixture.writer.SubmitFor(kFlooder, PutKey("key"));
  const auto failed = ticket->Wait(Millis(1));
  REQUIRE_FALSE(failed);
  CHECK_FALSE(IsLoad(failed.error()));
  blocker.Release();
  CHECK(ticket->Wait(kLong));
}

TEST_CASE("a full queue gives up the newest of who holds most, and answers him at once",
          "[store]") {
  WriterFixture fixture;
  Blocker blocker;
  auto blocked = fixture.Block(blocker);
  std::vector<std::unique_ptr<Ticket>> flood;
  auto neighbour = fixture.writer.SubmitFor(IpAddress::V4(0xc6336407), PutKey("neighbour"));
  for (std::size_t i = 0; i < 2 * ThreadedWriter::kMaxDeferrals; ++i) {
    flood.push_back(fixture.writer.SubmitFor(kFlooder, PutKey("flood" + std::to_string(i))));
  }
  auto other = fixture.writer.SubmitFor(IpAddress::V4(0xc0000201), PutKey("other"));
  CHECK(fixture.writer.stats().queued <= ThreadedWriter::kMaxDeferrals);
  const std::uint64_t dropped = fixture.writer.stats().deferrals_dropped;
  CHECK(dropped >= ThreadedWriter::kMaxDeferrals);
  CHECK_FALSE(neighbour->Peek());
  CHECK_FALSE(other->Peek());
  CHECK_FALSE(flood.front()->Peek());
  std::uint64_t answered = 0;
  for (const auto& ticket : flood) {
    const auto outcome = ticket->Peek();
    if (!outcome) continue;
    ++answered;
    CHECK(IsLoad(outcome->error()));
  }
  CHECK(answered == dropped);
  blocker.Release();
  CHECK(neighbour->Wait(kLong));
  CHECK(other->Wait(kLong));
}

TEST_CASE("deferrals keep nobody's order waiting, nor do orders keep deferrals waiting",
          "[store]") {
  WriterFixture fixture;
  // How many records there are when the last operation of a crowd of the other kind is done.
  std::uint64_t before = 0;
  const Operation look = [&before](WriteTransaction& transaction) -> Result<void> {
    const auto count = transaction.Count(Table::kTuples);
    if (!count) return Fail(count.error());
    before = *count;
    return {};
  };
  const bool deferrals_first = GENERATE(true, false);
  const auto submit = [&](bool deferral, Operation operation) {
    return deferral ? fixture.writer.SubmitFor(kFlooder, std::move(operation))
                    : fixture.writer.Submit(std::move(operation), Priority::kHigh);
  };
  Blocker blocker;
  auto blocked = fixture.Block(blocker);
  for (std::size_t i = 0; i < 1000; ++i) {
    submit(deferrals_first, PutKey("crowd" + std::to_string(i)));
  }
  auto ticket = submit(!deferrals_first, look);
  blocker.Release();
  REQUIRE(ticket->Wait(kLong));
  CHECK(before <= ThreadedWriter::kHighPerCommit);
}

TEST_CASE("background operations that change much are spread over commits, in their order",
          "[store]") {
  constexpr std::size_t kOperations = 10;
  constexpr std::size_t kChanges = ThreadedWriter::kBackgroundChanges / 2;
  WriterFixture fixture;
  Blocker blocker;
  auto blocked = fixture.Block(blocker);
  std::vector<std::size_t> order;
  std::vector<std::unique_ptr<Ticket>> tickets;
  for (std::size_t i = 0; i < kOperations; ++i) {
    tickets.push_back(fixture.writer.Submit(
        [i, &order](WriteTransaction& transaction) -> Result<void> {
          order.push_back(i);
          for (std::size_t change = 0; change < kChanges; ++change) {
            const std::string key = std::to_string(i) + "-" + std::to_string(change);
            if (auto put = transaction.Put(Table::kTuples, key, "x"); !put) return put;
          }
          return {};
        },
        Priority::kLow));
  }
  blocker.Release();
  REQUIRE(fixture.writer.Stop(kLong));
  for (auto& ticket : tickets) {
    REQUIRE(ticket->Peek());
    CHECK(*ticket->Peek());
  }
  CHECK(order == std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(fixture.writer.stats().commits == 1 + kOperations / 2);
  CHECK(fixture.writer.stats().operations == 1 + kOperations);
  CHECK(fixture.store.Count(Table::kTuples) == kOperations * kChanges);
}

TEST_CASE("a full queue refuses at once, for each priority by itself", "[store]") {
  WriterFixture fixture;
  Blocker blocker;
  auto blocked = fixture.Block(blocker);
  const auto [full, other] = GENERATE(table<Priority, Priority>(
      {{Priority::kHigh, Priority::kLow}, {Priority::kLow, Priority::kHigh}}));
  const Operation nothing = [](WriteTransaction&) -> Result<void> { return {}; };
  for (std::size_t i = 0; i < ThreadedWriter::kMaxQueued; ++i) {
    fixture.writer.Submit(nothing, full);
  }
  const auto refused = fixture.writer.Submit(nothing, full)->Wait(kLong);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kFull);
  fixture.writer.Submit(nothing, other);
  CHECK(fixture.writer.stats().queued == ThreadedWriter::kMaxQueued + 1);
  blocker.Release();
}

TEST_CASE("stopping commits what is queued and refuses the rest", "[store]") {
  WriterFixture fixture;
  Blocker blocker;
  auto blocked = fixture.Block(blocker);
  for (int i = 0; i < 300; ++i) {
    fixture.writer.Submit(PutKey("prompt" + std::to_string(i)), Priority::kHigh);
    fixture.writer.Submit(PutKey("background" + std::to_string(i)), Priority::kLow);
  }
  blocker.Release();
  CHECK(fixture.writer.Stop(kLong));
  CHECK(fixture.store.Count(Table::kTuples) == 600);
  CHECK_FALSE(fixture.writer.Submit(PutKey("late"), Priority::kHigh)->Wait(kLong));
  CHECK(fixture.writer.Stop(kLong));
}

TEST_CASE("a writer that does not end in time goes on, and is waited for before it goes",
          "[store]") {
  TestStore store;
  MemoryLog log;
  const RealClock clock;
  std::promise<void> open;
  std::thread opener;
  {
    ThreadedWriter writer(store.environment(), log, clock);
    writer.Submit(
        [gate = open.get_future().share()](WriteTransaction& transaction) {
          gate.wait();
          return transaction.Put(Table::kTuples, "slow", "");
        },
        Priority::kHigh);
    CHECK_FALSE(writer.Stop(Millis(1)));
    opener = std::thread([&] { open.set_value(); });
  }
  opener.join();
  CHECK(store.Count(Table::kTuples) == 1);
}

TEST_CASE("a failed commit is told to all that were in it, and once a minute to people",
          "[store]") {
  WriterFixture fixture;
  const Operation broken = [](WriteTransaction&) -> Result<void> {
    return Fail(ErrorCode::kIo, "the disk is on fire");
  };
  const auto fail_once = [&] {
    auto outcome = fixture.writer.Submit(broken, Priority::kHigh)->Wait(kLong);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().message == "the disk is on fire");
  };
  {
    Blocker blocker;
    auto blocked = fixture.Block(blocker);
    auto good = fixture.writer.Submit(PutKey("key"), Priority::kHigh);
    auto bad = fixture.writer.Submit(broken, Priority::kHigh);
    blocker.Release();
    CHECK_FALSE(good->Wait(kLong));
    CHECK_FALSE(bad->Wait(kLong));
  }
  CHECK(fixture.store.Count(Table::kTuples) == 0);
  fail_once();
  fail_once();
  CHECK(fixture.log.size() == 1);
  fixture.clock.Advance(std::chrono::seconds(61));
  // A commit ends a moment after its outcome is told: by this clock it would have taken a minute.
  while (fixture.writer.stats().busy > Millis(0)) std::this_thread::yield();
  fail_once();
  REQUIRE(fixture.log.size() == 2);
  CHECK(
      fixture.log.Contains("the disk is on fire; nothing new is greylisted until it works again"));
  CHECK(fixture.log.Contains("(2 more since the last message)"));
  CHECK(fixture.writer.stats().failed_commits == 4);
  CHECK(fixture.writer.Submit(PutKey("key"), Priority::kHigh)->Wait(kLong));
}

TEST_CASE("the age of the commit under way is known", "[store]") {
  WriterFixture fixture;
  CHECK(fixture.writer.stats().busy == Millis(0));
  Blocker blocker;
  auto blocked = fixture.Block(blocker);
  CHECK(fixture.writer.stats().busy == Millis(0));
  fixture.clock.Advance(Millis(12000));
  CHECK(fixture.writer.stats().busy == Millis(12000));
  blocker.Release();
  CHECK(blocked->Wait(kLong));
  // A moment later the thread is through with it.
  while (fixture.writer.stats().busy != Millis(0)) std::this_thread::yield();
}

TEST_CASE("a writer is failing until a commit succeeds", "[store]") {
  WriterFixture fixture;
  CHECK_FALSE(fixture.writer.stats().failing);
  const auto fails = [](WriteTransaction&) -> Result<void> {
    return Fail(ErrorCode::kIo, "Input/output error");
  };
  CHECK_FALSE(fixture.writer.Submit(fails, Priority::kHigh)->Wait(kLong));
  CHECK(fixture.writer.stats().failing);
  CHECK(fixture.writer.Submit(PutKey("key"), Priority::kHigh)->Wait(kLong));
  CHECK_FALSE(fixture.writer.stats().failing);
}

TEST_CASE("a ticket may be dropped before its commit", "[store]") {
  WriterFixture fixture;
  for (int i = 0; i < 100; ++i) {
    fixture.writer.Submit(PutKey("key" + std::to_string(i)), Priority::kHigh);
  }
  REQUIRE(fixture.writer.Stop(kLong));
  CHECK(fixture.store.Count(Table::kTuples) == 100);
}

TEST_CASE("in a full database the expiry that rides along still gets through", "[store]") {
  const TempDir dir;
  auto environment =
      Environment::Open({.path = dir.path(), .map_size = 512 << 10, .map_size_max = 512 << 10});
  REQUIRE(environment);
  MemoryLog log;
  FakeClock clock;
  ThreadedWriter writer(**environment, log, clock);
  int count = 0;
  const auto put_next = [&] {
    return writer.Submit(PutKey("key" + std::to_string(count), std::string(1000, 'x')),
                         Priority::kHigh);
  };
  while (put_next()->Wait(kLong)) ++count;
  REQUIRE(count > 50);

  Blocker blocker;
  writer.Submit(blocker.operation(), Priority::kHigh);
  blocker.WaitUntilInside();
  auto ticket = put_next();
  std::unique_ptr<Ticket> riding;
  for (int i = 0; i < 20; ++i) {
    riding = writer.Submit(
        [key = "key" + std::to_string(i)](WriteTransaction& transaction) -> Result<void> {
          if (auto gone = transaction.Delete(Table::kTuples, key); !gone) return Fail(gone.error());
          return {};
        },
        Priority::kLow);
  }
  blocker.Release();
  const auto outcome = ticket->Wait(kLong);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::kFull);
  CHECK(put_next()->Wait(kLong));
  REQUIRE(riding->Peek());
  CHECK(*riding->Peek());
}

TEST_CASE("many threads write and wait at once", "[store]") {
  WriterFixture fixture;
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const std::string key = std::to_string(t) + "-" + std::to_string(i);
        if (!fixture.writer.Submit(PutKey(key), Priority::kHigh)->Wait(kLong)) ++wrong;
        if (fixture.store.Get(Table::kTuples, key) != "x") ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(fixture.store.Count(Table::kTuples) == 400);
  CHECK(fixture.writer.stats().operations == 400);
}

}  // namespace
}  // namespace mxward::store
