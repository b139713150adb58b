// SPDX-License-Identifier: Apache-2.0
#include "greylist/pending_room.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <tuple>
#include <utility>

#include "greylist/folded.h"
#include "greylist/record.h"
#include "greylist/table.h"
#include "store/scan_slice.h"

namespace mxward::greylist {
namespace {

using WideRooms = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // wide network, its room

// To what each has to be cut down so that all together take `budget`.
std::uint32_t LevelOf(const WideRooms& wides, std::uint64_t all, std::uint64_t budget) {
  std::vector<std::uint32_t> rooms;
  rooms.reserve(wides.size());
  for (const auto& [wide, room] : wides) rooms.push_back(room);
  std::sort(rooms.begin(), rooms.end(), std::greater<>());
  std::uint64_t largest = 0;
  for (std::size_t i = 0; i < rooms.size(); ++i) {
    largest += rooms[i];
    const std::uint64_t rest = all - std::min(all, largest);
    const std::uint64_t next = i + 1 < rooms.size() ? rooms[i + 1] : 0;
    if (rest + (i + 1) * next > budget) continue;
    return static_cast<std::uint32_t>((budget - std::min(budget, rest)) / (i + 1));
  }
  return 1;
}

store::Operation EvictTuples(const std::vector<std::string>& keys) {
  return [keys](store::WriteTransaction& transaction) -> Result<void> {
    for (const std::string& key : keys) {
      MXWARD_TRY(const auto bytes, transaction.Get(store::Table::kTuples, key));
      const auto record = bytes ? TupleRecord::Decode(*bytes) : std::nullopt;
      // It may have passed meanwhile.
      if (!record || record->state != State::kPending) continue;
      MXWARD_TRY(transaction.Delete(store::Table::kTuples, key));
    }
    return {};
  };
}

store::Operation EvictBlocks(const std::vector<std::string>& keys) {
  std::vector<FoldedKey> blocks;
  for (const std::string& key : keys) {
    if (const auto block = FoldedKey::Decode(key)) blocks.push_back(*block);
  }
  return ForgetFolded(std::move(blocks));
}

}  // namespace

struct PendingRoom::Candidate {
  std::string key;
  PendingShare share;
  WallTime first_seen{};
  // Of all, also of those that are not in this slice; go down as candidates are chosen.
  std::uint32_t* network_room = nullptr;
  std::uint32_t* client_tuples = nullptr;
};

// What is trimmed, table by table.
struct PendingRoom::Stock {
  store::Table table;
  std::size_t slice;
  // Nothing of what does not wait.
  std::optional<Candidate> (*read)(std::string_view key, std::string_view bytes,
                                   const HashKey& hash_key);
  store::Operation (*evict)(const std::vector<std::string>& keys);

