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

// What is remembered of one client, in Table::kClients under 8 bytes: SipHash of its 4 bytes, or of
// the 8 of its /64. Layout above the code of Encode().
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
  // Days (UTC) on which recipients passed, counted once each, with the first and last of them.
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

std::string ClientKey(const HashKey& key, const IpAddress& client);

// What a client's history says about it (DESIGN: "History"). Pure.
enum class Standing : std::uint8_t { kNone, kGood, kBad };
struct StandingResult {
  Standing standing = Standing::kNone;
  std::string detail;  // for people: "passed on 12 days since 2026-01-05"
};
// good: a good name now, recipients passed on at least 5 days over at least 14, under 10 % of its
// recipients bad, no listing for 30 days. bad: rejected at least three times, or harvesting, within
// the last 30 days, and nothing ever passed within lifetime. Never from greylisting.
StandingResult StandingOf(const ClientRecord& record, bool good_name, WallTime now);

}  // namespace mxward
