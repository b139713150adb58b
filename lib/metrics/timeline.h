// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/histogram.h"
#include "engine/counters.h"

namespace mxward::metrics {

// How durations were spread within some time.
struct Spread {
  std::span<const Histogram::Micros> bounds;
  std::vector<std::uint64_t> counts;  // as of Histogram::Reading

  std::uint64_t Count() const;
  // The duration that this share of all did not exceed, 0 < share <= 1; within a bound it is
  // guessed by a straight line, and above the last one it is that bound. Nothing without a count.
  std::optional<Histogram::Micros> Quantile(double share) const;
};

// What became of mail in the last 24 hours: samples of the engine's counters, so that judging mail
// costs nothing more for it. Verdicts are kept by the minute; reasons and durations by the quarter
// of an hour. Times are kept by the monotonic clock and shown by the current wall clock.
//
// Memory is fixed, less than 64 kB. Used by one thread.
class Timeline {
 public:
  // Both outlive it. What was counted before is not shown.
  Timeline(const Counters& counters, const Clock& clock);

  // Samples when a minute has ended. To be called every second; what is counted until then still
  // belongs to the minute before.
  void Tick();

  enum class Window : std::uint8_t { kHour, kSixHours, kDay };
  using Verdicts = std::array<std::uint64_t, kVerdictCount>;
  // Begins with a quarter of an hour by the wall clock, and so is up to 15 minutes longer than its
  // name.
  struct View {
    WallTime from{};
    Seconds step{};                 // of a bucket
    std::vector<Verdicts> buckets;  // by Verdict; the last one is under way
    std::array<std::array<std::uint64_t, kReasonCount>, kVerdictCount> decisions{};
    Spread greylist_delay;
    Spread judging;
  };
  View Look(Window window);

 private:
  // Counts since start, or of some time.
  struct Totals {
    std::array<std::array<std::uint64_t, kReasonCount>, kVerdictCount> decisions{};
    std::array<std::uint64_t, kDelayBounds.size() + 1> delay{};
    std::array<std::uint64_t, kJudgingBounds.size() + 1> judging{};
  };
  // The same of a quarter of an hour, in half the memory.
  struct Quarter {
    std::array<std::array<std::uint32_t, kReasonCount>, kVerdictCount> decisions{};
    std::array<std::uint32_t, kDelayBounds.size() + 1> delay{};
    std::array<std::uint32_t, kJudgingBounds.size() + 1> judging{};
  };
  using Minute = std::array<std::uint32_t, kVerdictCount>;
  static constexpr std::int64_t kQuarterMinutes = 15;
  static constexpr std::size_t kQuarters = 24 * 4 + 1;  // the one under way, too
  static constexpr std::size_t kMinutes = kQuarters * kQuarterMinutes;

  Totals Read() const;
  std::int64_t MinuteAt(MonoTime time) const;
  // Adds what was counted since the last sample to the minute that was under way then.
  void Sample();

  const Counters& counters_;
  const Clock& clock_;
  MonoTime origin_;          // a quarter of an hour by the wall clock, when minute 0 began
  std::int64_t minute_ = 0;  // under way
  Totals sampled_;
  // Slots by the number of the minute, and of the quarter, modulo their count.
  std::array<Minute, kMinutes> minutes_{};
  std::array<Quarter, kQuarters> quarters_{};
  static_assert(sizeof(minutes_) + sizeof(quarters_) < 64 << 10);
};

}  // namespace mxward::metrics
