// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "dns/resolver.h"
#include "dnsbl/health.h"
#include "dnsbl/meaning.h"

namespace mxward::dnsbl {

// One test point of a list (RFC 5782 5) and what the list says of it.
struct TestPoint {
  std::string what;   // "listed IPv4", "unlisted IPv4", "listed IPv6", ..., "listed name", ...
  std::string asked;  // without the zone: "127.0.0.2", "::ffff:7f00:2", "test"
  bool should_be_listed = false;
  Meaning meaning;
  Millis latency{};
};

// Asks all test points of a list, past the cache, and reports once when all have answered or
// failed. The callback runs on the resolver's thread; the list is copied, the resolver outlives the
// test.
void Test(const DnsblConfig& list, dns::Resolver& resolver, const Clock& clock,
          std::function<void(std::vector<TestPoint>)> done);

// What the points say together, for Health::NoteTest().
TestResult Summarise(const std::vector<TestPoint>& points);

}  // namespace mxward::dnsbl
