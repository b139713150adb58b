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
// addresses. REQUIRES: list.AboutClients()
std::optional<std::string> QueryName(const DnsblConfig& list, const IpAddress& client);

// "spammer.example.dbl.example.net", or the organisational domain of the name where the list wants
// that. Nothing when the name cannot be asked: an address or an address literal, a single label,
// a malformed name, one that becomes too long below the zone. name is in A-labels.
std::optional<std::string> QueryName(const DnsblConfig& list, std::string_view name);

}  // namespace mxward::dnsbl
