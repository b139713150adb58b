// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/enum_words.h"
#include "base/ip_address.h"
#include "base/result.h"
#include "base/siphash.h"

namespace mxward::entries {

// What an allow or block entry is about.
// NOTE: do not change the values of existing kinds, they are part of the persistent format.
enum class Kind : std::uint8_t {
  kClient = 1,        // an address or a prefix
  kClientName = 2,    // a reverse name and all names below it
  kSender = 3,        // an address; "<>" is the null sender
  kSenderDomain = 4,  // a domain and all domains below it
  kRecipient = 5,
  kRecipientDomain = 6,
  kSpfOf = 7,    // a domain whose SPF record lets the client pass
  kAccount = 8,  // for whom the mail is sent (match/accounts.h), where that is proven
};
inline constexpr int kKindCount = 8;
// So many of kSpfOf count: each may be evaluated for every client.
inline constexpr std::size_t kMostSpfOfEntries = 16;

constexpr auto EnumWordsOf(Kind) {
  return EnumWords<Kind>({{Kind::kClient, "client"},
                          {Kind::kClientName, "client-name"},
                          {Kind::kSender, "sender"},
                          {Kind::kSenderDomain, "sender-domain"},
                          {Kind::kRecipient, "recipient"},
                          {Kind::kRecipientDomain, "recipient-domain"},
                          {Kind::kSpfOf, "spf-of"},
                          {Kind::kAccount, "account"}});
}

enum class Action : std::uint8_t { kAllow, kBlock };
constexpr auto EnumWordsOf(Action) {
  return EnumWords<Action>({{Action::kAllow, "allow"}, {Action::kBlock, "block"}});
}

// One allow or block, as an administrator said it.
struct Entry {
  Kind kind = Kind::kClient;
  Action action = Action::kAllow;
  bool all = false;        // an allow of a sender or recipient that skips more than greylisting
  bool forgotten = false;  // a tombstone of `forget`; key and note are empty
  std::string key;         // canonical, see CanonicalKey()
  std::string note;
  WallTime created{};
  WallTime updated{};  // the later of two wins when hosts exchange entries
  std::optional<WallTime> expires;
  std::uint64_t origin = 0;  // the host that said it; 0: this one

  bool operator==(const Entry&) const = default;
};

// The one form of a key: a prefix; a name or domain by CanonicalDomain(), without a dot in front;
// an address by CanonicalAddress, the null sender as "<>". Errors say what would be right.
// nat64: see base/client_network.h.
Result<std::string> CanonicalKey(Kind kind, std::string_view text,
                                 std::span<const Prefix> nat64 = {});

// Key in Table::kEntries, 9 bytes: the kind, then the hash of the canonical key. Hashed, so that a
// tombstone says nothing about whom it was for.
std::string StoreKey(const HashKey& hash_key, Kind kind, std::string_view canonical_key);

// Value in Table::kEntries. Layout, integers big-endian, times in seconds since 1970 as 32 bits:
//
//   0      format 1
//   1      flags: 1 block, 2 all, 4 forgotten, 8 expires
//   2..5   created;  6..9 updated;  10..13 expires
//   14..21 origin
//   then   2 bytes length and canonical key; 2 bytes length and note
std::string Encode(const Entry& entry);
std::optional<Entry> Decode(Kind kind, std::string_view bytes);

// What two hosts, or a file and the database, say under one key: the later of the two; of two of
// the same moment the stored one. Nothing when that is the stored one.
std::optional<Entry> Merged(const std::optional<Entry>& stored, const Entry& other);

// What is asked for one recipient; empty strings and a missing client match nothing.
struct Question {
  std::optional<IpAddress> client;
  std::string_view client_name;   // verified
  std::string_view claimed_name;  // unverified: matches blocks only
  std::string_view sender;
  bool null_sender = false;
  std::string_view recipient;
  bool spf_of = false;       // whether the client's permissions can be asked for
  std::string_view account;  // that it could be
};

// In force at this moment: neither forgotten nor over.
bool InForce(const Entry& entry, WallTime now);

}  // namespace mxward::entries
