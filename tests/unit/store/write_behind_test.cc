// SPDX-License-Identifier: Apache-2.0
#include "store/write_behind.h"

#include <deque>
#include <map>
#include <random>
#include <string>
#include <unordered_map>

#include "catch.h"
#include "tests/fake/failing_writer.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/test_store.h"
#include "tests/fake/times.h"

namespace mxward::store {
namespace {

using Mode = FailingWriter::Mode;
constexpr Table kCountsTable = Table::kOutcomes;

// Numbers below 1000 have an overflow, 0.
struct SumTraits {
  static void Add(int /*key*/, int& earlier, const int& later) { earlier += later; }
  static std::optional<int> Overflow(int key) {
    return key < 1000 ? std::optional(0) : std::nullopt;
  }
};
using Sums = WriteBehind<std::map<int, int>, SumTraits>;

std::string SumKey(int key) { return "k" + std::to_string(key); }

// Adds to what is stored, as decimal numbers.
Sums::Write WriteSums() {
  return [](WriteTransaction& transaction, const Sums::Items& items) -> Result<void> {
    for (const auto* item : items) {
      const auto stored = transaction.Get(kCountsTable, SumKey(item->first));
      if (!stored) return Fail(stored.error());
      const int sum = (*stored ? std::stoi(std::string(**stored)) : 0) + item->second;
      auto put = transaction.Put(kCountsTable, SumKey(item->first), std::to_string(sum));
      if (!put) return put;
    }
    return {};
  };
}

Operation DeleteSum(int key) {
  return [key](WriteTransaction& transaction) -> Result<void> {
    if (auto gone = transaction.Delete(kCountsTable, SumKey(key)); !gone) {
      return Fail(gone.error());
    }
    return {};
  };
}

int StoredSum(TestStore& store, int key) {
  const std::string text = store.Get(kCountsTable, SumKey(key));
  return text.empty() ? 0 : std::stoi(text);
}

struct SumsFixture {
  TestStore store;
  FakeClock clock;
  FailingWriter writer{store.writer(), clock};
  Sums sums{writer,
            {.every = 10 * kSecond, .per_operation = 3, .most_waiting = 8, .hand_over = 6},
            clock.Monotonic()};

  bool Add(int key, int count = 1) {
    return sums.Update(key, [count](int& sum, bool) { sum += count; });
  }
  std::uint64_t Flush(bool all = false) { return sums.Flush(clock.Monotonic(), all, WriteSums); }
  int Unwritten(int key) { return sums.Find(key).value_or(0); }
  int Stored(int key) { return StoredSum(store, key); }
};

TEST_CASE("a lot is due after its time, or when much waits", "[store]") {
  SumsFixture fixture;
  fixture.Add(1);
  fixture.clock.Advance(9 * kSecond);
  fixture.Flush();
  CHECK(fixture.Stored(1) == 0);
  fixture.clock.Advance(kSecond);
  fixture.Flush();
  CHECK(fixture.Stored(1) == 1);
  for (int key = 1; key <= 5; ++key) fixture.Add(key);
  fixture.Flush();
  CHECK(fixture.Stored(1) == 1);
  fixture.Add(6);
  fixture.Flush();
  CHECK(fixture.Stored(1) == 2);
  CHECK(fixture.Stored(6) == 1);
}

TEST_CASE("a lot that failed is tried again after its time, however much waits", "[store]") {
  SumsFixture fixture;
  for (int key = 1; key <= 6; ++key) fixture.Add(key);
  fixture.writer.Set(Mode::kFails);
  fixture.Flush();
  fixture.writer.Set(Mode::kWorks);
  fixture.Flush();
  CHECK(fixture.Stored(1) == 0);
  CHECK(fixture.Unwritten(1) == 1);
  fixture.clock.Advance(10 * kSecond);
  fixture.Flush();
  CHECK(fixture.Stored(1) == 1);
  CHECK(fixture.Unwritten(1) == 0);
}

TEST_CASE("the writer has one lot at a time, unless all is flushed", "[store]") {
  SumsFixture fixture;
  fixture.writer.Set(Mode::kHangs);
  fixture.Add(1);
  fixture.Flush(/*all=*/true);
  CHECK_FALSE(fixture.sums.IsIdle());
  fixture.Add(2);
  fixture.clock.Advance(60 * kSecond);
  fixture.Flush();
  fixture.Add(3);
  fixture.writer.Set(Mode::kWorks);
  CHECK(fixture.Stored(1) == 1);
  CHECK(fixture.Stored(2) == 0);
  CHECK_FALSE(fixture.sums.IsIdle());
  fixture.Flush();
  CHECK(fixture.Stored(2) == 1);
  CHECK(fixture.Stored(3) == 1);
  CHECK(fixture.sums.IsIdle());
}

TEST_CASE("beyond the room counts go to the overflow, or are lost", "[store]") {
  SumsFixture fixture;
  for (int key = 1; key <= 8; ++key) CHECK(fixture.Add(key));
  CHECK(fixture.Add(9));
  CHECK(fixture.Unwritten(9) == 0);
  CHECK(fixture.Unwritten(0) == 1);
  CHECK_FALSE(fixture.Add(1000));
  CHECK(fixture.Add(8));
  CHECK(fixture.sums.Unwritten() ==
        std::map<int, int>{{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}, {7, 1}, {8, 2}});
}

TEST_CASE("what comes back and finds no room is counted as lost, or as overflow", "[store]") {
  SumsFixture fixture;
  fixture.Add(1000);
  fixture.Add(1, 5);
  fixture.writer.Set(Mode::kFails);
  fixture.Flush(/*all=*/true);
  for (int key = 11; key <= 18; ++key) fixture.Add(key);
  CHECK(fixture.Flush() == 1);
  CHECK(fixture.Unwritten(1000) == 0);
  CHECK(fixture.Unwritten(1) == 0);
  CHECK(fixture.Unwritten(0) == 5);
}

// A writer that does what a test says, an operation at a time: those that are not in the background
// first, as ThreadedWriter does.
class SteppedWriter : public Writer {
 public:
  explicit SteppedWriter(TestStore& store) : store_(store) {}

