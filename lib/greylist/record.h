// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/enum_words.h"
#include "base/ip_address.h"
#include "greylist/identity.h"

namespace mxward::greylist {

// NOTE: do not change the values of existing entries, they are part of the persistent format.
enum class State : std::uint8_t {
  kPending = 1,    // deferred, has not come back in time yet
  kPassed = 2,     // came back in time: known
  kForgotten = 3,  // a tombstone of `forget`: as if it were not there
};
constexpr auto EnumWordsOf(State) {
  return EnumWords<State>(
      {{State::kPending, "pending"}, {State::kPassed, "passed"}, {State::kForgotten, "forgotten"}});
}

// Key in Table::kTuples, 16 bytes, big-endian: 64-bit hash of (sender, recipient), so that its
// records are neighbours; then 16 bits of a bucket, and the low 48 bits of the hash of the client's
// network. The records of one bucket are neighbours among these, so no crowd of others can hide
// them. The bucket is that of the clients whom SPF lets send for the sender, if it was one of them
// who began the record; else the hash of the organisation that the client's name belonged to then;
// without either, the network's hash, as it always was in mxward 0.1.0.
struct TupleKey {
  std::uint64_t addresses = 0;
  std::uint64_t network = 0;

  static constexpr int kNetworkBits = 48;
  // name_hash: 0 for none.
  static TupleKey Of(std::uint64_t addresses, std::uint64_t network_hash, std::uint64_t name_hash,
                     bool spf = false);
  // Where the records of an organisation begin among those of these addresses.
  static TupleKey FirstOf(std::uint64_t addresses, std::uint64_t name_hash);
  bool InBucketOf(std::uint64_t name_hash) const;
  // The bucket of those whom SPF lets send, as the hash of an organisation. The addresses say
  // whose domain that is.
  static constexpr std::uint64_t SpfBucketOf(std::uint64_t addresses) {
    return (addresses << kNetworkBits) | 1U;
  }
  bool IsOfNetwork(std::uint64_t network_hash) const;

  std::string Encode() const;
  static std::optional<TupleKey> Decode(std::string_view bytes);
  std::string ToHex() const;  // as shown to people: 32 digits
  bool operator==(const TupleKey&) const = default;
};

// Value in Table::kTuples. Layout, integers big-endian, times in seconds since 1970 as 32 bits
// (till 2106):
//
//   0      format (high 4 bits, now 1) and State (low 4 bits)
//   1      flags: 1 observed, 2 folded, 4 addresses follow, 8 the client is IPv6, 16 good evidence,
//          32 tags of its networks follow, 64 an address was cut, 128 SPF let the client send
//   2..5   first seen
//   6..9   last seen
//   10..11 tries: times deferred, saturating
//   12..19 hash of the name identity, 0 for none
//   20..23 client tag: high half of the hash of the client (IPv6: its /64)
//   -- State::kPassed only:
//   24..27 when it passed first
//   28..29 passes, saturating
//   -- with flag 32 only (records of 0.1.0 and before, and tombstones, lack them):
//   2 bytes tag of the wide network, 2 bytes tag of the network (Holder)
//   -- with flag 4 only:
//   4 or 16 bytes client address
//   2 bytes length, sender as given; 2 bytes length, recipient as given (cut at kMaxAddress)
//
// 28 bytes a pending tuple without addresses; with 60 bytes of addresses and IPv4, 96.
struct TupleRecord {
  State state = State::kPending;
  bool observed = false;  // nobody was deferred: mode = "observe"
  // Of mxward 0.1.0 and before: stood for all further tuples of one client. Means nothing any more
  // (folded.h).
  bool folded = false;
  // The evidence spoke for it when it was first deferred: if it never comes back, good mail may be
  // lost. Records of before that was noted lack it.
  bool good_evidence = false;
  // At the first try SPF let the client send for the sender's domain, by a term that carries an
  // identity (Identities::spf). Of which domain is not kept: all of these addresses have the same
  // organisational one (FoldSender). Older versions ignore the flag.
  bool spf = false;
  WallTime first_seen{};
  WallTime last_seen{};
  WallTime passed_at{};  // State::kPassed
  std::uint16_t tries = 0;
  std::uint16_t passes = 0;  // counted when the record is rewritten, at most once an hour
  std::uint64_t name_hash = 0;
  std::uint32_t client_tag = 0;
  std::uint16_t wide_tag = 0;  // both 0: not known
  std::uint16_t network_tag = 0;
  // Empty with greylist.privacy and in tombstones.
  std::optional<IpAddress> client;
  std::string sender;
  std::string recipient;
  bool cut = false;  // one of them was longer than kMaxAddress, and is its beginning

  // More is not kept: what one try may make us keep is bounded. Records of 0.1.0 and before have
  // up to 512.
  static constexpr std::size_t kMaxAddress = 256;

  Holder holder() const { return {wide_tag, network_tag, client_tag}; }
  // The same, worked out from the address for a record of before there were tags.
  Holder holder(const HashKey& key) const {
    const bool known = wide_tag != 0 || network_tag != 0 || !client;
    return known ? holder() : HolderOf(key, *client);
  }
  void SetHolder(const Holder& holder) {
    wide_tag = holder.wide;
    network_tag = holder.network;
    client_tag = holder.client;
  }
  // Both, as given; cut where they are longer.
  void SetAddresses(std::string_view sender_as_given, std::string_view recipient_as_given);

  std::string Encode() const;
  // Nothing when the bytes are not a record of a known format.
  static std::optional<TupleRecord> Decode(std::string_view bytes);
  // Only the name hash, for a quick look at neighbours; 0 when there is none.
  static std::uint64_t PeekNameHash(std::string_view bytes);
  // Likewise only `spf`.
  static bool PeekSpf(std::string_view bytes);

  bool operator==(const TupleRecord&) const = default;
};

// REQUIRES: bytes.size() is 4 or 16
IpAddress AddressFromBytes(std::string_view bytes);

}  // namespace mxward::greylist
