// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "dns/resolver.h"

namespace mxward {

// Whether a sender's domain could get an answer to its mail (RFC 5321 5.1, RFC 7505).
enum class SenderDomainState : std::uint8_t {
  kNotAsked,   // nothing to ask about: the null sender, a literal, no domain, an unconvertible one
  kGood,       // an MX with an address, or without any MX an A or AAAA record of its own
  kNone,       // NXDOMAIN, or neither MX nor A nor AAAA
  kNullMx,     // takes no mail by its own word
  kMxNowhere,  // all its MX hosts have no address, or only loopback, private or unspecified ones
  kUnknown,    // DNS failed or did not answer in time: never a fault
};

struct SenderDomainResult {
  SenderDomainState state = SenderDomainState::kNotAsked;
  std::string domain;       // as asked
  std::string detail;       // for people: "no MX, A or AAAA", "MX mx.example.net has no address"
  bool from_cache = false;  // all of it
};

// The domain that is to be asked about, or "": of the null sender, an address literal, an
// unqualified or malformed one. Pure.
std::string SenderDomainOf(std::string_view sender);

// Finds out, with questions in parallel where possible, and reports once, on the resolver's thread
// or before it returns. A few MX hosts at most are followed; one with an address is enough.
// domain: of SenderDomainOf(), not empty. The resolver outlives it.
void CheckSenderDomain(const std::string& domain, dns::Resolver& resolver,
                       std::function<void(SenderDomainResult)> done);

}  // namespace mxward
