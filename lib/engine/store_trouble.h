// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "config/config.h"
#include "engine/counters.h"

namespace mxward {

// What is counted, logged and remembered of a store that fails or does not keep up. Thread-safe.
class StoreTrouble {
 public:
  // All outlive it.
  StoreTrouble(const Clock& clock, Log& log, Counters& counters)
      : clock_(clock), log_(log), counters_(counters) {}

  // A decision could not be made, or not be kept; it becomes what on_failure says.
  void Failed(const Error& error, OnFailure on_failure);
  // A deferral was sent without its record, because the store was busy.
  void DeferredWithoutRecord(const Error& error);

  // Whether that happened within so long.
  bool FailedWithin(Millis time) const { return Within(failed_at_, time); }
  bool DeferredWithoutRecordWithin(Millis time) const {
    return Within(deferred_without_record_at_, time);
  }

 private:
  bool Within(const std::atomic<MonoTime>& at, Millis time) const;

  const Clock& clock_;
  Log& log_;
  Counters& counters_;
  OncePerMinute log_failure_;
  OncePerMinute log_without_record_;
  std::atomic<MonoTime> failed_at_{MonoTime::min()};
  std::atomic<MonoTime> deferred_without_record_at_{MonoTime::min()};
};

}  // namespace mxward
