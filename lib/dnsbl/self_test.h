// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/config.h"
#include "dns/resolver.h"
#include "dnsbl/list_health.h"
#include "dnsbl/meaning.h"

namespace mxward::dnsbl {

// One test point of a list (RFC 5782 5) and what the list says of it.
struct TestPoint {
  std::string what;   // "listed IPv4", "unlisted IPv4", "listed IPv6", ..., "listed name", "zone"
  std::string asked;  // without the zone: "127.0.0.2", "::ffff:127.0.0.2", "test", "SOA"
  bool should_be_listed = false;
  bool is_zone = false;  // kNotListed: there is such a zone, else kUnknown
  Meaning meaning;
  Millis latency{};
};

// Asks all test points of a list at once, past the cache, and reports once when all have answered
// or failed, within the resolver's deadline. Only points of the address families that the list is
// asked about. A list without a point that must not be listed is asked about "invalid", which is no
// address, and which no list of names may list (RFC 5782 5); one without any points about the SOA
// of its zone as well: that there is one. The callback runs on the resolver's thread, or inside
// Test(). The list is copied; resolver and clock outlive the test. The cached answers of the points
// are replaced.
void Test(const DnsblConfig& list, dns::Resolver& resolver, const Clock& clock,
          std::function<void(std::vector<TestPoint>)> done);

// What the points say together, for ListWatch::NoteTest(): of several the worst that was answered,
// so that one family that has false positives or refuses is not hidden by the other, and one that
// is silent does not hide that the list does answer. It is blind only when no family finds what
// must be listed.
TestResult Summarise(const std::vector<TestPoint>& points);

}  // namespace mxward::dnsbl
