// SPDX-License-Identifier: Apache-2.0
#include "metrics/timeline.h"

#include <numeric>

#include "catch.h"
#include "tests/fake/fake_clock.h"

namespace mxward::metrics {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Micros = Histogram::Micros;
using Window = Timeline::Window;

constexpr auto kAccept = static_cast<std::size_t>(Verdict::kAccept);
constexpr auto kDefer = static_cast<std::size_t>(Verdict::kDefer);

// Begins at midnight, which is a quarter of an hour.
struct Fixture {
  FakeClock clock;
  Counters counters;
  Timeline timeline{counters, clock};

  void Accept() { counters.Decision(Verdict::kAccept, Reason::kNotSuspicious).Add(); }
  void Defer() { counters.Decision(Verdict::kDefer, Reason::kGreylistNew).Add(); }
  // As the daemon does it.
  void Pass(seconds time) {
    for (seconds done{0}; done < time; done += seconds(1)) {
      clock.Advance(seconds(1));
      timeline.Tick();
    }
  }
  // Of the bucket that many before the one under way.
  Timeline::Verdicts Back(Window window, std::size_t buckets) {
    const auto view = timeline.Look(window);
    return view.buckets.at(view.buckets.size() - 1 - buckets);
  }
};

std::uint64_t Sum(const Timeline::View& view, std::size_t verdict) {
  return std::accumulate(view.buckets.begin(), view.buckets.end(), std::uint64_t{0},
                         [&](std::uint64_t sum, const auto& one) { return sum + one[verdict]; });
}

TEST_CASE("what has just happened is in the minute under way", "[metrics]") {
  Fixture fixture;
  fixture.Accept();
  fixture.Defer();
  fixture.Defer();
  CHECK(fixture.Back(Window::kHour, 0) == Timeline::Verdicts{1, 2, 0});
  fixture.Accept();
  CHECK(fixture.Back(Window::kHour, 0) == Timeline::Verdicts{2, 2, 0});
}

TEST_CASE("each verdict is in its minute", "[metrics]") {
  Fixture fixture;
  fixture.Accept();
  fixture.Pass(minutes(1));
  fixture.Defer();
  fixture.Pass(minutes(2));
  CHECK(fixture.Back(Window::kHour, 0) == Timeline::Verdicts{0, 0, 0});
  CHECK(fixture.Back(Window::kHour, 2) == Timeline::Verdicts{0, 1, 0});
  CHECK(fixture.Back(Window::kHour, 3) == Timeline::Verdicts{1, 0, 0});
}

TEST_CASE("what was counted before the timeline began is not in it", "[metrics]") {
  FakeClock clock;
  Counters counters;
  counters.Decision(Verdict::kReject, Reason::kScore).Add();
  counters.greylist_delay.Observe(minutes(5));
  Timeline timeline(counters, clock);
  const auto view = timeline.Look(Window::kDay);
  CHECK(view.buckets.back() == Timeline::Verdicts{0, 0, 0});
  CHECK(view.greylist_delay.Count() == 0);
}

TEST_CASE("a window begins with a quarter of an hour by the wall clock", "[metrics]") {
  const auto [window, step, back] =
      GENERATE(table<Window, minutes, minutes>({{Window::kHour, minutes(1), minutes(60)},
                                                {Window::kSixHours, minutes(5), minutes(360)},
                                                {Window::kDay, minutes(15), minutes(1440)}}));
  FakeClock clock(FakeClock::kStart + minutes(22) + seconds(10));
  Counters counters;
  Timeline timeline(counters, clock);
  const auto view = timeline.Look(window);
  CHECK(view.step == step);
  CHECK(view.from == FakeClock::kStart + minutes(15) - back);
  // The last bucket holds now.
  CHECK(view.from + view.step * (static_cast<int>(view.buckets.size()) - 1) <= clock.Now());
  CHECK(view.from + view.step * static_cast<int>(view.buckets.size()) > clock.Now());
}

TEST_CASE("reasons and durations are those of the window's buckets", "[metrics]") {
  Fixture fixture;
  fixture.Accept();
  fixture.counters.greylist_delay.Observe(minutes(4));
  fixture.counters.judging.Observe(Micros(50));
  fixture.Pass(hours(2));
  fixture.Defer();
  fixture.counters.judging.Observe(Micros(50));
  for (const Window window : {Window::kHour, Window::kSixHours, Window::kDay}) {
    const bool long_ago = window != Window::kHour;
    const auto view = fixture.timeline.Look(window);
    CHECK(Sum(view, kAccept) == (long_ago ? 1U : 0U));
    CHECK(Sum(view, kDefer) == 1);
    CHECK(view.decisions[kAccept][static_cast<std::size_t>(Reason::kNotSuspicious)] ==
          (long_ago ? 1U : 0U));
    CHECK(view.decisions[kDefer][static_cast<std::size_t>(Reason::kGreylistNew)] == 1);
    CHECK(view.greylist_delay.Count() == (long_ago ? 1U : 0U));
    CHECK(view.judging.Count() == (long_ago ? 2U : 1U));
  }
}

TEST_CASE("after a day a verdict is out of every window", "[metrics]") {
  Fixture fixture;
  fixture.Accept();
  fixture.Pass(hours(24));
  CHECK(Sum(fixture.timeline.Look(Window::kDay), kAccept) == 1);
  fixture.Pass(minutes(15));
  const auto view = fixture.timeline.Look(Window::kDay);
  CHECK(Sum(view, kAccept) == 0);
  CHECK(view.decisions[kAccept][static_cast<std::size_t>(Reason::kNotSuspicious)] == 0);
}

TEST_CASE("a machine that slept for days shows what came before as gone", "[metrics]") {
  Fixture fixture;
  fixture.Accept();
  fixture.Pass(minutes(7));
  fixture.clock.Advance(hours(72) + minutes(3));
  fixture.timeline.Tick();
  CHECK(Sum(fixture.timeline.Look(Window::kDay), kAccept) == 0);
  fixture.Defer();
  CHECK(fixture.Back(Window::kDay, 0) == Timeline::Verdicts{0, 1, 0});
  CHECK(Sum(fixture.timeline.Look(Window::kDay), kDefer) == 1);
}

TEST_CASE("a wall clock that is set moves the times that are told, and no verdict", "[metrics]") {
  Fixture fixture;
  fixture.Accept();
  fixture.Pass(minutes(10));
  fixture.clock.StepWall(hours(-5));
  fixture.Pass(minutes(1));
  const auto view = fixture.timeline.Look(Window::kHour);
  CHECK(view.from == FakeClock::kStart - hours(6));
  CHECK(view.buckets.size() == 72);
  CHECK(fixture.Back(Window::kHour, 11) == Timeline::Verdicts{1, 0, 0});
}

TEST_CASE("a share of durations is found between the bounds", "[metrics]") {
  constexpr std::array<Micros, 3> kBounds = {Micros(100), Micros(200), Micros(1000)};
  const Spread spread{kBounds, {0, 10, 0, 0}};
  CHECK(spread.Count() == 10);
  CHECK(spread.Quantile(0.5) == Micros(150));
  CHECK(spread.Quantile(1.0) == Micros(200));
  CHECK(Spread{kBounds, {5, 0, 5, 0}}.Quantile(0.5) == Micros(100));
  CHECK(Spread{kBounds, {5, 0, 5, 0}}.Quantile(0.75) == Micros(600));
}

TEST_CASE("above the last bound a share is that bound", "[metrics]") {
  constexpr std::array<Micros, 2> kBounds = {Micros(100), Micros(200)};
  CHECK(Spread{kBounds, {1, 0, 9}}.Quantile(0.5) == Micros(200));
}

TEST_CASE("of nothing there is no share", "[metrics]") {
  constexpr std::array<Micros, 2> kBounds = {Micros(100), Micros(200)};
  CHECK_FALSE(Spread{kBounds, {0, 0, 0}}.Quantile(0.99));
}

}  // namespace
}  // namespace mxward::metrics
