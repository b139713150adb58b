// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mxward {

// Who the customer of a sending service is for whom a mail was sent: "sendgrid:12345". Services
// have addresses and names in common, but most of them write into the envelope sender whose mail it
// is. The null sender has no account, and neither has one of a service that does not say for whom
// it sends. Any bytes, any length. Pure.
//
// Anybody can write any envelope. So there are two functions, one for each thing that can prove it;
// where both would, the account is AccountByName()'s.

// client_name: the client's verified name (SessionFacts::client_name). "" unless that is the
// service's own, as for most mail: then this costs a few comparisons.
std::string AccountByName(std::string_view sender, std::string_view client_name);
// What the account is if SPF passes for the domain of the envelope sender (and not for HELO).
// Nothing: the domain is no service's (policy::AccountBySpf() goes on from there). "": it is, and
// the envelope names nobody.
std::optional<std::string> ServiceAccount(std::string_view sender);

// Why a text that is no domain, or is a service's, is no account, and what would be: for people.
// "": it could be one.
std::string WhyNoAccount(std::string_view text);

namespace accounts {
inline constexpr char kSeparator = ':';
inline constexpr std::size_t kMaxNumber = 64;
// The words of all services that name their customers.
std::vector<std::string_view> Services();
}  // namespace accounts

}  // namespace mxward
