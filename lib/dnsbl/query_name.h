// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "config/config.h"

namespace mxward::dnsbl {

// What to ask a list (RFC 5782 2.1, 2.4, 3). Pure.

// "2.0.0.127.zen.example.net"; 32 nibbles for IPv6. Nothing when the list does not know such
// addresses, or when the name becomes too long with the zone. REQUIRES: list.AboutClients()
std::optional<std::string> QueryName(const DnsblConfig& list, const IpAddress& client);

// "spammer.example.dbl.example.net": the name in front of the zone, in lower case and without a
// trailing dot. name is in A-labels; of a list with `organisation` it is the organisational domain,
// which the caller has found (clients/organisation.h, a folder that this one does not know).
// Nothing when the name cannot be asked: an address or an address literal, a single label (the
// empty name too), a last label of digits alone (no such top-level domain exists: it is an address
// cut or misspelt), a malformed name, one that becomes longer than 253 bytes with the zone.
std::optional<std::string> QueryName(const DnsblConfig& list, std::string_view name);

// The name of a test point, which is a name in front of the zone already. Nothing when it becomes
// too long with the zone.
std::optional<std::string> PointName(const DnsblConfig& list, std::string_view point);

}  // namespace mxward::dnsbl
