// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ip_address.h"
#include "clients/client_record.h"
#include "control/json.h"
#include "engine/engine.h"

namespace mxward::control {

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
Result<Json> LiveClientItem(Engine& engine, const IpAddress& client, WallTime now);

}  // namespace mxward::control