  static std::optional<Candidate> ReadTuple(std::string_view key, std::string_view bytes,
                                            const HashKey& hash_key) {
    const auto record = TupleRecord::Decode(bytes);
    if (!record || record->state != State::kPending) return std::nullopt;
    return Candidate{std::string(key),
                     {record->holder(hash_key), PendingCounts::RoomOf(bytes.size())},
                     record->first_seen};
  }
  static std::optional<Candidate> ReadBlock(std::string_view key, std::string_view bytes,
                                            const HashKey& hash_key) {
    const auto at = FoldedKey::Decode(key);
    const auto block = FoldedBlock::Decode(bytes);
    if (!at || !block || block->tuples.empty()) return std::nullopt;
    return Candidate{std::string(key), PendingCounts::ShareOf(*at, *block, bytes.size(), hash_key),
                     block->tuples.front().first_seen};
  }
};

const std::array<PendingRoom::Stock, 2> PendingRoom::kStocks = {
    {{store::Table::kTuples, kSlice, Stock::ReadTuple, EvictTuples},
     {store::Table::kFolded, kBlocks, Stock::ReadBlock, EvictBlocks}}};

bool PendingRoom::Admits(const Holder& holder) {
  const std::uint32_t limit = wide_limit_.load(std::memory_order_relaxed);
  const std::uint32_t room = counts_.RoomOfWide(holder.wide);
  if (room < limit) return true;
  const std::uint32_t tuples = counts_.All(holder.client) + 1;
  const std::uint32_t network = PendingCounts::NetworkKey(holder);
  const std::uint32_t room_of_network = counts_.RoomOfNetwork(holder);
  // The more it is over its share, the fewer: what comes in must not outrun what can be removed.
  const std::uint64_t fiftieths = (room - limit) / std::max(limit / 50, 1U);
  std::uint32_t level = 0;
  {
    auto levels = levels_.Lock();
    const auto wide = levels->wides.find(holder.wide);
    if (wide == levels->wides.end()) return true;  // nothing has been removed yet
    if (const auto at = levels->networks.find(network); at != levels->networks.end()) {
      level = at->second;
    } else if (room_of_network >= wide->second.network_room) {
      level = wide->second.client_tuples;
    } else {
      return true;
    }
  }
  // A client's first tuple is the last to be turned away.
  const std::uint32_t least = fiftieths < 8 && level > 1 ? 2 : 1;
  if (tuples < std::max(level >> std::min<std::uint64_t>(fiftieths, 31), least)) return true;
  turned_away_.Add();
  return false;
}

void PendingRoom::SetLimit(store::Environment& environment) {
  const auto usage = environment.GetUsage();
  if (!usage) return;
  const auto percent = [&](std::uint64_t share) {
    return usage->limit_bytes / PendingCounts::kUnit * share / 100;
  };
  tight_.store(usage->used_bytes / PendingCounts::kUnit > percent(kTightPercent),
               std::memory_order_relaxed);
  const std::uint64_t pending = counts_.Room();
  const std::uint64_t used = usage->used_bytes / PendingCounts::kUnit;
  const std::uint64_t others = used - std::min(used, pending);
  const std::uint64_t budget = std::max(
      percent(kLeastPercent), percent(kFillPercent) - std::min(percent(kFillPercent), others));
  auto limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(percent(kWidePercent), ~0U));
  if (pending > budget) {
    WideRooms wides;
    counts_.ForEachWide(
        [&](std::uint32_t wide, std::uint32_t room) { wides.emplace_back(wide, room); });
    limit = std::min(limit, LevelOf(wides, pending, budget));
  }
  wide_limit_.store(limit, std::memory_order_relaxed);
}

// Again and again the newest of the largest client in the largest network. REQUIRES: all are of one
// wide network.
void PendingRoom::Choose(std::vector<Candidate>& of_wide, std::size_t count,
                         std::vector<Candidate>& chosen) {
  if (of_wide.empty() || count == 0) return;
  std::map<std::uint32_t, std::uint32_t> networks;
  std::map<std::uint32_t, std::uint32_t> clients;
  for (Candidate& one : of_wide) {
    one.network_room = &networks
                            .try_emplace(PendingCounts::NetworkKey(one.share.holder),
                                         counts_.RoomOfNetwork(one.share.holder))
                            .first->second;
    one.client_tuples = &clients
                             .try_emplace(one.share.holder.client,
                                          std::max(1U, counts_.All(one.share.holder.client)))
                             .first->second;
  }
  const auto is_smaller = [](const Candidate& a, const Candidate& b) {
    return std::tie(*a.network_room, *a.client_tuples, a.first_seen) <
           std::tie(*b.network_room, *b.client_tuples, b.first_seen);
  };
  auto levels = levels_.Lock();
  if (levels->networks.size() > kMaxLevels) levels->networks.clear();
  Levels::Wide level{~0U, ~0U};
  std::map<std::uint32_t, std::uint32_t> of_networks;
  for (std::size_t i = 0; i < count && !of_wide.empty(); ++i) {
    const auto largest = std::max_element(of_wide.begin(), of_wide.end(), is_smaller);
    level.network_room = std::min(level.network_room, *largest->network_room);
    level.client_tuples = std::min(level.client_tuples, *largest->client_tuples);
    const auto at =
        of_networks.try_emplace(PendingCounts::NetworkKey(largest->share.holder), ~0U).first;
    at->second = std::min(at->second, *largest->client_tuples);
    *largest->network_room -= std::min(*largest->network_room, largest->share.room);
    const std::uint32_t tuples = std::max(1U, largest->share.folded);
    *largest->client_tuples -= std::min(*largest->client_tuples, tuples);
    chosen.push_back(std::move(*largest));
    *largest = std::move(of_wide.back());
    of_wide.pop_back();
  }
  levels->wides[chosen.back().share.holder.wide] = level;
  for (const auto& [network, tuples] : of_networks) levels->networks[network] = tuples;
}

