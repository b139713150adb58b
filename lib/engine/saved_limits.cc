// SPDX-License-Identifier: Apache-2.0
#include "engine/saved_limits.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace mxward {
namespace {

constexpr Millis kSliceEvery{250};
// A commit stays small.
constexpr std::size_t kPiecesPerOperation = 16;
constexpr std::size_t kMostPieces = 0xffff;  // of a slice
constexpr std::size_t kTimeBytes = 4;

std::string PieceKey(std::size_t slice, std::size_t number) {
  ByteWriter out;
  out.U16(static_cast<std::uint16_t>(slice));
  out.U16(static_cast<std::uint16_t>(number));
  return out.Take();
}

// Writes these pieces, numbered from `first`.
store::Operation PutPieces(std::size_t slice, std::size_t first, std::vector<std::string> pieces,
                           WallTime now) {
  return [=, pieces = std::move(pieces)](store::WriteTransaction& write) -> Result<void> {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      ByteWriter value;
      value.Time(now);
      const std::string bytes = value.Take() + pieces[i];
      auto put = write.Put(store::Table::kLimits, PieceKey(slice, first + i), bytes);
      if (!put) return put;
    }
    return {};
  };
}

// Removes what is left of an earlier time when there were more pieces.
store::Operation DropPieces(std::size_t slice, std::size_t first, std::size_t end) {
  return [=](store::WriteTransaction& write) -> Result<void> {
    for (std::size_t i = first; i < end; ++i) {
      if (auto gone = write.Delete(store::Table::kLimits, PieceKey(slice, i)); !gone) {
        return Fail(gone.error());
      }
    }
    return {};
  };
}

}  // namespace

SavedLimits::SavedLimits(const Clock& clock, store::Writer& writer, limits::Limits& limits)
    : clock_(clock), writer_(writer), limits_(limits) {
  progress_.due = clock.Monotonic() + kSliceEvery;
}

void SavedLimits::Save(bool all) {
  const MonoTime now = clock_.Monotonic();
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < kSlices && (all || progress_.due <= now); ++i) {
    SaveSlice(progress_.next, &progress_.pieces[progress_.next]);
    progress_.next = (progress_.next + 1) % kSlices;
    progress_.due += kSliceEvery;
  }
  progress_.due = std::max(progress_.due, now);
}

void SavedLimits::SaveSlice(std::size_t slice, std::size_t* pieces_before) {
  std::vector<std::string> pieces = limits_.Save(slice);
  if (pieces.size() > kMostPieces) pieces.resize(kMostPieces);
  const WallTime now = clock_.Now();
  for (std::size_t i = 0; i < pieces.size(); i += kPiecesPerOperation) {
    const std::size_t end = std::min(i + kPiecesPerOperation, pieces.size());
    const auto at = [&](std::size_t n) {
      return std::make_move_iterator(pieces.begin() + static_cast<std::ptrdiff_t>(n));
    };
    writer_.Submit(PutPieces(slice, i, {at(i), at(end)}, now), store::Urgency::kBackground);
  }
  const std::size_t before = std::exchange(*pieces_before, pieces.size());
  for (std::size_t i = pieces.size(); i < before; i += kPiecesPerOperation) {
    writer_.Submit(DropPieces(slice, i, std::min(i + kPiecesPerOperation, before)),
                   store::Urgency::kBackground);
  }
}

void SavedLimits::Load(const store::ReadTransaction& read) {
  const WallTime now = clock_.Now();
  const std::lock_guard lock(mutex_);
  const auto scanned =
      read.Scan(store::Table::kLimits, "", [&](std::string_view key, std::string_view value) {
        ByteReader place(key);
        const std::size_t slice = place.U16();
        const std::size_t number = place.U16();
        if (place.ok() && slice < kSlices) progress_.pieces[slice] = number + 1;
        ByteReader in(value);
        const WallTime then = in.Time();
        if (!in.ok()) return true;
        limits_.Restore({std::string(value.substr(kTimeBytes))}, std::max(now - then, Seconds(0)));
        return true;
      });
  static_cast<void>(scanned);
}

}  // namespace mxward
