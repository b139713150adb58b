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
  NameClass name_class = NameClass::kUnknown;  // at the last connection
  // Days (UTC) on which recipients passed, counted once each, with the first and last of them. The
  // epoch stands for never, here and below.
  std::uint16_t days_passed = 0;
  WallTime first_passed{};
  WallTime last_passed{};
  WallTime last_rejected{};  // rejected or harvesting
  WallTime last_listed{};
  std::string last_list;  // which said so; cut at kMaxListName

  static constexpr std::size_t kMaxListName = 64;

  std::string Encode() const;
  // Nothing when the bytes are no record of a known format.
  static std::optional<ClientRecord> Decode(std::string_view bytes);

  bool operator==(const ClientRecord&) const = default;
};

// Whom a record is about: the address, or the first of its /64.
IpAddress ClientOf(const IpAddress& address);
// SipHash of a client's 4 bytes, or of the 8 of its /64; and as the key of its record.
std::uint64_t ClientHash(const HashKey& key, const IpAddress& client);
std::string ClientKey(std::uint64_t client_hash);
std::string ClientKey(const HashKey& key, const IpAddress& client);

// A recipient passes now.
void CountPassed(ClientRecord& record, WallTime now);
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
// True when a record carries times from ahead of a clock that has been set back; Redated sets them
// to now, or the record would never expire.
bool IsFromFuture(const ClientRecord& record, WallTime now);
ClientRecord Redated(ClientRecord record, WallTime now);

// What a client's history says about it (DESIGN: "History"). Pure.
enum class Standing : std::uint8_t { kNone, kGood, kBad };
struct StandingResult {
  Standing standing = Standing::kNone;
  std::string detail;  // for people: "passed on 12 days since 2026-01-05"
};
// good: a good name now, recipients passed on at least 5 days over at least 14, under 10 % of its
// recipients bad, no listing for 30 days. Deferred recipients come back and would count again, and
// rejected ones may exist or not: the share is of those that passed or were bad.
// bad: at least three recipients rejected, or harvesting, the last of it within 30 days, and
// nothing ever passed within lifetime. Never from greylisting. Times from the future count as now.
StandingResult StandingOf(const ClientRecord& record, bool good_name, WallTime now);

}  // namespace mxward
