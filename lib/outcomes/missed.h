// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "entries/entry.h"
#include "outcomes/row.h"

namespace mxward::outcomes {

// The name of a row of Kind::kMissed: the sender's organisation, then the client, an address or
// (IPv6) its /64. own_name: the client's verified name is of that organisation; then its addresses
// do not matter, and the second part is "name".
std::string MissedName(const std::string& organisation, const IpAddress& client, bool own_name);

// Whether such a row is about this client's prefix, or about this domain or one below it.
bool IsAboutClient(const Key& key, const Prefix& client);
bool IsAboutDomain(const Key& key, const std::string& domain);

// Mail that one organisation sent with good evidence, and that was lost or late.
struct Missed {
  std::string organisation;          // "" where the sender has none
  std::vector<std::string> clients;  // at most kMaxClients; none when it came by its own name
  std::uint64_t all_clients = 0;
  std::uint64_t lost = 0;
  std::uint64_t late = 0;
  Seconds longest{};  // of the late ones
  WallTime last{};
  // The allow entry that would have let all of it in; an entry about a client where one will do,
  // because a sender can be forged.
  entries::Kind kind = entries::Kind::kClient;
  std::string key;

  static constexpr std::size_t kMaxClients = 5;
};

// The rows of Kind::kMissed by name, put together by organisation: those that lost most first. What
// there was no room to name is left out. The null sender, and senders without an organisation, are
// a group for each client.
std::vector<Missed> GroupMissed(const std::map<std::string, Row>& rows);

}  // namespace mxward::outcomes
