// SPDX-License-Identifier: Apache-2.0
#include "dnsbl/breaker.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mxward::dnsbl {

void Breaker::NoteLookup(bool answered, const std::string& why, MonoTime now) {
  // A lookup that was under way when it opened says nothing new.
  if (open_) return;
  Count(answered, now);
  if (!answered) OpenIfFailing(why, now);
}

void Breaker::NoteTest(bool answered, const std::string& why, MonoTime now) {
  if (!open_) {
    NoteLookup(answered, why, now);
  } else if (answered) {
    Close(now);
  } else {
    WaitLonger();
  }
}

void Breaker::Count(bool answered, MonoTime now) {
  in_a_row_ = answered ? 0 : in_a_row_ + 1;
  const std::int64_t number = now.time_since_epoch() / kSlice;
  Slice& slice = slices_[static_cast<std::size_t>(number) % slices_.size()];
  if (slice.number != number) slice = {number, 0, 0};
  ++slice.lookups;
  slice.failed += answered ? 0 : 1;
}

Breaker::Slice Breaker::LastMinute(MonoTime now) const {
  const std::int64_t number = now.time_since_epoch() / kSlice;
  Slice sum;
  for (const Slice& slice : slices_) {
    if (slice.number <= number - static_cast<std::int64_t>(slices_.size())) continue;
    sum.lookups += slice.lookups;
    sum.failed += slice.failed;
  }
  return sum;
}

void Breaker::OpenIfFailing(const std::string& why, MonoTime now) {
  if (in_a_row_ >= kInARow) {
    Open(fmt::format("{} lookups in a row failed, the last with: {}", in_a_row_, why), now);
    return;
  }
  const Slice minute = LastMinute(now);
  if (minute.lookups >= kAtLeast && minute.failed * 2 >= minute.lookups) {
    Open(fmt::format("{} of {} lookups failed within a minute, the last with: {}", minute.failed,
                     minute.lookups, why),
         now);
  }
}

void Breaker::Open(std::string why, MonoTime now) {
  open_ = true;
  why_ = std::move(why);
  if (closed_before_ && now - closed_at_ < kRelapse) {
    WaitLonger();
  } else {
    wait_ = kFirstWait;
  }
}

void Breaker::Close(MonoTime now) {
  open_ = false;
  in_a_row_ = 0;
  slices_ = {};
  closed_before_ = true;
  closed_at_ = now;
}

void Breaker::WaitLonger() { wait_ = std::min(wait_ * 2, kLongestWait); }

}  // namespace mxward::dnsbl
