// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "engine/current_config.h"
#include "store/transaction.h"
#include "store/writer.h"

namespace mxward {

// From when the findings count that the version which made the database did not have: an upgrade
// changes no mail overnight. They are found and shown at once, and add nothing for kWait; a new
// database has no past to be careful with. Thread-safe.
class NewFindings {
 public:
  static constexpr Seconds kWait{7 * 86400};
  // Raised by a version that finds something new. 1: tls-none.
  static constexpr int kLevel = 1;

  // All outlive it.
  NewFindings(const Clock& clock, store::Writer& writer, const CurrentConfig& config)
      : clock_(clock), writer_(writer), config_(config) {}

  // Reads it from the store, and writes there what this version adds.
  void Load(const store::Transaction& transaction);
  // Ends the wait at once, even if that cannot be written: then that is the error. Waits for the
  // commit, store.deadline at most.
  Result<void> Enable();

  // Nothing: they count.
  std::optional<WallTime> CountFrom() const;

 private:
  const Clock& clock_;
  store::Writer& writer_;
  const CurrentConfig& config_;
  std::atomic<std::int64_t> from_{0};  // seconds since 1970
};

}  // namespace mxward
