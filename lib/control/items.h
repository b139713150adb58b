// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/enum_words.h"
#include "base/ip_address.h"
#include "clients/client_record.h"
#include "config/config.h"
#include "control/json.h"
#include "engine/parts.h"
#include "entries/entry.h"
#include "greylist/auto_allow.h"
#include "greylist/record.h"

namespace mxward::control {

// What records of the store look like in answers. Pure.

// What the next try of a tuple would meet.
enum class TupleState : std::uint8_t {
  kPending,    // deferred, may come back
  kPassed,     // known
  kExpired,    // too late: starts again
  kForgotten,  // not shown
};
constexpr auto EnumWordsOf(TupleState) {
  return EnumWords<TupleState>({{TupleState::kPending, "pending"},
                                {TupleState::kPassed, "passed"},
                                {TupleState::kExpired, "expired"},
                                {TupleState::kForgotten, "forgotten"}});
}
TupleState StateOf(const greylist::TupleRecord& record, WallTime now, const GreylistConfig& config);

// How a pending tuple is getting on.
enum class Progress : std::uint8_t {
  kWaiting,  // the delay is not over
  kOverdue,  // it could have come back by now
  kLost,     // its window closed: it never came back
  kNone,     // not pending, or nobody was deferred
};
constexpr auto EnumWordsOf(Progress) {
  return EnumWords<Progress>({{Progress::kWaiting, "waiting"},
                              {Progress::kOverdue, "overdue"},
                              {Progress::kLost, "never-came-back"}});
}
Progress ProgressOf(const greylist::TupleRecord& record, WallTime now,
                    const GreylistConfig& config);

Json TupleItem(const greylist::TupleKey& key, const greylist::TupleRecord& record, WallTime now,
               const GreylistConfig& config);
Json AutoAllowItem(std::uint64_t identity_hash, const greylist::AutoAllowRecord& record,
                   WallTime now, const GreylistConfig& config);
Json EntryItem(const entries::Entry& entry);

// What a client's history looks like in answers.

// "192.0.2.1", "2001:db8:1:2::/64"
std::string ClientText(const IpAddress& client);
std::string_view StandingName(const ClientRecord& record, WallTime now);  // "none", "good", "bad"

// key: of the record; all that there is to tell clients apart with greylist.privacy.
Json ClientItem(std::string_view key, const ClientRecord& record, WallTime now);

// What it did in the last seconds, without its history.
Json BusyClientItem(const RecentClients::Busy& busy);

// Whether all of the prefix is one client: an IPv4 address, an IPv6 /64 or part of it.
bool IsOneClient(const Prefix& prefix);
// Of one client, with what is not yet written; null when nothing is known of it.
Result<Json> LiveClientItem(const EngineParts& parts, const IpAddress& client, WallTime now);

}  // namespace mxward::control
