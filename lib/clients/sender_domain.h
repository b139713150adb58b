// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "dns/resolver.h"

namespace mxward {

// Whether a sender's domain could get an answer to its mail (RFC 5321 5.1, RFC 7505).
enum class SenderDomainState : std::uint8_t {
  kNotAsked,   // nothing to ask about: the null sender, a literal, no domain, an unconvertible one
  kGood,       // an MX with a public address, or without any MX one of its own
  kNone,       // NXDOMAIN, or neither MX nor A nor AAAA
  kNullMx,     // takes no mail by its own word
  kMxNowhere,  // its MX hosts, or without any MX the domain itself, have no address, or only
               // loopback, private, multicast or unspecified ones
  kUnknown,    // DNS failed or did not answer in time: never a fault
  kLeftOut,    // not looked up, because the client's earlier senders were too much trouble
};

struct SenderDomainResult {
  SenderDomainState state = SenderDomainState::kNotAsked;
  std::string domain;       // as asked
  std::string detail;       // for people: "no MX, A or AAAA", "MX mx.example.net has no address";
                            // may quote what the DNS said
  bool from_cache = false;  // every answer that it rests on was
  MonoTime answered{};      // when the DNS gave the oldest answer that was heard
};

// The domain that is to be asked about, an internationalised one in A-labels, or "": of the null
// sender, an address literal, a bare address, an unqualified or malformed domain, and one with
// 8-bit characters of which no A-labels can be made (see ToALabels()). Pure.
std::string SenderDomainOf(std::string_view sender);

// Finds out, and reports once, on the resolver's thread or before it returns. Asks only what can
// still change the result: the MX, then the A records of the MX hosts, all in parallel, and the
// AAAA records of those without a public IPv4 address; the domain's own A and AAAA only where it
// has no MX. One public address is enough, so most domains take two questions. What failed on the
// way makes it kUnknown, unless it is proven good all the same.
//
// Only the kMaxHosts most preferred MX hosts are followed; when none of them has an address and
// there are more, it is kUnknown. At most 1 + 2 * kMaxHosts questions are asked. NXDOMAIN for the
// MX and the A record is certain, whatever happens to the AAAA; for the MX alone it is taken for
// "no such record", because some servers answer so to every type that they do not know.
//
// domain: of SenderDomainOf(), not empty. The resolver outlives its questions. done is brief and
// does not throw; no lock is held while it runs or a question is asked. Thread-safe.
void CheckSenderDomain(const std::string& domain, dns::Resolver& resolver,
                       std::function<void(SenderDomainResult)> done);

namespace sender_domain {
constexpr std::size_t kMaxHosts = 4;
}

}  // namespace mxward
