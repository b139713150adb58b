// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/enum_words.h"
#include "base/ip_address.h"
#include "base/result.h"
#include "config/config.h"
#include "dns/resolver.h"
#include "dnsbl/meaning.h"
#include "dnsbl/self_test.h"

namespace mxward::control {

// Asks DNS lists for an administrator. What waits here waits for the DNS: not on the control loop.

// What somebody wants to know about: one of them.
struct ListSubject {
  std::optional<IpAddress> client;
  std::string name;        // a host name or domain; asked of all lists of names
  bool is_sender = false;  // the domain of a sender: only of lists of such
  std::string text() const { return client ? client->ToString() : name; }

  // An address, a host name, or a mail address, whose domain it is then about. kInvalid: neither.
  static Result<ListSubject> Parse(std::string_view text);
};

// What a list said of a subject.
struct ListAnswer {
  const DnsblConfig* list = nullptr;
  std::string
      about;  // the address; of names what was asked, which can be the organisation's domain
  dnsbl::Meaning meaning;
  std::string text;  // the list's reason (TXT) for a listing: any bytes, without its key
  bool from_cache = false;
  Seconds age{};     // of a cached answer
  Millis latency{};  // of an answer that was asked for
};

// Asks every list that the subjects are something for, also one that is not asked by itself just
// now, in the order of the lists. Their texts are asked for in a second round: waits twice the
// deadline at most. The lists outlive the answer.
std::vector<ListAnswer> AskLists(const std::vector<DnsblConfig>& lists,
                                 const std::vector<ListSubject>& subjects, dns::Resolver& resolver,
                                 const Clock& clock, const DnsConfig& config,
                                 dns::Freshness freshness);

enum class TestVerdict : std::uint8_t { kOk, kWarn, kFail };
constexpr auto EnumWordsOf(TestVerdict) {
  return EnumWords<TestVerdict>(
      {{TestVerdict::kOk, "ok"}, {TestVerdict::kWarn, "warn"}, {TestVerdict::kFail, "fail"}});
}

// That a point is not listed which should be is only worth a warning, as many lists lack it; but
// not if the list is blind. An answer that makes the list useless or dangerous is a failure, and so
// is none.
TestVerdict Judge(const dnsbl::TestPoint& point, bool blind);

struct TestedList {
  const DnsblConfig* list = nullptr;
  // Nothing: it has not reported in time.
  std::optional<std::vector<dnsbl::TestPoint>> points;
  // Of a profile, which is known to have test points, and none of those that should be listed is.
  bool is_blind() const;
  // Of the worst point; a warning when there is none to test the list by.
  TestVerdict verdict() const;
};

// Tests the lists side by side, past the cache.
std::vector<TestedList> TestLists(const std::vector<const DnsblConfig*>& lists,
                                  dns::Resolver& resolver, const Clock& clock,
                                  const DnsConfig& config);

// The text with "***" in place of each list's key, however it is spelt: a list may repeat in its
// answer what it was asked.
std::string WithoutKeys(std::string_view text, const std::vector<DnsblConfig>& lists);

}  // namespace mxward::control
