// SPDX-License-Identifier: Apache-2.0
#include "base/ratio_window.h"

#include <map>
#include <random>

#include "tests/unit/catch.h"

namespace mxward {
namespace {

constexpr MonoTime kStart{Seconds(1000)};
constexpr Seconds kSpan{600};

MonoTime At(std::int64_t seconds) { return kStart + Seconds(seconds); }

bool Holds(RatioWindow& window, MonoTime now, std::size_t distinct, std::size_t positive) {
  const auto share = window.Get(now);
  CAPTURE(share.distinct, share.positive);
  CHECK(share.distinct == distinct);
  CHECK(share.positive == positive);
  return share.distinct == distinct && share.positive == positive;
}

TEST_CASE("a window that saw nothing has a share of nothing", "[base]") {
  RatioWindow window(kSpan, 10);
  CHECK(Holds(window, At(0), 0, 0));
  CHECK(window.Get(At(0)).fraction() == 0);
}

TEST_CASE("each id counts once, by the last that was said of it", "[base]") {
  RatioWindow window(kSpan, 10);
  window.Add(1, true, At(0));
  window.Add(1, true, At(1));
  window.Add(2, false, At(1));
  CHECK(Holds(window, At(1), 2, 1));
  CHECK(window.Get(At(1)).fraction() == 0.5);
  window.Add(2, true, At(2));
  CHECK(Holds(window, At(2), 2, 2));
  window.Add(1, false, At(3));
  window.Add(2, false, At(3));
  CHECK(Holds(window, At(3), 2, 0));
}

TEST_CASE("a id leaves the window when its last word is as old as the span", "[base]") {
  RatioWindow window(kSpan, 10);
  window.Add(1, true, At(0));
  window.Add(2, true, At(0));
  window.Add(1, true, At(100));
  CHECK(Holds(window, At(600) - Millis(1), 2, 2));
  CHECK(Holds(window, At(600), 1, 1));
  CHECK(Holds(window, At(700) - Millis(1), 1, 1));
  CHECK(Holds(window, At(700), 0, 0));
  window.Add(1, false, At(701));
  CHECK(Holds(window, At(701), 1, 0));
}

TEST_CASE("a full window keeps what it has and takes new things when old ones have left",
          "[base]") {
  RatioWindow window(kSpan, 3);
  for (std::uint64_t id = 1; id <= 5; ++id) {
    window.Add(id, true, At(static_cast<std::int64_t>(id)));
  }
  CHECK(Holds(window, At(5), 3, 3));
  // What it has can still change.
  window.Add(2, false, At(6));
  window.Add(4, true, At(6));
  CHECK(Holds(window, At(6), 3, 2));
  // 1 left at 601.
  window.Add(4, false, At(601));
  CHECK(Holds(window, At(601), 3, 1));
}

TEST_CASE("a cleared window is empty and goes on", "[base]") {
  RatioWindow window(kSpan, 1);
  window.Add(1, true, At(0));
  window.Clear();
  CHECK(Holds(window, At(0), 0, 0));
  window.Add(2, true, At(0));
  CHECK(Holds(window, At(0), 1, 1));
}

TEST_CASE("a clock reading that comes late does no harm", "[base]") {
  RatioWindow window(kSpan, 10);
  window.Add(1, true, At(100));
  window.Add(2, true, At(99));
  CHECK(Holds(window, At(98), 2, 2));
  CHECK(Holds(window, At(699), 2, 2));
  CHECK(Holds(window, At(700), 0, 0));
}

TEST_CASE("the share is that of a plain count over all that was said", "[base]") {
  RatioWindow window(kSpan, 1000);
  struct Last {
    MonoTime at;
    bool positive;
  };
  std::map<std::uint64_t, Last> plain;
  std::mt19937 random(20060214);  // NOLINT(bugprone-random-generator-seed): the same each time
  MonoTime now = kStart;
  for (int i = 0; i < 5000; ++i) {
    now += Seconds(random() % 20);
    const std::uint64_t id = random() % 80;
    const bool positive = random() % 3 == 0;
    window.Add(id, positive, now);
    plain[id] = {now, positive};
    std::size_t distinct = 0;
    std::size_t positives = 0;
    for (const auto& [ignored, last] : plain) {
      if (now - last.at >= kSpan) continue;
      ++distinct;
      positives += last.positive ? 1 : 0;
    }
    REQUIRE(Holds(window, now, distinct, positives));
  }
}

}  // namespace
}  // namespace mxward
