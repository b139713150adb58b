// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "greylist/folded.h"
#include "greylist/heavy_counts.h"
#include "greylist/identity.h"
#include "greylist/record.h"

namespace mxward::greylist {

// What one pending record counts for.
struct PendingShare {
  Holder holder;
  std::uint32_t room = 0;    // PendingCounts::RoomOf
  std::uint32_t folded = 0;  // so many folded tuples; 0: it is one with a record of its own
};

// How many pending tuples each client has, and how much room those of a network take, in fixed
// memory; folded ones (folded.h) as well. Right for those who hold much, too low for some who hold
// little when millions wait, and never too high because of others.
//
// Not persistent. The sweep counts afresh while it walks the table, and its count takes over when
// it is through; so after a restart the numbers are right again after one sweep.
//
// Thread-safe; a concurrent Add and Get may miss each other.
class PendingCounts {
 public:
  PendingCounts();

  void Add(const PendingShare& share);
  void Remove(const PendingShare& share);

  // Of one client, by TupleRecord::client_tag: tuples with records of their own.
  std::uint32_t Get(std::uint32_t client) const { return Now().clients.Get(client); }
  // The same with its folded ones.
  std::uint32_t All(std::uint32_t client) const { return Get(client) + Now().folded.Get(client); }
  // Room that the pending records of its network, its wide network, and of all take.
  std::uint32_t RoomOfNetwork(const Holder& holder) const {
    return Now().networks.Get(NetworkKey(holder));
  }
  std::uint32_t RoomOfWide(std::uint16_t wide) const { return Now().wides.Get(wide); }
  std::uint64_t Room() const { return Now().room.load(std::memory_order_relaxed); }
  void ForEachWide(
      const std::function<void(std::uint32_t wide, std::uint32_t room)>& visitor) const {
    Now().wides.ForEach(visitor);
  }

  // Room is counted in so many bytes of the database's file.
  static constexpr std::uint32_t kUnit = 64;
  // What a record of so many bytes takes: with its key, LMDB's head, and pages that are filled by
  // two thirds, as they are where keys come in no order.
  static std::uint32_t RoomOf(std::size_t bytes) {
    return static_cast<std::uint32_t>(((bytes + 24) * 3 / 2 + kUnit - 1) / kUnit);
  }
  static PendingShare ShareOf(const TupleRecord& record, const HashKey& key) {
    return {record.holder(key), RoomOf(record.Encode().size())};
  }
  // bytes: of the block. REQUIRES: it has tuples
  static PendingShare ShareOf(const FoldedKey& at, const FoldedBlock& block, std::size_t bytes,
                              const HashKey& key) {
    return {block.holder(at, key), RoomOf(bytes), static_cast<std::uint32_t>(block.tuples.size())};
  }
  // One number for the network within its wide one.
  static std::uint32_t NetworkKey(const Holder& holder) {
    return std::uint32_t{holder.wide} << 16 | holder.network;
  }

  // The sweep: Begin, Recount for each pending record, then Finish. What is added meanwhile is in
  // both.
  void BeginRecount();
  void Recount(const PendingShare& share);
  void FinishRecount();

 private:
  struct Counts {
    HeavyCounts clients{12};
    HeavyCounts folded{10};  // by client; few have any
    HeavyCounts networks{12};
    HeavyCounts wides{9};
    std::atomic<std::uint64_t> room{0};

    void Add(const PendingShare& share);
  };
  const Counts& Now() const { return *counts_[static_cast<std::size_t>(current_.load())]; }

  // Two tables: one is asked, the other is counted into or idle.
  std::array<std::unique_ptr<Counts>, 2> counts_;
  std::atomic<int> current_{0};
  std::atomic<bool> recounting_{false};
};

}  // namespace mxward::greylist
