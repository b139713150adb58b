// SPDX-License-Identifier: Apache-2.0
#include "limits/gcra.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <random>

#include "tests/unit/catch.h"

namespace mxward::limits {
namespace {

constexpr MonoTime kStart{Seconds(1000000)};

// One key under one rate.
struct Key {
  Rate rate;
  Tat tat{};

  bool Take(MonoTime now) {
    tat = Clamped(tat, rate, now);
    if (LevelAt(tat, rate, now).over) return false;
    tat = WithOneMore(tat, rate, now);
    return true;
  }
  void GiveBack(MonoTime now) { tat = WithOneLess(tat, rate, now); }
  std::int64_t used(MonoTime now) const { return LevelAt(tat, rate, now).used; }
};

// The same as a bucket that leaks, in whole numbers: one that is counted fills it by `period`, each
// nanosecond empties it by `amount`. Exact, for values that stay below 2^63.
class LeakyBucket {
 public:
  LeakyBucket(std::int64_t amount, Seconds period, std::int64_t burst)
      : amount_(amount), period_(Nanos(period).count()), burst_(burst) {}

  bool Over(MonoTime now) {
    Leak(now);
    return level_ + period_ > burst_ * period_;
  }
  void Take(MonoTime now) {
    Leak(now);
    level_ += period_;
  }
  void GiveBack(MonoTime now) {
    Leak(now);
    level_ = std::max<std::int64_t>(level_ - period_, 0);
  }
  std::int64_t used() const { return (level_ + period_ - 1) / period_; }

 private:
  void Leak(MonoTime now) {
    level_ = std::max<std::int64_t>(level_ - Nanos(now - last_).count() * amount_, 0);
    last_ = now;
  }
  std::int64_t amount_, period_, burst_, level_ = 0;
  MonoTime last_ = kStart;
};

TEST_CASE("a burst is allowed at once, then one an interval", "[limits]") {
  Key key{Rate(60, Seconds(60), 3)};
  for (int i = 0; i < 3; ++i) CHECK(key.Take(kStart));
  CHECK_FALSE(key.Take(kStart));
  const Level level = LevelAt(key.tat, key.rate, kStart);
  CHECK(level.over);
  CHECK(level.used == 3);
  CHECK(level.wait == Seconds(1));
  CHECK_FALSE(key.Take(kStart + Seconds(1) - std::chrono::microseconds(1)));
  CHECK(key.Take(kStart + Seconds(1)));
  CHECK_FALSE(key.Take(kStart + Seconds(1)));
}

TEST_CASE("what is denied is not counted", "[limits]") {
  Key key{Rate(1, Seconds(60), 1)};
  REQUIRE(key.Take(kStart));
  for (int i = 1; i < 60; ++i) CHECK_FALSE(key.Take(kStart + Seconds(i)));
  CHECK(key.Take(kStart + Seconds(60)));
}

TEST_CASE("what is used is given back with time, and all of it in the end", "[limits]") {
  Key key{Rate(10, Seconds(10), 10)};
  for (int i = 0; i < 10; ++i) key.Take(kStart);
  CHECK(key.used(kStart) == 10);
  CHECK(key.used(kStart + Millis(1)) == 10);  // the tenth is begun
  CHECK(key.used(kStart + Millis(1000)) == 9);
  CHECK(key.used(kStart + Millis(1001)) == 9);
  CHECK(key.used(kStart + Seconds(10)) == 0);
  CHECK(key.used(kStart + Seconds(1000)) == 0);
}

TEST_CASE("one that is given back may be taken again, and no more than that", "[limits]") {
  Key key{Rate(1, Seconds(60), 2)};
  key.Take(kStart);
  key.Take(kStart);
  REQUIRE_FALSE(key.Take(kStart));
  key.GiveBack(kStart);
  CHECK(key.used(kStart) == 1);
  CHECK(key.Take(kStart));
  CHECK_FALSE(key.Take(kStart));
  for (int i = 0; i < 10; ++i) key.GiveBack(kStart);
  CHECK(key.used(kStart) == 0);
  CHECK(key.Take(kStart));
  CHECK(key.Take(kStart));
  CHECK_FALSE(key.Take(kStart));
}

TEST_CASE("it decides as a leaky bucket in exact numbers does", "[limits]") {
  const std::uint32_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    // Intervals of a whole number of nanoseconds: 1, 2, 4, 5, ... 1000 in so many seconds.
    static constexpr std::int64_t kAmounts[] = {1, 2, 4, 5, 8, 10, 20, 50, 100, 128, 500, 1000};
    const std::int64_t amount = kAmounts[random() % std::size(kAmounts)];
    const Seconds period(random() % 10000 + 1);
    const std::int64_t burst = random() % 50 + 1;
    CAPTURE(amount, period.count(), burst);
    Key key{Rate(amount, period, burst)};
    LeakyBucket bucket(amount, period, burst);
    const std::int64_t interval_us = Nanos(period).count() / amount / 1000 + 1;
    MonoTime now = kStart;
    for (int step = 0; step < 300; ++step) {
      // Mostly near the rate; at times nothing, at times a rest.
      if (random() % 3 != 0) {
        now += std::chrono::microseconds(static_cast<std::int64_t>(random()) % (2 * interval_us));
      }
      if (random() % 100 == 0) now += std::chrono::microseconds(interval_us * 20);
      CAPTURE(step);
      const bool over = bucket.Over(now);
      REQUIRE(LevelAt(key.tat, key.rate, now).over == over);
      REQUIRE(key.used(now) == bucket.used());
      if (random() % 8 == 0) {
        key.GiveBack(now);
        bucket.GiveBack(now);
      } else {
        REQUIRE(key.Take(now) == !over);
        if (!over) bucket.Take(now);
      }
    }
  }
}

TEST_CASE("no window sees more than the burst and what its length gives back", "[limits]") {
  const std::uint32_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 100; ++round) {
    const std::int64_t amount = random() % 1000 + 1;
    const Seconds period(random() % 600 + 1);
    const std::int64_t burst = random() % 20 + 1;
    CAPTURE(amount, period.count(), burst);
    Key key{Rate(amount, period, burst)};
    const std::int64_t interval_us = Nanos(period).count() / amount / 1000 + 1;
    std::deque<MonoTime> allowed;
    MonoTime now = kStart;
    for (int step = 0; step < 300; ++step) {
      now += std::chrono::microseconds(static_cast<std::int64_t>(random()) % interval_us);
      if (!key.Take(now)) continue;
      allowed.push_back(now);
      for (std::size_t first = 0; first < allowed.size(); ++first) {
        const Nanos length = now - allowed[first];
        const auto count = static_cast<std::int64_t>(allowed.size() - first);
        REQUIRE(count <= burst + length / key.rate.interval());
      }
    }
  }
}

