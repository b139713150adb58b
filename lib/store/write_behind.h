// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/mutex.h"
#include "store/transaction.h"
#include "store/writer.h"

namespace mxward::store {

// Counts in memory and writes in the background. Flush() hands all that waits to the writer as one
// lot, in operations of a few keys each. What could not be committed waits again, together with
// what was counted meanwhile; what is forgotten is not written even if the writer already has it.
// So nothing is lost and nothing counted twice, but by a crash, which costs what is not yet
// committed, and where there is no room.
//
// Map: std::map or std::unordered_map, from a key (with operator<) to what was counted of it.
// Traits, two static functions:
//   void Add(const Key& key, Value& earlier, const Value& later): `earlier` becomes both together
//   std::optional<Key> Overflow(const Key& key): what counts in the place of a key for which there
//     is no room, and has room itself; nothing: it is dropped
//
// Thread-safe. No call waits for the disk.
template <class Map, class Traits>
class WriteBehind {
 public:
  using Key = typename Map::key_type;
  using Value = typename Map::mapped_type;
  using Items = std::vector<typename Map::const_pointer>;
  // Adds these, in the order of their keys, to what is stored; part of an operation of the writer.
  using Write = std::function<Result<void>(WriteTransaction& transaction, const Items& items)>;

  struct Options {
    Millis every{};                 // between two lots
    std::size_t per_operation = 1;  // keys
    // Keys that may wait, without those that the writer has been given.
    std::size_t most_waiting = std::numeric_limits<std::size_t>::max();
    // With so many waiting a lot is due before its time, unless the last one failed.
    std::size_t hand_over = std::numeric_limits<std::size_t>::max();
  };

  // The writer outlives it. The first lot is due `every` from now.
  WriteBehind(Writer& writer, Options options, MonoTime now)
      : writer_(writer), options_(options), due_(now + options.every) {}

  // Calls change(Value& value, bool is_new) for what waits of a key, with the lock held. False when
  // there was no room for one more.
  template <class Change>
  bool Update(const Key& key, Change change) {
    const MutexLock lock(mutex_);
    const auto at = FindOrMake(key);
    if (at.first == nullptr) return false;
    change(*at.first, at.second);
    return true;
  }

  // Takes back what could not be committed. Then, if a lot is due and the writer is done with the
  // last one, or at once with `all`, hands over what waits. make_write() -> Write is called,
  // without the lock, only if there is something. Returns how many keys were lost for want of room.
  template <class MakeWrite>
  std::uint64_t Flush(MonoTime now, bool all, MakeWrite make_write) {
    std::uint64_t lost = 0;
    std::shared_ptr<Lot> lot;
    std::vector<Handed> done;  // destroyed without the lock
    {
      const MutexLock lock(mutex_);
      lost = TakeBack(done);
      if (!all && !IsDue(now)) return lost;
      due_ = now + options_.every;
      failed_ = false;
      if (waiting_.empty()) return lost;
      lot = std::make_shared<Lot>(std::exchange(waiting_, {}), options_.per_operation);
      handed_.push_back({lot, {}});
    }
    lot->SortIntoBatches();
    auto write = std::make_shared<const Write>(make_write());
    std::vector<std::unique_ptr<Ticket>> tickets;
    tickets.reserve(lot->batches());
    for (std::size_t batch = 0; batch < lot->batches(); ++batch) {
      tickets.push_back(writer_.Submit(
          [lot, batch, write](WriteTransaction& transaction) {
            return (*write)(transaction, lot->Batch(batch));
          },
          Priority::kLow));
    }
    const MutexLock lock(mutex_);
    std::find_if(handed_.begin(), handed_.end(), [&](const Handed& one) {
      return one.lot == lot;
    })->tickets = std::move(tickets);
    return lost;
  }

  // Nothing waits, and the writer is done with all it was given.
  bool IsIdle() {
    std::vector<Handed> done;
    const MutexLock lock(mutex_);
    TakeBack(done);
    return waiting_.empty() && handed_.empty();
  }

  // What is not yet written of a key. A later read of the store sees the rest; what is
  // committed in between counts twice, not never.
  std::optional<Value> Find(const Key& key) const {
    std::optional<Value> found;
    const auto add = [&](const Value& later) {
      if (found) {
        Traits::Add(key, *found, later);
      } else {
        found = later;
      }
    };
    const MutexLock lock(mutex_);
    for (const Handed& one : handed_) {
      const Value* value = one.lot->Find(key);
      if (value != nullptr && !one.IsWritten(key)) add(*value);
    }
    if (const auto at = waiting_.find(key); at != waiting_.end()) add(at->second);
    return found;
  }

  // The same of all keys.
  Map Unwritten() const {
    Map all;
    const auto add = [&all](const Key& key, const Value& later) {
      const auto [at, is_new] = all.try_emplace(key, later);
      if (!is_new) Traits::Add(key, at->second, later);
    };
    const MutexLock lock(mutex_);
    for (const Handed& one : handed_) {
      for (const auto& [key, value] : one.lot->all()) {
        if (one.lot->Find(key) != nullptr && !one.IsWritten(key)) add(key, value);
      }
    }
    for (const auto& [key, value] : waiting_) add(key, value);
    return all;
  }

  // Forgets a key that is not yet written. The writer may have written it, or be about to: whoever
  // forgets submits its deletion after this, as an operation that is not in the background.
  void Forget(const Key& key) {
    const MutexLock lock(mutex_);
    waiting_.erase(key);
    for (const Handed& one : handed_) one.lot->Forget(key);
  }

