// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mxward {

// Envelope addresses as an MTA hands them to a milter: with or without angle brackets, blanks,
// quotes and source routes, and whatever else a client dares to send. These functions accept any
// bytes of any length and return views into their argument.

// The text without surrounding blanks and angle brackets: "<a@b>", " a@b" and "<a@b" are "a@b",
// "<>" is "". Nothing else is changed: this is the address "as given" of logs, rules and entries.
std::string_view StripAngles(std::string_view text);

// Without angle brackets and an RFC 5321 source route ("@a,@b:user@example.org").
std::string_view WithoutRoute(std::string_view text);

struct MailAddress {
  std::string_view local;   // with its quotes, if it has any
  std::string_view domain;  // without trailing dots; empty for "postmaster" and for "<>"
};

// Splits at the last '@' that is not inside quotes (at the very last one where the quotes are
// unbalanced), after WithoutRoute(). Of an address as it was given: what is to be compared has
// another form, see canonical_address.h.
MailAddress SplitMailAddress(std::string_view text);

// The labels of a host name in front of what is probably the domain somebody registered, with their
// last dot: "mail1.fra." of "mail1.fra.example.co.uk". A guess from the shape alone, good enough to
// decide which labels are a machine's; clients/organisation.h knows.
std::string_view HostPart(std::string_view name);

}  // namespace mxward
