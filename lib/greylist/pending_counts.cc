// SPDX-License-Identifier: Apache-2.0
#include "greylist/pending_counts.h"

#include <algorithm>
#include <limits>

namespace mxward::greylist {

PendingCounts::PendingCounts() : cells_{std::make_unique<Cells>(), std::make_unique<Cells>()} {}

std::size_t PendingCounts::Cell(std::uint32_t client, std::size_t row) {
  // One multiplicative hash a row; the tag itself is already the output of a keyed hash.
  static constexpr std::array<std::uint32_t, kRows> kOdd = {0x9e3779b1U, 0x85ebca77U, 0xc2b2ae3dU,
                                                            0x27d4eb2fU};
  return row * kColumns + ((client * kOdd[row]) >> (32 - kColumnBits));
}

void PendingCounts::Increment(Cells& cells, std::uint32_t client) {
  for (std::size_t row = 0; row < kRows; ++row) {
    cells[Cell(client, row)].fetch_add(1, std::memory_order_relaxed);
  }
}

void PendingCounts::Decrement(Cells& cells, std::uint32_t client) {
  for (std::size_t row = 0; row < kRows; ++row) {
    auto& cell = cells[Cell(client, row)];
    std::uint32_t value = cell.load(std::memory_order_relaxed);
    while (value > 0 && !cell.compare_exchange_weak(value, value - 1, std::memory_order_relaxed)) {
    }
  }
}

void PendingCounts::Add(std::uint32_t client) {
  const auto current = static_cast<std::size_t>(current_.load());
  Increment(*cells_[current], client);
  if (recounting_.load()) Increment(*cells_[1 - current], client);
}

void PendingCounts::Remove(std::uint32_t client) {
  Decrement(*cells_[static_cast<std::size_t>(current_.load())], client);
}

std::uint32_t PendingCounts::Get(std::uint32_t client) const {
  const Cells& cells = *cells_[static_cast<std::size_t>(current_.load())];
  std::uint32_t least = std::numeric_limits<std::uint32_t>::max();
  for (std::size_t row = 0; row < kRows; ++row) {
    least = std::min(least, cells[Cell(client, row)].load(std::memory_order_relaxed));
  }
  return least;
}

void PendingCounts::BeginRecount() {
  for (auto& cell : *cells_[static_cast<std::size_t>(1 - current_.load())]) {
    cell.store(0, std::memory_order_relaxed);
  }
  recounting_.store(true);
}

void PendingCounts::Recount(std::uint32_t client) {
  Increment(*cells_[static_cast<std::size_t>(1 - current_.load())], client);
}

void PendingCounts::FinishRecount() {
  recounting_.store(false);
  current_.store(1 - current_.load());
}

}  // namespace mxward::greylist