TEST_CASE("who waits as long as it says gets one more, who waits less does not", "[limits]") {
  const std::uint32_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 1000; ++round) {
    Key key{Rate(random() % 1000 + 1, Seconds(random() % 100000 + 1), random() % 20 + 1)};
    MonoTime now = kStart;
    while (key.Take(now)) now += std::chrono::microseconds(random() % 10);
    const Level level = LevelAt(key.tat, key.rate, now);
    const auto wait = std::chrono::ceil<std::chrono::microseconds>(level.wait);
    REQUIRE(wait > wait.zero());
    CHECK(LevelAt(key.tat, key.rate, now + wait - std::chrono::microseconds(1)).over);
    CHECK_FALSE(LevelAt(key.tat, key.rate, now + wait).over);
  }
}

TEST_CASE("silly rates neither overflow nor lock out", "[limits]") {
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  const Seconds year(31536000);
  for (const std::int64_t amount :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{7}, std::int64_t{1000000000}, huge, -huge}) {
    for (const Seconds period : {Seconds(0), Seconds(1), year, Seconds(huge), Seconds(-huge)}) {
      for (const std::int64_t burst :
           {std::int64_t{0}, std::int64_t{1}, std::int64_t{1000000000}, huge, -huge}) {
        CAPTURE(amount, period.count(), burst);
        Key key{Rate(amount, period, burst)};
        CHECK(key.rate.interval() >= Nanos(1));
        CHECK(key.rate.burst() >= 1);
        CHECK(key.rate.full() >= key.rate.interval());
        CHECK(key.rate.full() <= Rate::kLongest);
        CHECK(key.Take(kStart));
        CHECK(key.used(kStart) == 1);
        CHECK(key.used(kStart + std::chrono::hours(24 * 365 * 100)) == 0);
        key.GiveBack(kStart);
        CHECK(key.used(kStart) == 0);
      }
    }
  }
  CHECK(Rate(1000000000, Seconds(1), 1).interval() == Nanos(1));
  CHECK(Rate(300, Seconds(60), 300).interval() == Millis(200));
  CHECK(Rate(300, Seconds(60), 1000000000).burst() == 1000000000);
}

TEST_CASE("a clock that was set back denies for one interval at most", "[limits]") {
  Key key{Rate(1, Seconds(10), 3)};
  key.Take(kStart);
  const MonoTime back = kStart - std::chrono::hours(1);
  const Level level = LevelAt(key.tat, key.rate, back);
  CHECK(level.over);
  CHECK(level.used == 3);
  CHECK(level.wait <= Seconds(10));
  int allowed = 0;
  for (int second = 1; second <= 100; ++second) allowed += key.Take(back + Seconds(second)) ? 1 : 0;
  CHECK(allowed == 9);
}

TEST_CASE("a clock that stands still gives nothing back", "[limits]") {
  Key key{Rate(1000, Seconds(1), 5)};
  int allowed = 0;
  for (int i = 0; i < 1000; ++i) allowed += key.Take(kStart) ? 1 : 0;
  CHECK(allowed == 5);
}

TEST_CASE("a limit that became stricter denies what is too much for it, and recovers", "[limits]") {
  Key key{Rate(100, Seconds(60), 100)};
  for (int i = 0; i < 100; ++i) key.Take(kStart);
  key.rate = Rate(10, Seconds(600), 10);
  CHECK(key.used(kStart) == 1);  // what it will be given back in a minute
  key.rate = Rate(100, Seconds(1), 5);
  CHECK(key.used(kStart) == 5);
  CHECK_FALSE(key.Take(kStart));
  CHECK(key.used(kStart + Millis(50)) == 0);
}

}  // namespace
}  // namespace mxward::limits
