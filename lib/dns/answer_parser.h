// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/clock.h"
#include "dns/question.h"

namespace mxward::dns {

// For how long an answer is kept at least and at most, whatever it says. The minimum keeps a list
// with a TTL of 0 from being asked for every recipient; the maximum lets a client that was taken
// off a list pass again the same hour.
inline constexpr Seconds kMinTtl{60};
inline constexpr Seconds kMaxTtl{3600};
// Of a negative answer without an SOA record.
inline constexpr Seconds kDefaultNegativeTtl{60};

// What a DNS message says about the question. Pure; takes any bytes of any length.
//
// TTL: the least along the chain of CNAMEs and of the records; of a negative answer the lesser of
// the SOA record's TTL and its MINIMUM field (RFC 2308 5), and of the chain that led there; within
// the bounds above.
//
// kFailed, with a reason, is everything that is not a clear answer: a response code other than
// NOERROR and NXDOMAIN, a message cut short or malformed anywhere in its question, answer or
// authority section, another question than asked, a referral, CNAMEs that loop, records of which
// none was asked for. Besides records that were, others are ignored, and so is the additional
// section.
Answer ParseAnswer(std::string_view message, const Question& question, MonoTime now);

}  // namespace mxward::dns
