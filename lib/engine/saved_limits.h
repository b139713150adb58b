// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <mutex>

#include "base/clock.h"
#include "limits/limits.h"
#include "store/environment.h"
#include "store/writer.h"

namespace mxward {

// Keeps the counters of limits over a restart, in Table::kLimits: key 2 bytes slice and 2 bytes
// number of the piece within it, big-endian; value 4 bytes time, then limits::Limits::Save()'s
// piece. A slice is written every quarter of a second, all of them in 16 seconds: a crash costs
// what was counted in that time and the writer's delay, and never all are in memory twice.
// Thread-safe.
class SavedLimits {
 public:
  // All outlive it.
  SavedLimits(const Clock& clock, store::Writer& writer, limits::Limits& limits);

  // Counters that cannot be read begin anew.
  void Load(const store::ReadTransaction& read);
  // Writes, in the background, the slices that are due; `all`: all of them, now. To be called every
  // quarter of a second.
  void Save(bool all);

 private:
  static constexpr std::size_t kSlices = limits::Limits::kSlices;
  struct Progress {
    MonoTime due{};  // of the next slice
    std::size_t next = 0;
    std::array<std::size_t, kSlices> pieces{};  // of each slice that are in the store
  };
  void SaveSlice(std::size_t slice, std::size_t* pieces_before);

  const Clock& clock_;
  store::Writer& writer_;
  limits::Limits& limits_;
  std::mutex mutex_;   // one at a time, writer included
  Progress progress_;  // guarded by mutex_
};

}  // namespace mxward
