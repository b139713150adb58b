// SPDX-License-Identifier: Apache-2.0
#include "limits/gcra.h"

#include <algorithm>

namespace mxward::limits {
namespace {

// What is used, as the time that it takes to give it back.
Nanos Used(Tat tat, const Rate& rate, MonoTime now) {
  return std::clamp<Nanos>(tat - Tat(now), Nanos(0), rate.full());
}

}  // namespace

Rate::Rate(std::int64_t amount, Seconds period, std::int64_t burst)
    : Rate(Nanos(std::clamp(period, Seconds(0), std::chrono::floor<Seconds>(kLongest))) /
               std::max<std::int64_t>(amount, 1),
           burst) {}

Rate::Rate(Nanos interval, std::int64_t burst)
    : interval_(std::clamp(interval, Nanos(1), kLongest)),
      burst_(std::max<std::int64_t>(burst, 1)) {
  std::int64_t full = 0;
  if (__builtin_mul_overflow(interval_.count(), burst_, &full) || Nanos(full) > kLongest) {
    burst_ = kLongest / interval_;
  }
}

Level LevelAt(Tat tat, const Rate& rate, MonoTime now) {
  const Nanos used = Used(tat, rate, now);
  const Nanos room = rate.full() - used;
  Level level;
  level.over = room < rate.interval();
  level.used = (used + rate.interval() - Nanos(1)) / rate.interval();
  if (level.over) level.wait = rate.interval() - room;
  return level;
}

Tat WithOneMore(Tat tat, const Rate& rate, MonoTime now) {
  return Tat(now) + std::min(Used(tat, rate, now) + rate.interval(), rate.full());
}

Tat WithOneLess(Tat tat, const Rate& rate, MonoTime now) {
  return Tat(now) + std::max(Used(tat, rate, now) - rate.interval(), Nanos(0));
}

Tat Clamped(Tat tat, const Rate& rate, MonoTime now) {
  return std::min(tat, Tat(now) + rate.full());
}

}  // namespace mxward::limits
