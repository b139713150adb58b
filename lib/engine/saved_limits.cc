// SPDX-License-Identifier: Apache-2.0
//
// What the engine keeps in memory and writes down now and then: the counters of limits. They are in
// Table::kLimits, in pieces: key 2 bytes number of the piece, big-endian; value 4 bytes time, then
// limits::Limits::Save()'s piece. Each has its own time, because not all are written in one commit.
#include <algorithm>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "store/bytes.h"

namespace mxward {
namespace {

constexpr Seconds kSaveLimitsEvery{20};
// A commit stays small.
constexpr std::size_t kPiecesPerOperation = 16;
constexpr std::size_t kMostPieces = 0xffff;
constexpr std::size_t kTimeBytes = 4;

std::string PieceKey(std::size_t number) {
  store::ByteWriter out;
  out.U16(static_cast<std::uint16_t>(number));
  return out.Take();
}

// Writes these pieces, numbered from `first`.
store::Operation PutPieces(std::size_t first, std::vector<std::string> pieces, WallTime now) {
  return [first, pieces = std::move(pieces), now](store::WriteTransaction& write) -> Result<void> {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      store::ByteWriter value;
      value.Time(now);
      const std::string bytes = value.Take() + pieces[i];
      if (auto put = write.Put(store::Table::kLimits, PieceKey(first + i), bytes); !put) return put;
    }
    return {};
  };
}

// Removes what is left of an earlier time when there were more pieces.
store::Operation DropPieces(std::size_t first, std::size_t end) {
  return [first, end](store::WriteTransaction& write) -> Result<void> {
    for (std::size_t i = first; i < end; ++i) {
      if (auto gone = write.Delete(store::Table::kLimits, PieceKey(i)); !gone) {
        return Fail(gone.error());
      }
    }
    return {};
  };
}

}  // namespace

void Engine::Save(bool all) {
  history_.Flush(config()->greylist.privacy, all);
  {
    const MonoTime now = services_.clock.Monotonic();
    auto saved = limits_saved_.Lock();
    if (!all && now - *saved < kSaveLimitsEvery) return;
    *saved = now;
  }
  SaveLimits();
}

void Engine::SaveLimits() {
  std::vector<std::string> pieces = limits_.Save();
  if (pieces.size() > kMostPieces) pieces.resize(kMostPieces);
  const WallTime now = services_.clock.Now();
  for (std::size_t i = 0; i < pieces.size(); i += kPiecesPerOperation) {
    const auto begin = pieces.begin() + static_cast<std::ptrdiff_t>(i);
    const auto end = pieces.begin() +
                     static_cast<std::ptrdiff_t>(std::min(i + kPiecesPerOperation, pieces.size()));
    services_.writer.Submit(PutPieces(i, {begin, end}, now), store::Urgency::kBackground);
  }
  const std::size_t before = saved_pieces_.exchange(pieces.size());
  for (std::size_t i = pieces.size(); i < before; i += kPiecesPerOperation) {
    services_.writer.Submit(DropPieces(i, std::min(i + kPiecesPerOperation, before)),
                            store::Urgency::kBackground);
  }
}

// Counters that cannot be read begin anew.
void Engine::LoadLimits(const store::ReadTransaction& read) {
  const WallTime now = services_.clock.Now();
  std::size_t count = 0;
  const auto scanned =
      read.Scan(store::Table::kLimits, "", [&](std::string_view, std::string_view value) {
        ++count;
        store::ByteReader in(value);
        const WallTime then = in.Time();
        if (!in.ok()) return true;
        limits_.Restore({std::string(value.substr(kTimeBytes))}, std::max(now - then, Seconds(0)));
        return true;
      });
  static_cast<void>(scanned);
  saved_pieces_.store(count);
}

}  // namespace mxward
