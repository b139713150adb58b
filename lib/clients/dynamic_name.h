// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/ip_address.h"

namespace mxward {

// Does a reverse name say that its address is one of a pool? True when
//
//   - it carries the address: three octets of an IPv4 address, in decimal (plain, zero-padded or
//     run together) or hexadecimal, in any order; the whole address as one number; of an IPv6
//     address one half, four groups in a row, or the hardware address in it; or
//   - a pool word stands in it as a whole word, next to a part of the address: one octet beside
//     "dsl", "dyn", "pool", "cust", two beside "ip" and "host", which servers are called as well.
//
// A name that calls itself a mail server ("mail", "mx", "smtp", "mta", ...) in front of its domain
// is not dynamic, whatever numbers it carries: big senders number their machines by address. Words
// of access networks ("dsl", "dhcp", "dyn", ...) outweigh that; "pool", "cust" and the like do not.
//
// The name may be in any case, with a trailing dot, and of any bytes and length. Pure.
bool LooksDynamic(std::string_view name, const IpAddress& client);

}  // namespace mxward
