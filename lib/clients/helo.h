// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/ip_address.h"
#include "config/config.h"

namespace mxward {

// What is wrong with a HELO or EHLO argument (RFC 5321 4.1.1.1, 4.1.3, 4.1.4): the worst that
// applies, in this order.
enum class HeloFault : std::uint8_t {
  kNone,             // nothing, or no HELO was said at all
  kSelf,             // our own name or address, bare or as a literal: nobody else is called so
  kBareAddress,      // "192.0.2.1": not even a literal, be it the client's own
  kLiteralMismatch,  // "[192.0.2.1]" from another address, or something in brackets that is none
  kNotQualified,  // no dot in it, or nothing that could be a host name (empty labels, 8-bit, ...)
};

// client is the address that says it, another than ours: we are trusted and never judged. Names and
// addresses of ours: config.names (a name below one of them is ours as well), with "self" in
// names.own also what the MTA calls itself (mta_name, in lower case; may be empty), and
// config.trust.own_addresses. Any bytes, any length, any case, with or without one trailing dot.
//
// Literals are read kindly: "IPv6:" may be missing or in any case, and a v4-mapped address is the
// IPv4 address. A name may have underscores. It need not exist: nobody is asked. An
// internationalised name has to be said in A-labels, with SMTPUTF8 as well, because a client says
// EHLO before it knows whether we have that (RFC 6531 3.7.1); in UTF-8 it is not qualified, be it
// convertible or not, and ours are ours all the same. The table in
// tests/unit/clients/helo_test.cc says what each kind of bad input yields, and why. Pure.
HeloFault CheckHelo(std::string_view helo, const IpAddress& client, const Config& config,
                    std::string_view mta_name = "");

}  // namespace mxward
