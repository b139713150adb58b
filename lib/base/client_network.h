// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "base/ip_address.h"

namespace mxward {

// The one form of a client, for everything that counts, remembers or compares clients: entries,
// rules, limits, history, allowances, the greylist's key.
//
// What comes through a translator (NAT64, RFC 6146) is the IPv4 client that it translates: else all
// of the IPv4 Internet would be one client, or one could be two. The translators' networks are RFC
// 6052's own, 64:ff9b::/96, and those of the site (clients.nat64).
//
// nat64: of the lengths that RFC 6052 2.2 has, see IsNat64Length().

// The address that a client is known by: the IPv4 address in one of a translator, else as it is;
// the well-known prefix stands for public addresses only (RFC 6052 3.1), and none for 127.0.0.0/8.
// Pure.
IpAddress ClientAddress(const IpAddress& address, std::span<const Prefix> nat64);

// The same of a prefix: "64:ff9b::c000:200/120" is 192.0.2.0/24. One that holds a translator's
// network, or is one, stays: no client is known by an address in it.
Prefix ClientPrefix(const Prefix& prefix, std::span<const Prefix> nat64);

// Whether it is a translator's network, or a part of it that is not the network of any IPv4
// address: no client can be found in it.
bool IsOfTranslator(const Prefix& prefix, std::span<const Prefix> nat64);

// Why such a prefix is refused, for an administrator.
std::string OfTranslatorText(const Prefix& prefix);

// 32, 40, 48, 56, 64 or 96.
bool IsNat64Length(int length);

// One client: its address, for IPv6 its /64, which is one customer's smallest allotment.
// client: by ClientAddress().
Prefix ClientNetwork(const IpAddress& client);

}  // namespace mxward
