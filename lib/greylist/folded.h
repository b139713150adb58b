// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "config/config.h"
#include "greylist/identity.h"
#include "greylist/record.h"
#include "greylist/state.h"

namespace mxward::greylist {

// Beyond greylist.max_pending a client's pending tuples have no records of their own: they are
// folded into blocks, eight bytes each. A block remembers which tuples, and when each was deferred
// first; so each passes by its own time, and what is not in a block has to wait. One that passes
// leaves its block and gets a record of its own.

// One folded tuple. The tag stands for sender and recipient: two that share one are taken for each
// other, which a new tuple of a client with full blocks does by chance once in 277 million times;
// nobody can look for such a pair without the hash key.
struct FoldedTuple {
  std::uint64_t tag = 0;  // 40 bits
  WallTime first_seen{};

  bool operator==(const FoldedTuple&) const = default;
};

// TupleKey::addresses, shortened.
constexpr std::uint64_t FoldedTag(std::uint64_t addresses) { return addresses >> 24; }

// How many of one client are remembered. A block fits half a page of LMDB's, or it would take a
// whole one.
struct FoldedLimits {
  std::size_t blocks = 16;
  std::size_t tuples = 248;  // a block
};

// Key in Table::kFolded, 9 bytes: 64-bit hash of the client, big-endian, then the block's number.
struct FoldedKey {
  std::uint64_t client = 0;
  std::uint8_t block = 0;

  std::string Encode() const;
  static std::optional<FoldedKey> Decode(std::string_view bytes);
  bool operator==(const FoldedKey&) const = default;
};

// Value in Table::kFolded. Layout, integers big-endian:
//
//   0      format, now 2
//   1      flags: 4 the client's address follows, 8 it is IPv6, 32 tags of its networks follow
//   2..5   base: the earliest time of the block, in seconds since 1970
//   2 bytes tag of the wide network, 2 bytes tag of the network (Holder), with flag 32
//   4 or 16 bytes client address, with flag 4
//   8 bytes a tuple: tag (high 40 bits), seconds since the base (low 24 bits, up to 194 days)
//
// Format 1 has no flag 32.
struct FoldedBlock {
  std::optional<IpAddress> client;  // nothing with greylist.privacy
  std::vector<FoldedTuple> tuples;
  std::uint16_t wide_tag = 0;  // both 0: not known
  std::uint16_t network_tag = 0;

  // Takes over the tags of its networks.
  void SetHolder(const Holder& holder) {
    wide_tag = holder.wide;
    network_tag = holder.network;
  }
  // Worked out from the address where there are no tags; of a block without either only the client
  // is known.
  Holder holder(const FoldedKey& at, const HashKey& key) const;

  // Leaves out what is 194 days younger than the oldest.
  std::string Encode() const;
  static std::optional<FoldedBlock> Decode(std::string_view bytes);

  bool operator==(const FoldedBlock&) const = default;
};

// What a folded tuple would be with a record of its own; Advance() judges it.
TupleRecord RecordOf(const FoldedTuple& tuple);

// All blocks of one client. A value; the table is read and written elsewhere.
class FoldedTuples {
 public:
  explicit FoldedTuples(FoldedLimits limits = {}) : limits_(limits) {}

  void Load(std::uint8_t number, FoldedBlock block) { blocks_[number] = std::move(block); }

  const FoldedTuple* Find(std::uint64_t tag) const;
  // Whether Put would find a place for one more.
  bool HasRoom(WallTime now, const Terms& terms) const;
  // Remembers the tuple, in the place of the one with its tag; else in a free place, that of one
  // whose window is over, or that of the oldest one if it had its chance (kKeepsPlace). Returns the
  // number of the block that changed; nothing when every place is taken: then it is not remembered.
  std::optional<std::uint8_t> Put(const FoldedTuple& tuple, WallTime now, const Terms& terms);
  // The number of the block that lost it; nothing when there is none. A block may be empty then.
  std::optional<std::uint8_t> Remove(std::uint64_t tag);

  FoldedBlock& block(std::uint8_t number) { return blocks_[number]; }

  // For so long after it could have passed a tuple keeps its place; then it gives it to a new one,
  // when no other is free. Longer than the retries of a mail server are apart.
  static constexpr Seconds kKeepsPlace{6 * 3600};

 private:
  struct Place {
    std::uint8_t block = 0;
    std::size_t index = 0;  // its size: past the last one
  };
  std::optional<Place> FreePlace(WallTime now, const Terms& terms) const;

  FoldedLimits limits_;
  std::map<std::uint8_t, FoldedBlock> blocks_;
};

// True when no tuple of the block can pass any more.
bool IsExpired(const FoldedBlock& block, WallTime now, const GreylistConfig& config);
// As in state.h.
bool IsFromFuture(const FoldedBlock& block, WallTime now);
FoldedBlock WithClampedTimes(FoldedBlock block, WallTime now);

}  // namespace mxward::greylist
