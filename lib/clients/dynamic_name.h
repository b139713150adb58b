// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/ip_address.h"
#include "config/config.h"

namespace mxward {

// Does a reverse name say that its address is one of a pool? True when
//
//   - it carries the address: three octets of an IPv4 address, in decimal (plain, zero-padded or
//     run together) or hexadecimal, in any order; the whole address as one number; of an IPv6
//     address one half, four groups in a row, or the hardware address in it; or
//   - a pool word stands in it as a whole word, next to a part of the address: one octet of more
//     than one digit beside "dsl", "dyn", "pool", "cust", two octets beside "ip" and "host", which
//     servers are called as well; or
//   - two different words for a line stand in it, at least one of them of access networks:
//     "dynamic-adsl", "cust12.cable"; or
//   - one of the words that no server is called by ("adsl", "dhcp", "dyn", ...) stands with any
//     digit in front of the domain: "cpu1234.adsl"; or
//   - a word of it is a hardware address ("s0106001122334455"), as providers name a line by its
//     modem; or
//   - the client has an IPv6 address and a word is 20 letters and digits long; or
//   - its first label says that nobody has set the name: "unassigned", "unused", "hosted-by".
//
// A name that calls itself a mail server ("mail", "mx", "smtp", "mta", ...) in front of its domain
// is not dynamic, whatever numbers it carries: big senders number their machines by address. Words
// of access networks ("dsl", "dhcp", "dyn", ...) beside a part of the address outweigh that;
// "pool", "cust" and the like do not.
//
// It is wrong at times. tests/unit/clients/dynamic_names.tsv shows what it says of each shape, and
// which it cannot tell. Of names that it was not tuned on (dynamic_names_held_out.tsv) it takes 0
// of 85 servers for dynamic, and misses 9 of 100 dynamic names: mostly lines that are numbered
// without regard to the address. Names there were chosen for their shape: real mail has fewer
// kinds.
//
// The name may be in any case, with a trailing dot, and of any bytes and length. Pure.
bool LooksDynamic(std::string_view name, const IpAddress& client);

// The same, but never true of the domains in names.dynamic_except and what is below them: hosting
// providers whose mail servers keep such names. Pure.
bool IsDynamicName(std::string_view name, const IpAddress& client, const NamesConfig& names);

}  // namespace mxward
