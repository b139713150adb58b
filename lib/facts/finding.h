// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/enum_words.h"

namespace mxward {

// What noticed something. Its word is what the log calls it; mxward(8) documents each.
enum class Check : std::uint8_t {
  // The administrator's.
  kRule,
  kLimit,
  kBlock,
  kAllow,
  // The client's name and HELO.
  kRdnsNone,
  kRdnsForged,
  kRdnsDynamic,
  kRdnsTempfail,
  kHeloSelf,
  kHeloIp,
  kHeloLiteralMismatch,
  kHeloNotFqdn,
  kHeloVerified,  // speaks for the client
  // Its encryption.
  kTlsNone,
  kUnauthenticated,  // and SPF does not pass
  // What its sender's domain says of it.
  kSpfFail,
  kSpfSoftfail,
  kSpfPermerror,
  // Its history.
  kHistoryGood,
  kHistoryBad,
  // The sender's domain.
  kSenderDomainNone,
  kSenderNullMx,
  kSenderMxNowhere,
  kSenderLeftOut,
  // DNS lists: of clients; of names; whatever speaks for somebody.
  kDnsbl,
  kRhsbl,
  kDnswl,
  // Greylisting.
  kFolded,
  kNotRecorded,
};

// Words that programs read: the log, explain and the report have them, the database keeps them.
constexpr auto EnumWordsOf(Check) {
  return EnumWords<Check>({{Check::kRule, "rule"},
                           {Check::kLimit, "limit"},
                           {Check::kBlock, "block"},
                           {Check::kAllow, "allow"},
                           {Check::kRdnsNone, "rdns-none"},
                           {Check::kRdnsForged, "rdns-forged"},
                           {Check::kRdnsDynamic, "rdns-dynamic"},
                           {Check::kRdnsTempfail, "rdns-tempfail"},
                           {Check::kHeloSelf, "helo-self"},
                           {Check::kHeloIp, "helo-ip"},
                           {Check::kHeloLiteralMismatch, "helo-literal-mismatch"},
                           {Check::kHeloNotFqdn, "helo-not-fqdn"},
                           {Check::kHeloVerified, "helo-verified"},
                           {Check::kTlsNone, "tls-none"},
                           {Check::kUnauthenticated, "unauthenticated"},
                           {Check::kSpfFail, "spf-fail"},
                           {Check::kSpfSoftfail, "spf-softfail"},
                           {Check::kSpfPermerror, "spf-permerror"},
                           {Check::kHistoryGood, "history-good"},
                           {Check::kHistoryBad, "history-bad"},
                           {Check::kSenderDomainNone, "sender-domain-none"},
                           {Check::kSenderNullMx, "sender-null-mx"},
                           {Check::kSenderMxNowhere, "sender-mx-nowhere"},
                           {Check::kSenderLeftOut, "sender-left-out"},
                           {Check::kDnsbl, "dnsbl"},
                           {Check::kRhsbl, "rhsbl"},
                           {Check::kDnswl, "dnswl"},
                           {Check::kFolded, "folded"},
                           {Check::kNotRecorded, "not-recorded"}});
}

// What mxward finds by itself: it counts score.own_limit at most.
constexpr bool IsOwnFinding(Check check) {
  return check >= Check::kRdnsNone && check <= Check::kSenderLeftOut;
}

constexpr bool IsDnsList(Check check) {
  return check == Check::kDnsbl || check == Check::kRhsbl || check == Check::kDnswl;
}

// Whose address a text quotes, and how much of it. log.addresses hides it; an address that limits
// and entries know somebody by counts as one, wherever it is quoted.
enum class Privacy : std::uint8_t {
  kNone,  // nobody's: of the client, a list, the administrator, or our own words
  kSender,
  kRecipient,
  kLogin,
  kSenderDomain,  // the domain, or what the DNS says of it
  kRecipientDomain,
};

// What a finding says, for people; may quote what the network sent. Text gets into it only with
// its Privacy.
class Detail {
 public:
  struct Part {
    Privacy privacy = Privacy::kNone;
    std::string text;
  };

  // Text that quotes no sender, recipient or login.
  Detail& Say(std::string text) { return Quote(Privacy::kNone, std::move(text)); }
  // Text that does. With it goes what separates it from the rest: where it is hidden, so is that.
  Detail& Quote(Privacy privacy, std::string text) {
    if (!text.empty()) parts_.push_back({privacy, std::move(text)});
    return *this;
  }

  const std::vector<Part>& parts() const { return parts_; }
  // As it is, with nothing hidden.
  std::string Full() const;

 private:
  std::vector<Part> parts_;
};

// Where a finding comes from.
enum class Origin : std::uint8_t {
  kOurs,   // configuration and store
  kMta,    // what the MTA said
  kDns,    // asked for it now
  kCache,  // asked before
};
constexpr auto EnumWordsOf(Origin) {
  return EnumWords<Origin>({{Origin::kOurs, "ours"},
                            {Origin::kMta, "mta"},
                            {Origin::kDns, "dns"},
                            {Origin::kCache, "cache"}});
}

// What a finding would add if it counted.
struct Withheld {
  int score = 0;
  bool suspended = false;  // what it is based on is broken; else it is new, and waits
};

// One thing that was noticed, with its weight in the score and its proof. The same list feeds log,
// explain, report and metrics.
struct Finding {
  Check check;
  std::string source;  // the name of the rule, limit or list; else ""
  int score = 0;
  Detail detail = {};
  Origin origin = Origin::kOurs;
  Seconds age{};  // of what came from the cache
  Withheld withheld = {};

  std::string Name() const;  // "rdns-none", "dnsbl:NAME"
};

}  // namespace mxward