  // The same with all keys for which it is true. Returns those that the writer has been given.
  template <class Predicate>
  std::vector<Key> ForgetIf(Predicate predicate) {
    std::vector<Key> given;
    const MutexLock lock(mutex_);
    std::erase_if(waiting_, [&](const auto& item) { return predicate(item.first); });
    for (const Handed& one : handed_) {
      for (const auto& [key, value] : one.lot->all()) {
        if (!predicate(key)) continue;
        one.lot->Forget(key);
        given.push_back(key);
      }
    }
    return given;
  }

 private:
  // What the writer is given at a time. Shared with its operations, which may outlive all else.
  class Lot {
   public:
    Lot(Map items, std::size_t per_operation)
        : items_(std::move(items)), per_operation_(per_operation) {}

    // Neighbours in the table go into the same operation: fewer pages a commit. To be called before
    // anything of batches.
    void SortIntoBatches() {
      sorted_.reserve(items_.size());
      for (const auto& item : items_) sorted_.push_back(&item);
      std::sort(sorted_.begin(), sorted_.end(),
                [](const auto* a, const auto* b) { return a->first < b->first; });
    }
    std::size_t batches() const { return (sorted_.size() + per_operation_ - 1) / per_operation_; }
    // REQUIRES: the key is in the lot
    std::size_t BatchOf(const Key& key) const {
      const auto at = std::lower_bound(
          sorted_.begin(), sorted_.end(), key,
          [](const auto* item, const Key& wanted) { return item->first < wanted; });
      return static_cast<std::size_t>(at - sorted_.begin()) / per_operation_;
    }
    // Of one batch what has not been forgotten.
    Items Batch(std::size_t batch) {
      Items items;
      auto forgotten = forgotten_.Lock();
      const std::size_t end = std::min((batch + 1) * per_operation_, sorted_.size());
      for (std::size_t i = batch * per_operation_; i < end; ++i) {
        if (!forgotten->contains(sorted_[i]->first)) items.push_back(sorted_[i]);
      }
      return items;
    }
    const Map& all() const { return items_; }
    // Null when it is not in it, or has been forgotten.
    const Value* Find(const Key& key) {
      const auto at = items_.find(key);
      return at == items_.end() || forgotten_.Lock()->contains(key) ? nullptr : &at->second;
    }
    void Forget(const Key& key) {
      if (items_.contains(key)) forgotten_.Lock()->insert(key);
    }

   private:
    const Map items_;
    const std::size_t per_operation_;
    Items sorted_;
    Guarded<std::set<Key>> forgotten_;
  };

  struct Handed {
    std::shared_ptr<Lot> lot;
    std::vector<std::unique_ptr<Ticket>> tickets;  // of its batches; none: not yet submitted

    bool IsDone() const {
      return !tickets.empty() &&
             std::all_of(tickets.begin(), tickets.end(),
                         [](const auto& ticket) { return ticket->Peek().has_value(); });
    }
    // REQUIRES: the key is in the lot
    bool IsWritten(const Key& key) const {
      if (tickets.empty()) return false;
      const auto outcome = tickets[lot->BatchOf(key)]->Peek();
      return outcome && *outcome;
    }
  };

  // What waits of a key, and whether it is new. Null: there is no room.
  std::pair<Value*, bool> FindOrMake(const Key& key) MXWARD_REQUIRES(mutex_) {
    if (const auto at = waiting_.find(key); at != waiting_.end()) return {&at->second, false};
    if (waiting_.size() < options_.most_waiting) return {&waiting_[key], true};
    const std::optional<Key> instead = Traits::Overflow(key);
    if (!instead) return {nullptr, false};
    const auto [at, is_new] = waiting_.try_emplace(*instead);
    return {&at->second, is_new};
  }

  // The lots that the writer is done with go to `done`; what could not be written of them waits
  // again. Returns how many keys found no room.
  std::uint64_t TakeBack(std::vector<Handed>& done) MXWARD_REQUIRES(mutex_) {
    for (Handed& one : handed_) {
      if (one.IsDone()) done.push_back(std::move(one));
    }
    std::erase_if(handed_, [](const Handed& one) { return one.lot == nullptr; });
    std::uint64_t lost = 0;
    for (const Handed& one : done) {
      for (std::size_t batch = 0; batch < one.tickets.size(); ++batch) {
        if (*one.tickets[batch]->Peek()) continue;
        failed_ = true;
        for (const auto* item : one.lot->Batch(batch)) {
          const auto at = FindOrMake(item->first);
          if (at.first == nullptr) {
            ++lost;
          } else if (at.second) {
            *at.first = item->second;
          } else {
            Value both = item->second;
            Traits::Add(item->first, both, *at.first);
            *at.first = std::move(both);
          }
        }
      }
    }
    return lost;
  }

  bool IsDue(MonoTime now) const MXWARD_REQUIRES(mutex_) {
    if (!handed_.empty()) return false;
    return now >= due_ || (waiting_.size() >= options_.hand_over && !failed_);
  }

  Writer& writer_;
  const Options options_;
  mutable Mutex mutex_;
  Map waiting_ MXWARD_GUARDED_BY(mutex_);
  std::vector<Handed> handed_ MXWARD_GUARDED_BY(mutex_);  // to the writer, in order
  MonoTime due_ MXWARD_GUARDED_BY(mutex_);
  bool failed_ MXWARD_GUARDED_BY(mutex_) = false;  // a commit of the last lot
};

}  // namespace mxward::store
