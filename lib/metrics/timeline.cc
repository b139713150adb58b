// SPDX-License-Identifier: Apache-2.0
#include "metrics/timeline.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace mxward::metrics {
namespace {

using std::chrono::minutes;

// What a window is made of: complete quarters of an hour beside the one under way, and buckets.
struct Shape {
  std::int64_t quarters;
  std::int64_t step;  // minutes
};
Shape ShapeOf(Timeline::Window window) {
  switch (window) {
    case Timeline::Window::kHour:
      return {4, 1};
    case Timeline::Window::kSixHours:
      return {24, 5};
    case Timeline::Window::kDay:
      break;
  }
  return {96, 15};
}

// a - b into sum, number by number.
template <class Sum, class Count, std::size_t kSize>
void AddDifference(std::array<Sum, kSize>& sum, const std::array<Count, kSize>& a,
                   const std::array<Count, kSize>& b) {
  for (std::size_t i = 0; i < kSize; ++i) sum[i] += static_cast<Sum>(a[i] - b[i]);
}

template <class Sum, class Count, std::size_t kSize>
void Add(std::array<Sum, kSize>& sum, const std::array<Count, kSize>& counts) {
  AddDifference(sum, counts, {});
}

template <std::size_t kSize>
void CopyCounts(const Histogram& histogram, std::array<std::uint64_t, kSize>& counts) {
  const auto reading = histogram.Read();
  std::copy_n(reading.counts.begin(), std::min(kSize, reading.counts.size()), counts.begin());
}

template <std::size_t kSize>
Spread SpreadOf(std::span<const Histogram::Micros> bounds,
                const std::array<std::uint64_t, kSize>& counts) {
  return {bounds, {counts.begin(), counts.end()}};
}

}  // namespace

std::uint64_t Spread::Count() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

std::optional<Histogram::Micros> Spread::Quantile(double share) const {
  const double wanted = share * static_cast<double>(Count());
  if (wanted <= 0) return std::nullopt;
  double below = 0;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const auto count = static_cast<double>(counts[i]);
    if (below + count >= wanted) {
      const auto from = static_cast<double>(i == 0 ? 0 : bounds[i - 1].count());
      const auto to = static_cast<double>(bounds[i].count());
      return Histogram::Micros(std::llround(from + (to - from) * (wanted - below) / count));
    }
    below += count;
  }
  return bounds.back();
}

Timeline::Timeline(const Counters& counters, const Clock& clock)
    : counters_(counters),
      clock_(clock),
      origin_(clock.Monotonic() - clock.Now().time_since_epoch() % minutes(kQuarterMinutes)),
      minute_(MinuteAt(clock.Monotonic())),
      sampled_(Read()) {}

Timeline::Totals Timeline::Read() const {
  Totals totals;
  for (std::size_t i = 0; i < kVerdictCount; ++i) {
    for (std::size_t j = 0; j < kReasonCount; ++j) {
      totals.decisions[i][j] = counters_.decisions[i][j].value();
    }
  }
  CopyCounts(counters_.greylist_delay, totals.delay);
  CopyCounts(counters_.judging, totals.judging);
  return totals;
}

std::int64_t Timeline::MinuteAt(MonoTime time) const {
  return std::chrono::floor<minutes>(time - origin_).count();
}

void Timeline::Tick() {
  const std::int64_t now = MinuteAt(clock_.Monotonic());
  if (now <= minute_) return;
  Sample();
  // Behind a machine that slept, all slots are empty after one round.
  const auto round = static_cast<std::int64_t>(kMinutes);
  for (std::int64_t minute = std::max(minute_ + 1, now - round + 1); minute <= now; ++minute) {
    minutes_[static_cast<std::size_t>(minute) % kMinutes] = {};
    const auto quarter = static_cast<std::size_t>(minute / kQuarterMinutes);
    if (minute % kQuarterMinutes == 0) quarters_[quarter % kQuarters] = {};
  }
  minute_ = now;
}

void Timeline::Sample() {
  const Totals now = Read();
  Minute& minute = minutes_[static_cast<std::size_t>(minute_) % kMinutes];
  Quarter& quarter = quarters_[static_cast<std::size_t>(minute_ / kQuarterMinutes) % kQuarters];
  for (std::size_t i = 0; i < kVerdictCount; ++i) {
    for (std::size_t j = 0; j < kReasonCount; ++j) {
      minute[i] += static_cast<std::uint32_t>(now.decisions[i][j] - sampled_.decisions[i][j]);
    }
    AddDifference(quarter.decisions[i], now.decisions[i], sampled_.decisions[i]);
  }
  AddDifference(quarter.delay, now.delay, sampled_.delay);
  AddDifference(quarter.judging, now.judging, sampled_.judging);
  sampled_ = now;
}

Timeline::View Timeline::Look(Window window) {
  Tick();
  Sample();
  const Shape shape = ShapeOf(window);
  const std::int64_t first_quarter = minute_ / kQuarterMinutes - shape.quarters;
  const std::int64_t first = first_quarter * kQuarterMinutes;

  View view;
  const auto passed = clock_.Monotonic() - (origin_ + minutes(first));
  // To the minute: the two clocks are not read at the same moment.
  view.from = std::chrono::round<minutes>(clock_.Now() - std::chrono::round<Seconds>(passed));
  view.step = minutes(shape.step);
  for (std::int64_t minute = first; minute <= minute_; ++minute) {
    if ((minute - first) % shape.step == 0) view.buckets.emplace_back();
    if (minute < 0) continue;
    Add(view.buckets.back(), minutes_[static_cast<std::size_t>(minute) % kMinutes]);
  }
  Totals sum;
  for (std::int64_t i = std::max(first_quarter, std::int64_t{0}); i <= minute_ / kQuarterMinutes;
       ++i) {
    const Quarter& quarter = quarters_[static_cast<std::size_t>(i) % kQuarters];
    for (std::size_t j = 0; j < kVerdictCount; ++j) Add(sum.decisions[j], quarter.decisions[j]);
    Add(sum.delay, quarter.delay);
    Add(sum.judging, quarter.judging);
  }
  view.decisions = sum.decisions;
  view.greylist_delay = SpreadOf(kDelayBounds, sum.delay);
  view.judging = SpreadOf(kJudgingBounds, sum.judging);
  return view;
}

}  // namespace mxward::metrics
