// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "engine/current_config.h"
#include "store/writer.h"

namespace mxward {

// A pause of enforcement: until its end everything is judged, but no verdict is enforced, as with
// mode = "observe". Survives a restart. Thread-safe.
class Pause {
 public:
  // In Table::kMeta: seconds since 1970, in decimal; "0" for none.
  static constexpr std::string_view kKey = "paused-until";

  // All outlive it.
  Pause(const Clock& clock, store::Writer& writer, const CurrentConfig& config)
      : clock_(clock), writer_(writer), config_(config) {}

  // From the text under kKey; "" changes nothing. A text that is not a number is an error, and no
  // pause is in force then.
  Result<void> Restore(std::string_view text);
  // Both are in force at once, even if they cannot be written: then that is the error. They wait
  // for the commit, store.deadline at most.
  Result<void> Begin(WallTime until) { return Write(until); }
  Result<void> End() { return Write(std::nullopt); }

  // Of a pause in force; else nothing.
  std::optional<WallTime> until() const;

 private:
  Result<void> Write(std::optional<WallTime> until);

  const Clock& clock_;
  store::Writer& writer_;
  const CurrentConfig& config_;
  std::atomic<std::int64_t> until_{0};  // seconds since 1970; 0: not paused
};

// True when verdicts are not enforced.
inline bool IsObserving(const Config& config, const Pause& pause) {
  return config.mode == Mode::kObserve || pause.until().has_value();
}

}  // namespace mxward