void PendingRoom::Trim(store::Environment& environment, store::Writer& writer) {
  if (calls_++ % kLookEvery == 0) SetLimit(environment);
  const std::uint32_t limit = wide_limit_.load(std::memory_order_relaxed);
  std::map<std::uint32_t, std::uint32_t> over;
  if (counts_.Room() > limit) {
    counts_.ForEachWide([&](std::uint32_t wide, std::uint32_t room) {
      if (room > limit) over.emplace(wide, room);
    });
  }
  {
    // Not as soon as it is below: who is admitted again at once is over it again at once.
    auto levels = levels_.Lock();
    std::erase_if(levels->wides, [&](const auto& level) {
      return counts_.RoomOfWide(level.first) < limit - limit / 20;
    });
    if (levels->wides.empty()) levels->networks.clear();
    pressed_.store(!levels->wides.empty() || !over.empty(), std::memory_order_relaxed);
  }
  if (over.empty()) return;
  // Not more than the disk takes.
  if (last_ != nullptr && !last_->Peek()) return;

  for (std::size_t i = 0; i < kStocks.size(); ++i) TrimStock(i, over, limit, environment, writer);
}

void PendingRoom::TrimStock(std::size_t number, const std::map<std::uint32_t, std::uint32_t>& wides,
                            std::uint32_t limit, store::Environment& environment,
                            store::Writer& writer) {
  const Stock& stock = kStocks[number];
  std::map<std::uint32_t, std::vector<Candidate>> by_wide;
  const auto next = store::ScanSlice(environment, stock.table, next_[number], stock.slice,
                                     [&](std::string_view key, std::string_view bytes) {
                                       auto one = stock.read(key, bytes, environment.hash_key());
                                       if (!one) return true;
                                       const std::uint32_t wide = one->share.holder.wide;
                                       if (!wides.contains(wide)) return true;
                                       by_wide[wide].push_back(*std::move(one));
                                       return true;
                                     });
  if (!next) return;
  next_[number] = next->value_or("");

  std::vector<Candidate> chosen;
  for (auto& [wide, candidates] : by_wide) {
    const double surplus = 1 - static_cast<double>(limit) / wides.at(wide);
    const auto wanted =
        static_cast<std::size_t>(std::ceil(surplus * static_cast<double>(candidates.size())));
    Choose(candidates, std::min(wanted, kEvictions - std::min(kEvictions, chosen.size())), chosen);
  }
  for (std::size_t begin = 0; begin < chosen.size(); begin += kOperation) {
    std::vector<std::string> keys;
    for (std::size_t i = begin; i < std::min(begin + kOperation, chosen.size()); ++i) {
      counts_.Remove(chosen[i].share);
      keys.push_back(std::move(chosen[i].key));
    }
    last_ = writer.Submit(stock.evict(keys), store::Priority::kLow);
  }
  evicted_.Add(chosen.size());
}

PendingRoom::Stats PendingRoom::stats() const {
  return {evicted_.value(), turned_away_.value(), pressed_.load(std::memory_order_relaxed)};
}

}  // namespace mxward::greylist
