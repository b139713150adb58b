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

std::string PieceKey(std::uint16_t slice, std::uint16_t number) {
  ByteWriter out;
  out.U16(slice);
  out.U16(number);
  return out.Take();
}

}  // namespace

SavedLimits::SavedLimits(const Clock& clock, store::Writer& writer, limits::Limits& limits)
    : clock_(clock),
      limits_(limits),
      waiting_(writer, {.per_operation = kPiecesPerOperation}, clock.Monotonic()) {
  progress_.due = clock.Monotonic() + kSliceEvery;
}

Result<void> SavedLimits::WritePieces(store::WriteTransaction& transaction,
                                      const Buffer::Items& items) {
  for (const auto* item : items) {
    const auto& [name, piece] = *item;
    const std::string key = PieceKey(name.slice, name.number);
    if (piece) {
      auto put = transaction.Put(store::Table::kLimits, key, *piece);
      if (!put) return put;
    } else if (auto gone = transaction.Delete(store::Table::kLimits, key); !gone) {
      return Fail(gone.error());
    }
  }
  return {};
}

void SavedLimits::Save(bool all) {
  const MonoTime now = clock_.Monotonic();
  const MutexLock lock(mutex_);
  if (all || waiting_.IsIdle()) {
    for (std::size_t i = 0; i < kSlices && (all || progress_.due <= now); ++i) {
      TakeSlice();
      progress_.next = (progress_.next + 1) % kSlices;
      progress_.due += kSliceEvery;
    }
  }
  progress_.due = std::max(progress_.due, now);
  waiting_.Flush(now, all, []() -> Buffer::Write { return WritePieces; });
}

void SavedLimits::TakeSlice() {
  const std::size_t slice = progress_.next;
  std::vector<std::string> pieces = limits_.Save(slice);
  if (pieces.size() > kMostPieces) pieces.resize(kMostPieces);
  ByteWriter time;
  time.Time(clock_.Now());
  const std::string head = time.Take();
  const auto put = [&](std::size_t number, Piece piece) {
    waiting_.Update({static_cast<std::uint16_t>(slice), static_cast<std::uint16_t>(number)},
                    [&](Piece& waiting, bool) { waiting = std::move(piece); });
  };
  for (std::size_t i = 0; i < pieces.size(); ++i) put(i, head + pieces[i]);
  // What is left of an earlier time when there were more.
  for (std::size_t i = pieces.size(); i < progress_.pieces[slice]; ++i) put(i, std::nullopt);
  progress_.pieces[slice] = pieces.size();
}

Result<void> SavedLimits::Load(const store::ReadTransaction& read) {
  const WallTime now = clock_.Now();
  const MutexLock lock(mutex_);
  return read.Scan(store::Table::kLimits, "",
                   [&](std::string_view key, std::string_view value) MXWARD_REQUIRES(mutex_) {
                     ByteReader place(key);
                     const std::size_t slice = place.U16();
                     const std::size_t number = place.U16();
                     if (place.ok() && slice < kSlices) progress_.pieces[slice] = number + 1;
                     ByteReader in(value);
                     const WallTime then = in.Time();
                     if (!in.ok()) return true;
                     limits_.Restore({std::string(value.substr(kTimeBytes))},
                                     std::max(now - then, Seconds(0)));
                     return true;
                   });
}

}  // namespace mxward
