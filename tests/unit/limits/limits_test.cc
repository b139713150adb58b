// SPDX-License-Identifier: Apache-2.0
#include "limits/limits.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <vector>

#include "tests/unit/catch.h"
#include "tests/unit/limits/some_limits.h"

namespace mxward::limits {
namespace {

const LimitConfig kRate = SomeLimit(LimitCount::kConnections, LimitPer::kClient, 3, Seconds(60));
const LimitConfig kOpen = SomeLimit(LimitCount::kConcurrent, LimitPer::kClient, 2, Seconds(0));

TEST_CASE_METHOD(LimitsFixture, "a limit is over when its burst is used up", "[limits]") {
  const Subject subject = From("192.0.2.1");
  for (int used = 0; used < 3; ++used) {
    const State state = limits.Take(kRate, subject);
    CHECK_FALSE(state.over);
    CHECK(state.used == used);
    CHECK(state.wait == Millis(0));
  }
  const State state = limits.Take(kRate, subject);
  CHECK(state.limit == "some limit");
  CHECK(state.key == "192.0.2.1");
  CHECK(state.over);
  CHECK(state.used == 3);
  CHECK(state.wait == Seconds(20));
  clock.Advance(Seconds(20));
  CHECK_FALSE(limits.Take(kRate, subject).over);
  CHECK(limits.Take(kRate, subject).over);
}

TEST_CASE_METHOD(LimitsFixture, "looking has no effect", "[limits]") {
  for (int i = 0; i < 10; ++i) CHECK(limits.Look(kRate, From("192.0.2.1")).used == 0);
  limits.Take(kRate, From("192.0.2.1"));
  for (int i = 0; i < 10; ++i) CHECK(limits.Look(kRate, From("192.0.2.1")).used == 1);
  CHECK(limits.stats().counters == 1);
}

TEST_CASE_METHOD(LimitsFixture, "each key and each limit counts for itself", "[limits]") {
  for (int i = 0; i < 4; ++i) limits.Take(kRate, From("192.0.2.1"));
  CHECK(limits.Look(kRate, From("192.0.2.1")).over);
  CHECK(limits.Look(kRate, From("192.0.2.2")).used == 0);
  LimitConfig other = kRate;
  other.name = "another";
  CHECK(limits.Look(other, From("192.0.2.1")).used == 0);
}

TEST_CASE_METHOD(LimitsFixture, "one that is given back may be taken again", "[limits]") {
  const Subject subject = From("192.0.2.1");
  limits.GiveBack(kRate, subject);
  for (int i = 0; i < 3; ++i) limits.Take(kRate, subject);
  limits.GiveBack(kRate, subject);
  CHECK_FALSE(limits.Take(kRate, subject).over);
  CHECK(limits.Take(kRate, subject).over);
}

TEST_CASE_METHOD(LimitsFixture, "counters outlive a change of the rate", "[limits]") {
  const Subject subject = From("192.0.2.1");
  for (int i = 0; i < 3; ++i) limits.Take(kRate, subject);
  LimitConfig changed = kRate;
  changed.amount = changed.burst = 6;
  CHECK(limits.Look(changed, subject).used == 6);
  CHECK(limits.Look(changed, subject).over);
}

TEST_CASE_METHOD(LimitsFixture, "a limit that became stricter does not deny for the old time",
                 "[limits]") {
  LimitConfig slow = kRate;
  slow.period = Seconds(86400);
  const Subject subject = From("192.0.2.1");
  for (int i = 0; i < 3; ++i) limits.Take(slow, subject);
  CHECK(limits.Look(kRate, subject).over);
  clock.Advance(Seconds(20));
  CHECK_FALSE(limits.Look(kRate, subject).over);
}

TEST_CASE_METHOD(LimitsFixture, "an open connection counts as long as its handle lives",
                 "[limits]") {
  const Subject subject = From("192.0.2.1");
  State state;
  {
    const Limits::Open first = limits.Enter(kOpen, subject, &state);
    CHECK(state.used == 0);
    CHECK_FALSE(state.over);
    const Limits::Open second = limits.Enter(kOpen, subject, &state);
    CHECK(state.used == 1);
    CHECK_FALSE(state.over);
    const Limits::Open third = limits.Enter(kOpen, subject, &state);
    CHECK(state.used == 2);
    CHECK(state.over);
    CHECK(state.wait == Millis(0));
    CHECK(limits.Look(kOpen, subject).used == 3);
  }
  CHECK(limits.Look(kOpen, subject).used == 0);
}

TEST_CASE_METHOD(LimitsFixture, "a handle that is moved is given back once", "[limits]") {
  const Subject subject = From("192.0.2.1");
  const Subject other = From("192.0.2.2");
  State state;
  {
    Limits::Open a = limits.Enter(kOpen, subject, &state);
    Limits::Open b = std::move(a);
    CHECK(limits.Look(kOpen, subject).used == 1);
    // What the target held is given back at once.
    Limits::Open c = limits.Enter(kOpen, other, &state);
    c = std::move(b);
    CHECK(limits.Look(kOpen, other).used == 0);
    CHECK(limits.Look(kOpen, subject).used == 1);
    Limits::Open& same = c;
    c = std::move(same);
    CHECK(limits.Look(kOpen, subject).used == 1);
    c = Limits::Open();
    CHECK(limits.Look(kOpen, subject).used == 0);
    a = limits.Enter(kOpen, subject, &state);
    std::vector<Limits::Open> many;
    for (int i = 0; i < 100; ++i) many.push_back(limits.Enter(kOpen, other, &state));
    many.erase(many.begin(), many.begin() + 50);
    CHECK(limits.Look(kOpen, other).used == 50);
  }
  CHECK(limits.Look(kOpen, subject).used == 0);
  CHECK(limits.Look(kOpen, other).used == 0);
}

TEST_CASE_METHOD(LimitsFixture, "threads lose no count and leak none", "[limits]") {
  const LimitConfig rate = SomeLimit(LimitCount::kMessages, LimitPer::kClient, 1000, Seconds(60));
  std::vector<std::thread> threads;
  std::atomic<int> allowed{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      const Subject subject = From("192.0.2.1");
      for (int i = 0; i < 1000; ++i) {
        State before;
        Limits::Open open = limits.Enter(kOpen, subject, &before);
        Limits::Open moved = std::move(open);
        if (!limits.Take(rate, subject).over) ++allowed;
        if (i % 100 == 0) limits.SetMemory((i % 200 == 0 ? 2 : 1) << 20);
        if (i % 10 == 0) limits.stats();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(allowed == 1000);
  CHECK(limits.Look(kOpen, From("192.0.2.1")).used == 0);
}

}  // namespace
}  // namespace mxward::limits
