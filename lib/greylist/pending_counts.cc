// SPDX-License-Identifier: Apache-2.0
#include "greylist/pending_counts.h"

#include <algorithm>

namespace mxward::greylist {

PendingCounts::PendingCounts() : counts_{std::make_unique<Counts>(), std::make_unique<Counts>()} {}

void PendingCounts::Counts::Add(const PendingShare& share) {
  if (share.folded > 0) {
    folded.Add(share.holder.client, share.folded);
  } else {
    clients.Add(share.holder.client);
  }
  if (share.room == 0) return;
  networks.Add(NetworkKey(share.holder), share.room);
  wides.Add(share.holder.wide, share.room);
  room.fetch_add(share.room, std::memory_order_relaxed);
}

void PendingCounts::Add(const PendingShare& share) {
  const auto current = static_cast<std::size_t>(current_.load());
  counts_[current]->Add(share);
  if (recounting_.load()) counts_[1 - current]->Add(share);
}

void PendingCounts::Remove(const PendingShare& share) {
  Counts& counts = *counts_[static_cast<std::size_t>(current_.load())];
  if (share.folded > 0) {
    counts.folded.Remove(share.holder.client, share.folded);
  } else {
    counts.clients.Remove(share.holder.client);
  }
  counts.networks.Remove(NetworkKey(share.holder), share.room);
  counts.wides.Remove(share.holder.wide, share.room);
  std::uint64_t all = counts.room.load(std::memory_order_relaxed);
  while (!counts.room.compare_exchange_weak(all, all - std::min<std::uint64_t>(share.room, all),
                                            std::memory_order_relaxed)) {
  }
}

void PendingCounts::BeginRecount() {
  recounting_.store(false);
  Counts& counts = *counts_[static_cast<std::size_t>(1 - current_.load())];
  counts.clients.Clear();
  counts.folded.Clear();
  counts.networks.Clear();
  counts.wides.Clear();
  counts.room.store(0, std::memory_order_relaxed);
  recounting_.store(true);
}

void PendingCounts::Recount(const PendingShare& share) {
  counts_[static_cast<std::size_t>(1 - current_.load())]->Add(share);
}

void PendingCounts::FinishRecount() {
  recounting_.store(false);
  current_.store(1 - current_.load());
}

}  // namespace mxward::greylist
