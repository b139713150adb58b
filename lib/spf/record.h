// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/enum_words.h"
#include "base/ip_address.h"
#include "base/result.h"

namespace mxward::spf {

// What an evaluation comes to (RFC 7208 section 2.6).
enum class ResultCode : std::uint8_t {
  kNone,       // no record, or no domain that could have one
  kNeutral,    // the domain says nothing about the client
  kPass,       // the client may use the domain
  kFail,       // it may not
  kSoftfail,   // it probably may not
  kTemperror,  // the DNS failed on the way: may be another verdict later
  kPermerror,  // the record cannot be evaluated: malformed, or over a limit
  kUnknown,    // our own trouble (section 11.1 calls for limits): says nothing about the domain
};
constexpr auto EnumWordsOf(ResultCode) {
  return EnumWords<ResultCode>({{ResultCode::kNone, "none"},
                                {ResultCode::kNeutral, "neutral"},
                                {ResultCode::kPass, "pass"},
                                {ResultCode::kFail, "fail"},
                                {ResultCode::kSoftfail, "softfail"},
                                {ResultCode::kTemperror, "temperror"},
                                {ResultCode::kPermerror, "permerror"},
                                {ResultCode::kUnknown, "unknown"}});
}

enum class Mechanism : std::uint8_t { kAll, kInclude, kA, kMx, kPtr, kIp4, kIp6, kExists };
constexpr auto EnumWordsOf(Mechanism) {
  return EnumWords<Mechanism>({{Mechanism::kAll, "all"},
                               {Mechanism::kInclude, "include"},
                               {Mechanism::kA, "a"},
                               {Mechanism::kMx, "mx"},
                               {Mechanism::kPtr, "ptr"},
                               {Mechanism::kIp4, "ip4"},
                               {Mechanism::kIp6, "ip6"},
                               {Mechanism::kExists, "exists"}});
}

// Addresses of ip4 and ip6 as they were written: of ip6, "::ffff:192.0.2.1" is an IPv6 address
// (section 5: IPv4 clients match ip4 alone).
struct Network {
  bool is_v4 = true;
  std::array<std::uint8_t, 16> bytes{};  // network order; the first 4 of IPv4
  bool Holds(const IpAddress& client, int length) const;
};

// A directive: a mechanism with its qualifier. The views are into the record.
struct Term {
  std::string_view text;                     // all of it, as written
  ResultCode qualifier = ResultCode::kPass;  // what it says of clients that match
  Mechanism mechanism = Mechanism::kAll;
  std::string_view spec;  // its domain-spec; "": the domain itself
  Network network;        // of ip4 and ip6
  int length4 = 32;       // the lengths of its networks
  int length6 = 128;

  // Of the terms that count against the limit of section 4.6.4.
  bool AsksDns() const {
    return mechanism != Mechanism::kAll && mechanism != Mechanism::kIp4 &&
           mechanism != Mechanism::kIp6;
  }
};

// A record without a syntax error (sections 4.6.1, 5, 6 and 12): of its terms nothing is kept but
// the text, so that a hostile one of 64 KB takes no more than that. Value type; immutable.
class Record {
 public:
  Record() = default;
  // Reads all of it: an error anywhere makes all of it invalid (section 4.6). The error says what
  // and where, for people. one_label: see CheckDomainSpec().
  static Result<Record> Parse(std::string text, bool one_label = false);

  const std::string& text() const { return text_; }
  // The directive at or after the place, which moves behind it; nothing at the end. Modifiers are
  // passed over. Begin with 0.
  std::optional<Term> Next(std::size_t& place) const;
  // The domain-spec of redirect=, and the modifier as written; "" without one.
  std::string_view redirect() const;
  std::string_view redirect_text() const;

 private:
  std::string text_;
  std::size_t redirect_ = 0;  // where the modifier stands in text_
  std::size_t redirect_size_ = 0;
};

// Which of a name's TXT records are SPF records (section 4.5): those that begin with "v=spf1", in
// whatever case, and then end or go on with a blank.
std::vector<std::string> SelectRecords(const std::vector<std::string>& texts);

}  // namespace mxward::spf
