// SPDX-License-Identifier: Apache-2.0
#include "greylist/folded.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/clock_guard.h"
#include "greylist/state.h"

namespace mxward::greylist {
namespace {

constexpr std::uint8_t kFoldedFormat = 2;
constexpr std::uint8_t kFormatWithoutTags = 1;
constexpr std::uint8_t kHasClient = 4;
constexpr std::uint8_t kClientIsIpv6 = 8;
constexpr std::uint8_t kHasTags = 32;
constexpr int kTimeBits = 24;
constexpr std::uint64_t kTimeMask = (1ULL << kTimeBits) - 1;

bool HasExpired(const FoldedTuple& tuple, WallTime now, const GreylistConfig& config) {
  return OutcomeOf(RecordOf(tuple), now, config) == Outcome::kExpired;
}

bool GivesPlace(const FoldedTuple& tuple, WallTime now, const Terms& terms) {
  return HasExpired(tuple, now, terms.config) ||
         Age(tuple.first_seen, now) > terms.delay + FoldedTuples::kKeepsPlace;
}

}  // namespace

std::string FoldedKey::Encode() const {
  ByteWriter out;
  out.U64(client);
  out.U8(block);
  return out.Take();
}

std::optional<FoldedKey> FoldedKey::Decode(std::string_view bytes) {
  ByteReader in(bytes);
  FoldedKey key;
  key.client = in.U64();
  key.block = in.U8();
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return key;
}

std::string FoldedBlock::Encode() const {
  WallTime base = WallTime::max();
  for (const FoldedTuple& tuple : tuples) base = std::min(base, tuple.first_seen);
  std::uint8_t flags = 0;
  if (client) flags |= kHasClient;
  if (client && !client->is_v4()) flags |= kClientIsIpv6;
  const bool tags = wide_tag != 0 || network_tag != 0;
  if (tags) flags |= kHasTags;
  ByteWriter out;
  out.U8(kFoldedFormat);
  out.U8(flags);
  out.Time(tuples.empty() ? WallTime() : base);
  if (tags) {
    out.U16(wide_tag);
    out.U16(network_tag);
  }
  if (client) out.Raw(client->view());
  for (const FoldedTuple& tuple : tuples) {
    const auto seconds = static_cast<std::uint64_t>((tuple.first_seen - base).count());
    if (seconds <= kTimeMask) out.U64((tuple.tag << kTimeBits) | seconds);
  }
  return out.Take();
}

std::optional<FoldedBlock> FoldedBlock::Decode(std::string_view bytes) {
  ByteReader in(bytes);
  const std::uint8_t format = in.U8();
  if (format != kFoldedFormat && format != kFormatWithoutTags) return std::nullopt;
  FoldedBlock block;
  const std::uint8_t flags = in.U8();
  const WallTime base = in.Time();
  if (format == kFoldedFormat && (flags & kHasTags) != 0) {
    block.wide_tag = in.U16();
    block.network_tag = in.U16();
  }
  if ((flags & kHasClient) != 0) {
    const std::string_view client = in.Raw((flags & kClientIsIpv6) != 0 ? 16 : 4);
    if (in.ok()) block.client = AddressFromBytes(client);
  }
  while (in.ok() && !in.at_end()) {
    const std::uint64_t tuple = in.U64();
    block.tuples.push_back(
        {tuple >> kTimeBits, base + Seconds(static_cast<std::int64_t>(tuple & kTimeMask))});
  }
  if (!in.ok()) return std::nullopt;
  return block;
}

Holder FoldedBlock::holder(const FoldedKey& at, const HashKey& key) const {
  if (wide_tag == 0 && network_tag == 0 && client) return HolderOf(key, *client);
  return {wide_tag, network_tag, static_cast<std::uint32_t>(at.client >> 32)};
}

TupleRecord RecordOf(const FoldedTuple& tuple) {
  TupleRecord record;
  record.first_seen = record.last_seen = tuple.first_seen;
  record.tries = 1;
  return record;
}

const FoldedTuple* FoldedTuples::Find(std::uint64_t tag) const {
  for (const auto& [number, block] : blocks_) {
    for (const FoldedTuple& tuple : block.tuples) {
      if (tuple.tag == tag) return &tuple;
    }
  }
  return nullptr;
}

std::optional<FoldedTuples::Place> FoldedTuples::FreePlace(WallTime now, const Terms& terms) const {
  std::optional<Place> oldest;
  std::optional<std::uint8_t> unused;
  WallTime oldest_time = WallTime::max();
  for (std::size_t i = 0; i < limits_.blocks; ++i) {
    const auto number = static_cast<std::uint8_t>(i);
    const auto found = blocks_.find(number);
    if (found == blocks_.end()) {
      if (!unused) unused = number;
      continue;
    }
    const auto& tuples = found->second.tuples;
    if (tuples.size() < limits_.tuples) return Place{number, tuples.size()};
    for (std::size_t j = 0; j < tuples.size(); ++j) {
      if (tuples[j].first_seen >= oldest_time) continue;
      oldest = {number, j};
      oldest_time = tuples[j].first_seen;
    }
  }
  // One whose window is over costs nobody anything; else a new block; else the oldest one's.
  if (oldest && HasExpired(blocks_.at(oldest->block).tuples[oldest->index], now, terms.config))
    return oldest;
  if (unused) return Place{*unused, 0};
  if (oldest && GivesPlace(blocks_.at(oldest->block).tuples[oldest->index], now, terms)) {
    return oldest;
  }
  return std::nullopt;
}

bool FoldedTuples::HasRoom(WallTime now, const Terms& terms) const {
  return FreePlace(now, terms).has_value();
}

std::optional<std::uint8_t> FoldedTuples::Put(const FoldedTuple& tuple, WallTime now,
                                              const Terms& terms) {
  for (auto& [number, block] : blocks_) {
    for (FoldedTuple& one : block.tuples) {
      if (one.tag != tuple.tag) continue;
      one = tuple;
      return number;
    }
  }
  const auto place = FreePlace(now, terms);
  if (!place) return std::nullopt;
  auto& tuples = blocks_[place->block].tuples;
  if (place->index == tuples.size()) {
    tuples.push_back(tuple);
  } else {
    tuples[place->index] = tuple;
  }
  return place->block;
}

std::optional<std::uint8_t> FoldedTuples::Remove(std::uint64_t tag) {
  for (auto& [number, block] : blocks_) {
    const auto found = std::find_if(block.tuples.begin(), block.tuples.end(),
                                    [tag](const FoldedTuple& tuple) { return tuple.tag == tag; });
    if (found == block.tuples.end()) continue;
    *found = block.tuples.back();
    block.tuples.pop_back();
    return number;
  }
  return std::nullopt;
}

bool IsExpired(const FoldedBlock& block, WallTime now, const GreylistConfig& config) {
  return std::all_of(block.tuples.begin(), block.tuples.end(),
                     [&](const FoldedTuple& tuple) { return HasExpired(tuple, now, config); });
}

bool IsFromFuture(const FoldedBlock& block, WallTime now) {
  return std::any_of(block.tuples.begin(), block.tuples.end(), [&](const FoldedTuple& tuple) {
    return tuple.first_seen > now + kFutureTolerance;
  });
}

FoldedBlock WithClampedTimes(FoldedBlock block, WallTime now) {
  for (FoldedTuple& tuple : block.tuples) tuple.first_seen = std::min(tuple.first_seen, now);
  return block;
}

}  // namespace mxward::greylist
