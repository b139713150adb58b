// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "dns/question.h"

namespace mxward::dnsbl {

enum class State : std::uint8_t {
  kListed,        // a code of the list's own
  kNotListed,     // NXDOMAIN or no address
  kUnlistedCode,  // answers inside 127.0.0.0/8, none of which the list's definition counts
  kRefused,       // a refusal or quota code: the list does not answer us
  kBogus,         // an answer outside 127.0.0.0/8: a parked domain, a resolver that lies
  kUnknown,       // nobody knows: no answer in time, a DNS failure
};
std::string_view StateName(State state);  // "listed", "not-listed", "unlisted-code", "refused", ...

// What one answer of a list means.
struct Meaning {
  State state = State::kUnknown;
  int score = 0;                   // of kListed: the code with the highest magnitude; else 0
  std::vector<std::string> codes;  // the answer's addresses as text, at most 8
  std::string detail;  // for people: "127.0.0.4 (exploited machines)", "no answer in 2s"
};

// Promise 6: only codes that the list's definition names count; refusal codes, 127.0.0.1,
// 127.255.255.0/24 and anything outside 127.0.0.0/8 never do, whatever the definition says. One
// refusal code among several answers makes all of it a refusal. Pure.
Meaning Interpret(const DnsblConfig& list, const dns::Answer& answer);

}  // namespace mxward::dnsbl
