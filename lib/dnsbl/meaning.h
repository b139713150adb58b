// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/enum_words.h"
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
constexpr auto EnumWordsOf(State) {
  return EnumWords<State>({{State::kListed, "listed"},
                           {State::kNotListed, "not-listed"},
                           {State::kUnlistedCode, "unlisted-code"},
                           {State::kRefused, "refused"},
                           {State::kBogus, "bogus"},
                           {State::kUnknown, "unknown"}});
}

// What one answer of a list means.
struct Meaning {
  State state = State::kUnknown;
  int score = 0;                   // of kListed: see Interpret(); else 0
  std::vector<std::string> codes;  // the answer's addresses as text, at most 8
  std::string detail;        // for people: "127.0.0.4 (exploited machines)", "no answer in 2s"
  bool not_queried = false;  // of kUnknown: nobody was asked (dns::Answer::not_queried)
};

// What the answer to QueryName() says. Pure; `list.observe` makes no difference here. The detail
// never shows zone or key.
//
// Only codes that the list's definition names count. These never do, whatever the
// definition says, and go before it in this order:
//   1. a refusal, even a single one among several addresses: what list.refusals names;
//      127.255.255.0/24 (Spamhaus and those who copy it); 127.0.0.1, which SURBL and URIBL use for
//      "blocked", a meddling resolver for everything, and RFC 5782 5 for what is never listed;
//      127.0.0.255 where no code of the list scores above 0 (DNSWL's quota: it would let everybody
//      in);
//   2. an address outside 127.0.0.0/8, even a single one: that is not the answer of a DNS list, and
//   its
//      other answers are worth no more.
//
// Of the codes that are left, the one whose score has the highest magnitude counts: the worst of a
// list of bad clients, the best of an allow list. Where a list has both kinds and one answer
// carries both, the stronger word counts, and at equal strength the one in the client's favour, for
// a rejected message is the dearer mistake. A code of score 0 is a listing that adds nothing.
Meaning Interpret(const DnsblConfig& list, const dns::Answer& answer);

}  // namespace mxward::dnsbl
