// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "limits/limits.h"
#include "store/environment.h"
#include "store/write_behind.h"
#include "store/writer.h"

namespace mxward {

// Keeps the counters of limits over a restart, in Table::kLimits: key 2 bytes slice and 2 bytes
// number of the piece within it, big-endian; value 4 bytes time, then limits::Limits::Save()'s
// piece. A slice is written every quarter of a second, all of them in 16 seconds, through a
// store::WriteBehind: a crash costs what was counted in that time and the writer's delay, and never
// all are in memory twice. While the writer does not keep up, or fails, no further slice is taken.
// Thread-safe.
class SavedLimits {
 public:
  // All outlive it.
  SavedLimits(const Clock& clock, store::Writer& writer, limits::Limits& limits);

  // Counters that cannot be read start over. Fails when the table cannot be read; what came before
  // that is restored.
  Result<void> Load(const store::ReadTransaction& read);
  // Writes, in the background, the slices that are due; `all`: all of them, now. To be called every
  // quarter of a second.
  void Save(bool all);

 private:
  static constexpr std::size_t kSlices = limits::Limits::kSlices;
  struct PieceName {
    std::uint16_t slice = 0;
    std::uint16_t number = 0;
    auto operator<=>(const PieceName&) const = default;
  };
  // What is to be stored; nothing: the piece is to be deleted.
  using Piece = std::optional<std::string>;
  struct Newest {
    static void Add(PieceName /*name*/, Piece& earlier, const Piece& later) { earlier = later; }
    static std::optional<PieceName> Overflow(PieceName /*name*/) { return std::nullopt; }
  };
  using Buffer = store::WriteBehind<std::map<PieceName, Piece>, Newest>;
  struct Progress {
    MonoTime due{};  // of the next slice
    std::size_t next = 0;
    std::array<std::size_t, kSlices> pieces{};  // of each slice that are in the store
  };

  static Result<void> WritePieces(store::WriteTransaction& transaction, const Buffer::Items& items);
  void TakeSlice() MXWARD_REQUIRES(mutex_);

  const Clock& clock_;
  limits::Limits& limits_;
  Buffer waiting_;
  Mutex mutex_;  // one at a time, writer included
  Progress progress_ MXWARD_GUARDED_BY(mutex_);
};

}  // namespace mxward
