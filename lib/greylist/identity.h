// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "base/siphash.h"
#include "config/config.h"
#include "facts/session_facts.h"

namespace mxward::greylist {

// On whose account a pending record takes room: keyed hashes, so they say nothing of an address and
// nobody can choose to share them. See pending_room.h.
struct Holder {
  std::uint16_t wide = 0;     // of the /16, for IPv6 the /32
  std::uint16_t network = 0;  // of the /24, for IPv6 the /48
  std::uint32_t client = 0;   // Identities::client_tag()

  bool operator==(const Holder&) const = default;
};

// The names under which a client is known to the greylist, several at once: a retry passes when any
// of them matches. That is what lets a big sender retry from another address.
struct Identities {
  // Organisational domain of the verified, non-dynamic reverse name; empty when there is none or
  // identity "name" is off.
  std::string name;
  std::uint64_t name_hash = 0;  // 0 when name is empty
  // The organisational domain of the sender, if SPF lets the client send for it by a term that
  // carries an identity (spf::Report::carries_identity); empty when that is not so, not known, or
  // identity "spf" is off. Asked only about whom the greylist would defer.
  std::string spf;
  // Of that domain, where the client's verified name belongs to it as well: what it has earned is
  // for such clients. 0 elsewhere.
  std::uint64_t organisation_hash = 0;
  // The network; the client itself when identity "network" is off.
  Prefix network;
  std::uint64_t network_hash = 0;
  // The client itself: the address, for IPv6 its /64.
  Prefix client;
  std::uint64_t client_hash = 0;

  std::uint32_t client_tag() const { return static_cast<std::uint32_t>(client_hash >> 32); }
};

// organisation: the organisational domain of facts.client_name, "" when there is none.
// REQUIRES: facts.client
Identities IdentitiesOf(const SessionFacts& facts, const std::string& organisation,
                        const GreylistConfig& config, const HashKey& key);

// The network a client belongs to under this config.
Prefix NetworkOf(const IpAddress& client, const GreylistConfig& config);

Holder HolderOf(const HashKey& key, const IpAddress& client);

std::uint64_t HashName(const HashKey& key, const std::string& name);
// Of what an organisation has earned, which is not what its name had (AutoAllowRecord). Not 0.
std::uint64_t HashOrganisation(const HashKey& key, const std::string& domain);
std::uint64_t HashPrefix(const HashKey& key, const Prefix& prefix);
// Of normalised addresses (sender.h).
std::uint64_t HashAddresses(const HashKey& key, std::string_view sender,
                            std::string_view recipient);

}  // namespace mxward::greylist
