// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/siphash.h"
#include "facts/session_facts.h"

namespace mxward {

// Days (UTC) on which something happened, counted once each, with the first and last of them. The
// epoch stands for never.
struct DayCount {
  std::uint16_t days = 0;  // saturating
  WallTime first{};
  WallTime last{};

  void Count(WallTime now);
  bool operator==(const DayCount&) const = default;
};

// The days on which a client passed with TLS since it last passed without.
struct TlsUse {
  DayCount on;
  WallTime last_clear{};  // the epoch stands for never

  void Count(bool tls, WallTime now);
  bool operator==(const TlsUse&) const = default;
};

// What is remembered of one client, in Table::kClients under the 8 bytes of its ClientHash(). Also
// what has happened since something was written: see Merged(). Layout above the code of Encode().
struct ClientRecord {
  std::optional<IpAddress> client;  // IPv6: the first of its /64; nothing with greylist.privacy
  WallTime first_seen{};
  WallTime last_seen{};
  // Saturating.
  std::uint32_t connections = 0;
  std::uint32_t passed = 0;  // recipients
  std::uint32_t deferred = 0;
  std::uint32_t rejected = 0;
  std::uint32_t bad = 0;  // refused by the MTA as unknown
  std::uint32_t harvests = 0;
  std::uint16_t against = 0;                   // of `rejected`: because of the client itself
  NameClass name_class = NameClass::kUnknown;  // at the last connection
  DayCount passed_on;                          // recipients passed
  DayCount named_on;                           // and it had a good name: verified, and not dynamic
  // Of the last such name: OrganisationHash(), 0 when there was none.
  std::uint32_t organisation = 0;
  TlsUse tls;
  WallTime last_rejected{};  // rejected or harvesting; the epoch stands for never
  WallTime last_listed{};
  std::string last_list;  // which said so; cut at kMaxListName

  static constexpr std::size_t kMaxListName = 64;

  std::string Encode() const;
  // Nothing when the bytes are not a record of a known format.
  static std::optional<ClientRecord> Decode(std::string_view bytes);

  bool operator==(const ClientRecord&) const = default;
};

// Whom a record is about: the address, or the first of its /64.
IpAddress ClientOf(const IpAddress& address);
// SipHash of a client's 4 bytes, or of the 8 of its /64; and as the key of its record.
std::uint64_t ClientHash(const HashKey& key, const IpAddress& client);
std::string ClientKey(std::uint64_t client_hash);
std::string ClientKey(const HashKey& key, const IpAddress& client);

// 32 bits of a keyed hash of an organisation's domain, never 0; 0 of "". Where two organisations
// share one, their clients are one witness (clients/standing.h).
std::uint32_t OrganisationHash(const HashKey& key, std::string_view organisation);

// A recipient passes now.
struct Passing {
  std::uint32_t organisation = 0;  // of the good name that the client has now; 0: it has none
  bool tls = false;                // the session is encrypted
};
void CountPassed(ClientRecord& record, WallTime now, const Passing& passing = {});
// Two records of one client as one: first-seen by min, last-seen by max, counts added, a day
// counted once. Only for what the same host counted, one after the other: what hosts tell each
// other are first-seen and last-seen, counts stay local.
ClientRecord Merged(ClientRecord earlier, const ClientRecord& later);

// The stored record with what a file says about the same client: first-seen by min, last-seen by
// max, and of each count the higher one, so that the same file twice changes nothing. Nothing when
// it says nothing new.
std::optional<ClientRecord> Imported(const std::optional<ClientRecord>& stored,
                                     const ClientRecord& other);

// True when the last visit is longer ago than clients.lifetime.
bool IsExpired(const ClientRecord& record, WallTime now, Seconds lifetime);
// True when a record carries times from ahead of a clock that has been set back; WithClampedTimes
// sets them to now, or the record would never expire.
bool IsFromFuture(const ClientRecord& record, WallTime now);
ClientRecord WithClampedTimes(ClientRecord record, WallTime now);

}  // namespace mxward
