// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/enum_words.h"
#include "base/ip_address.h"

namespace mxward::dns {

// RFC 1035 3.2.2, RFC 3596.
enum class RecordType : std::uint16_t {
  kA = 1,
  kNs = 2,  // of this and of kSoa only that there is such a record is known
  kSoa = 6,
  kPtr = 12,
  kMx = 15,
  kTxt = 16,
  kAaaa = 28,
};
constexpr auto EnumWordsOf(RecordType) {
  return EnumWords<RecordType>({{RecordType::kA, "A"},
                                {RecordType::kNs, "NS"},
                                {RecordType::kSoa, "SOA"},
                                {RecordType::kPtr, "PTR"},
                                {RecordType::kMx, "MX"},
                                {RecordType::kTxt, "TXT"},
                                {RecordType::kAaaa, "AAAA"}});
}

// What is asked. name: see CleanName().
struct Question {
  std::string name;
  RecordType type = RecordType::kA;
  auto operator<=>(const Question&) const = default;
};

// The name as it can be asked: lower case, without the trailing dot, at least one label, labels of
// 1 to 63 bytes of letters, digits, '-' and '_', at most 253 bytes in all (RFC 1035 2.3.4).
// Nothing for anything else: 8-bit, empty labels, blanks, backslashes, address literals in brackets
// are never asked. Pure.
std::optional<std::string> CleanName(std::string_view text);

// The name that an address's PTR is asked by: "1.2.0.192.in-addr.arpa" (RFC 1035 3.5, RFC 3596
// 2.5); and what of it comes before the zone, with room for as many bytes more.
std::string ReverseName(const IpAddress& address);
std::string ReversedAddress(const IpAddress& address, std::size_t room = 0);

// RFC 5321 5.1, RFC 7505. exchange is in lower case without a trailing dot; "" is the root: "null
// MX" when it stands alone.
struct MailExchange {
  std::uint16_t preference = 0;
  std::string exchange;
  bool operator==(const MailExchange&) const = default;
};

enum class Outcome : std::uint8_t {
  kFound,   // there are records of the type asked for
  kNoData,  // the name exists, without such records
  kNoName,  // NXDOMAIN
  kFailed,  // nobody knows: no answer in time, SERVFAIL, REFUSED, nonsense. Never cached as clean
};

// What is known now. Immutable, shared.
struct Answer {
  Outcome outcome = Outcome::kFailed;
  std::vector<IpAddress> addresses{};     // of A and AAAA, at most kMaxRecords
  std::vector<MailExchange> exchanges{};  // of MX, the most preferred first, at most kMaxRecords
  std::vector<std::string> texts{};       // of TXT: strings of a record joined; any bytes; at most
                                          // kMaxTexts
  std::vector<std::string> names{};       // of PTR, lower case, in the order of the answer, at most
                                          // kMaxRecords; "" is the root
  std::string failure{};                  // why kFailed, for people: "no answer in 2s", "SERVFAIL"
  bool not_queried = false;               // of kFailed: nobody was asked, or only just before the
                                          // deadline (too many questions under way, no server up):
                                          // it says nothing about the name
  Seconds ttl{};                          // how long it is kept from `answered` on; kFailed: 0
  MonoTime answered{};

  static constexpr std::size_t kMaxRecords = 64;
  static constexpr std::size_t kMaxTexts = 256;  // no limit but the message's would hide a record
};
using AnswerPtr = std::shared_ptr<const Answer>;

}  // namespace mxward::dns
