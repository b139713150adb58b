// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/counter.h"
#include "base/guarded.h"
#include "config/config.h"
#include "greylist/pending_counts.h"
#include "greylist/state.h"
#include "store/environment.h"
#include "store/writer.h"

namespace mxward::greylist {

// The room that pending records may take in the database, and who gives way where it ends.
//
// Room has shares down a tree: the wide network (/16, for IPv6 /32), the network (/24, /48), the
// client (address, /64). No wide network holds more than a quarter of store.map_size_max, and all
// together no more than what is left for them; where one holds more, the newest record of the
// largest client in its largest network goes, again and again; a block of folded tuples (folded.h)
// is one record of many. So a flood takes room from itself, and one record of a neighbour stays as
// long as any client of the network has two.
//
// Two do that. Trim() removes records, in slices that are random samples of all, for the keys are
// hashes; and Admits() turns away what would be the next to go. What is turned away is deferred
// without a record.
//
// Room is only estimated, in PendingCounts' units. Thread-safe, but Trim() is for one thread.
class PendingRoom {
 public:
  explicit PendingRoom(PendingCounts& counts) : counts_(counts) {}

  // Whether a new pending record of this holder may be written. Costs one look into a table while
  // nobody is over its share.
  bool Admits(const Holder& holder);

  // Finds out how full the database is, and removes a slice's surplus. To be called several times a
  // second.
  void Trim(store::Environment& environment, store::Writer& writer);

  // How long Sweep may keep what can pass no more: not at all above kTightPercent of the map.
  Seconds lost_retention() const {
    return tight_.load(std::memory_order_relaxed) ? Seconds(0) : kLostRetention;
  }

  struct Stats {
    std::uint64_t evicted = 0;      // records removed before their time, since start
    std::uint64_t turned_away = 0;  // not written, since start
    bool pressed = false;           // a holder is over its share now
  };
  Stats stats() const;

  static constexpr std::uint64_t kTightPercent = 70;
  // Of the map: what one wide network's pending records may take. Above it fewer and fewer are
  // admitted, and at 25 % none.
  static constexpr std::uint64_t kWidePercent = 21;
  // All pending records may fill the map up to here, and may always have this much.
  static constexpr std::uint64_t kFillPercent = 75;
  static constexpr std::uint64_t kLeastPercent = 10;
  static constexpr std::size_t kSlice = 2000;     // records looked at in a call
  static constexpr std::size_t kBlocks = 200;     // and blocks of folded tuples
  static constexpr std::size_t kEvictions = 400;  // removed in a call at most
  static constexpr std::size_t kOperation = 100;  // removed in one transaction
  static constexpr int kLookEvery = 5;            // calls
  static constexpr std::size_t kMaxLevels = 4096;

 private:
  struct Candidate;
  struct Stock;
  static const std::array<Stock, 2> kStocks;
  // Who was the last to go, so that who is larger would be the next.
  struct Levels {
    struct Wide {
      std::uint32_t network_room = 0;
      std::uint32_t client_tuples = 0;
    };
    std::unordered_map<std::uint16_t, Wide> wides;
    std::unordered_map<std::uint32_t, std::uint32_t> networks;  // NetworkKey: client_tuples
  };

  void SetLimit(store::Environment& environment);
  // wides: that hold more than `limit`, and how much.
  void TrimStock(std::size_t number, const std::map<std::uint32_t, std::uint32_t>& wides,
                 std::uint32_t limit, store::Environment& environment, store::Writer& writer);
  void Choose(std::vector<Candidate>& of_wide, std::size_t count, std::vector<Candidate>& chosen);

  PendingCounts& counts_;
  std::atomic<std::uint32_t> wide_limit_{~0U};
  std::atomic<bool> tight_{false};
  std::atomic<bool> pressed_{false};
  Counter evicted_, turned_away_;
  Guarded<Levels> levels_;
  // Of Trim's thread.
  int calls_ = 0;
  std::array<std::string, 2> next_;      // by stock
  std::unique_ptr<store::Ticket> last_;  // of what was removed
};

}  // namespace mxward::greylist