  std::unique_ptr<Ticket> Submit(Operation operation, Priority priority) override {
    auto outcome = std::make_shared<Outcome>();
    (priority == Priority::kHigh ? high_ : low_).push_back({std::move(operation), outcome});
    return std::make_unique<OutcomeTicket>(std::move(outcome));
  }
  bool idle() const { return high_.empty() && low_.empty(); }
  // `fails`: the operation runs, and then its commit fails.
  void Step(bool fails) {
    auto& queue = high_.empty() ? low_ : high_;
    if (queue.empty()) return;
    const Queued one = std::move(queue.front());
    queue.pop_front();
    *one.outcome = store_.environment().Write([&](WriteTransaction& write) -> Result<void> {
      if (auto done = one.operation(write); !done) return done;
      if (fails) return Fail(ErrorCode::kIo, "the commit failed");
      return {};
    });
  }

 private:
  using Outcome = std::optional<Result<void>>;
  struct Queued {
    Operation operation;
    std::shared_ptr<Outcome> outcome;
  };
  class OutcomeTicket : public Ticket {
   public:
    explicit OutcomeTicket(std::shared_ptr<Outcome> outcome) : outcome_(std::move(outcome)) {}
    Result<void> Wait(Millis) override { return outcome_->value(); }
    Outcome Peek() const override { return *outcome_; }

   private:
    std::shared_ptr<Outcome> outcome_;
  };

  TestStore& store_;
  std::deque<Queued> high_;
  std::deque<Queued> low_;
};

TEST_CASE("whatever happens in whatever order, nothing is lost and nothing counts twice",
          "[store]") {
  constexpr int kKeys = 7;
  const unsigned seed = GENERATE(range(0U, 20U));
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto below = [&random](unsigned end) { return static_cast<int>(random() % end); };
  TestStore store;
  FakeClock clock;
  SteppedWriter writer(store);
  Sums sums(writer, {.every = 10 * kSecond, .per_operation = 2, .hand_over = 5}, clock.Monotonic());
  std::map<int, int> expected;
  const auto check = [&](int step) {
    CAPTURE(step);
    const auto unwritten = sums.Unwritten();
    for (int key = 0; key < kKeys; ++key) {
      CAPTURE(key);
      const auto at = unwritten.find(key);
      CHECK(sums.Find(key).value_or(0) == (at == unwritten.end() ? 0 : at->second));
      CHECK(StoredSum(store, key) + sums.Find(key).value_or(0) == expected[key]);
    }
  };
  for (int step = 0; step < 150; ++step) {
    switch (below(8)) {
      case 0:
      case 1:
      case 2: {
        const int key = below(kKeys);
        const int count = 1 + below(9);
        expected[key] += count;
        CHECK(sums.Update(key, [count](int& sum, bool) { sum += count; }));
        break;
      }
      case 3:
        CHECK(sums.Flush(clock.Monotonic(), /*all=*/below(3) == 0, WriteSums) == 0);
        break;
      case 4:
      case 5:
        writer.Step(/*fails=*/below(2) == 0);
        break;
      case 6:
        clock.Advance(7 * kSecond);
        break;
      case 7: {
        // The deletion is committed before it counts, as for those who wait for it.
        const int key = below(kKeys);
        if (below(2) == 0) {
          sums.Forget(key);
        } else {
          sums.ForgetIf([key](int each) { return each == key; });
        }
        const auto gone = writer.Submit(DeleteSum(key), Priority::kHigh);
        while (!gone->Peek()) writer.Step(/*fails=*/false);
        expected[key] = 0;
        break;
      }
    }
    check(step);
  }
  while (!sums.IsIdle()) {
    sums.Flush(clock.Monotonic(), /*all=*/true, WriteSums);
    while (!writer.idle()) writer.Step(/*fails=*/below(4) == 0);
  }
  check(-1);
  for (int key = 0; key < kKeys; ++key) CHECK(StoredSum(store, key) == expected[key]);
}

}  // namespace
}  // namespace mxward::store
