// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "config/config.h"

namespace mxward::greylist {

// What an identity has earned by passing (auto-allow). Kept in Table::kEarned under the 8 bytes of
// the identity's hash. Layout, as in record.h:
//
//   0     format: 1, 2 once something was lost, or 3 for an organisation
//   1     flags: 1 allowed, 2 forgotten (a tombstone, nothing else counts), 4 of several clients
//   2..3  distinct tuples that passed, at most one an hour counted
//   4..7  when one was counted last
//   8..11 last use
//   -- formats 2 and 3 only:
//   12..15 when it was lost last
//   -- format 3 only:
//   16..19 when one was counted first
//   20..23 tag of the client that it was of (TupleRecord::client_tag)
//   then  2 bytes length and the identity's text, "client:192.0.2.1" or "organisation:example.org";
//         empty with privacy
//
// An organisation is a domain for whose senders SPF lets the client send, and to which the client's
// verified name belongs: those two together say that it is not just a machine that somebody rents
// there. mxward 0.1.0 kept what names alone had earned ("name:example.org"). That does not count
// any more: anybody who rents a server shares such a name.
struct AutoAllowRecord {
  bool allowed = false;
  bool forgotten = false;
  std::uint16_t passed = 0;
  WallTime counted_at{};
  WallTime last_used{};
  WallTime lost_at{};  // the epoch for never
  // Of an organisation only; of a client the epoch.
  WallTime first_counted{};
  std::uint32_t first_client = 0;  // 0: not known
  bool several_clients = false;    // what passed was not all of that one
  std::string identity;

  std::string Encode() const;
  static std::optional<AutoAllowRecord> Decode(std::string_view bytes);
};

// How the identity of an organisation begins.
inline constexpr std::string_view kOfOrganisation = "organisation:";

// The key of an identity's hash in Table::kEarned.
std::string AutoAllowKey(std::uint64_t identity_hash);

// One client proves what it has earned for its organisation by passing again after so long; with
// two clients it needs no such time.
inline constexpr Seconds kOrganisationProves{7 * 86400};

// What is lost comes back: for so long it does not count, and nothing is added to it.
inline constexpr Seconds kRevokedFor{7 * 86400};

// True when the identity needs no greylisting now.
bool IsAllowed(const AutoAllowRecord& record, WallTime now, const GreylistConfig& config);
// True when the record can be removed.
bool IsExpired(const AutoAllowRecord& record, WallTime now, const GreylistConfig& config);
// As in state.h.
bool IsFromFuture(const AutoAllowRecord& record, WallTime now);
AutoAllowRecord WithClampedTimes(AutoAllowRecord record, WallTime now);
// The record after one more tuple of the identity passed: counted when the last one is an hour ago.
AutoAllowRecord AfterPass(const std::optional<AutoAllowRecord>& record, WallTime now,
                          const GreylistConfig& config);
// The same for an organisation. client: the tag of the client of the tuple.
AutoAllowRecord AfterPassOfOrganisation(const std::optional<AutoAllowRecord>& record,
                                        std::uint32_t client, WallTime now,
                                        const GreylistConfig& config);
// Whether what was lost does not count yet.
bool IsRevoked(const AutoAllowRecord& record, WallTime now);
// The record after its client did something that costs it what it earned.
AutoAllowRecord AfterRevocation(AutoAllowRecord record, WallTime now);

}  // namespace mxward::greylist
