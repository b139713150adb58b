// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/enum_words.h"
#include "facts/finding.h"

namespace mxward {

// What the MTA gets for a recipient.
enum class Verdict : std::uint8_t { kAccept, kDefer, kReject };
constexpr auto EnumWordsOf(Verdict) {
  return EnumWords<Verdict>(
      {{Verdict::kAccept, "accept"}, {Verdict::kDefer, "defer"}, {Verdict::kReject, "reject"}});
}

// Why. Its word is what reason= says in the log; mxward(8) documents each.
enum class Reason : std::uint8_t {
  kTrustedNetwork,
  kTrustedRelay,
  kTrustedCertificate,
  kAuthenticated,
  kExemptRecipient,
  kRule,  // a [[rule]] with an action
  kBlocked,
  kAllowed,
  kLimit,          // too many: a [[limit]]
  kScore,          // the evidence is certain enough to reject
  kNotSuspicious,  // greylist.apply = "suspicious", and there is little or no evidence
  kGreylistOff,
  kGreylistNew,          // first seen: deferred
  kGreylistEarly,        // back before the delay is over: deferred, first-seen kept
  kGreylistExpired,      // back after the retry window: first seen again, deferred
  kGreylistPassed,       // back in time: from now on known
  kGreylistKnown,        // passed before
  kGreylistAutoAllowed,  // its identity earned it
  kMessageDeferred,      // it would pass, but the end of its message is a deferral
  kFailure,              // mxward could not know (store): invariant 1
};

constexpr auto EnumWordsOf(Reason) {
  return EnumWords<Reason>({{Reason::kTrustedNetwork, "trusted-network"},
                            {Reason::kTrustedRelay, "trusted-relay"},
                            {Reason::kTrustedCertificate, "trusted-certificate"},
                            {Reason::kAuthenticated, "authenticated"},
                            {Reason::kExemptRecipient, "exempt-recipient"},
                            {Reason::kRule, "rule"},
                            {Reason::kBlocked, "blocked"},
                            {Reason::kAllowed, "allowed"},
                            {Reason::kLimit, "limit"},
                            {Reason::kScore, "score"},
                            {Reason::kNotSuspicious, "not-suspicious"},
                            {Reason::kGreylistOff, "greylist-off"},
                            {Reason::kGreylistNew, "greylist-new"},
                            {Reason::kGreylistEarly, "greylist-early"},
                            {Reason::kGreylistExpired, "greylist-expired"},
                            {Reason::kGreylistPassed, "greylist-passed"},
                            {Reason::kGreylistKnown, "greylist-known"},
                            {Reason::kGreylistAutoAllowed, "greylist-auto-allowed"},
                            {Reason::kMessageDeferred, "message-deferred"},
                            {Reason::kFailure, "failure"}});
}

// Whom a rejection is about. About the client only if it would have been rejected whatever sender
// it had named: on a shared outbound every customer chooses senders, and the address is
// everybody's.
enum class About : std::uint8_t { kNobody, kClient, kSender, kRecipient };
// None for nobody.
constexpr auto EnumWordsOf(About) {
  return EnumWords<About>(
      {{About::kClient, "client"}, {About::kSender, "sender"}, {About::kRecipient, "recipient"}});
}

// What decided.
enum class By : std::uint8_t {
  kConfig,    // trust, exempt.recipients, greylist.apply
  kRule,      // a [[rule]], by its action or by what it says of greylisting
  kEntry,     // a block or an allow
  kLimit,     // a [[limit]]
  kList,      // the score, with a DNS list in it: the one that adds most
  kScore,     // the score
  kGreylist,  // the tuple's record, or an allowance
  kMessage,   // what the message's first recipient got
  kFailure,   // nothing could be known
};
constexpr auto EnumWordsOf(By) {
  return EnumWords<By>({{By::kConfig, "config"},
                        {By::kRule, "rule"},
                        {By::kEntry, "entry"},
                        {By::kLimit, "limit"},
                        {By::kList, "list"},
                        {By::kScore, "score"},
                        {By::kGreylist, "greylist"},
                        {By::kMessage, "message"},
                        {By::kFailure, "failure"}});
}

// An SMTP reply. enhanced is an RFC 3463 status code. text is printable ASCII in one line.
struct SmtpReply {
  int code = 0;  // 0: no reply of ours
  std::string enhanced;
  std::string text;
};

// The answer for one recipient.
struct Decision {
  Verdict verdict = Verdict::kAccept;
  Reason reason = Reason::kFailure;
  By by = By::kFailure;
  std::string source;            // the name of that rule, limit or list; an entry's kind; else ""
  About about = About::kNobody;  // set when rejected
  // A rejection that the client has earned by itself, and has heard: its history becomes bad, and
  // what it has earned is suspended.
  bool against_client = false;
  std::vector<Finding> findings;
  std::optional<int> score;  // of all findings; nothing when nobody added it up
  SmtpReply reply;           // set unless accepted
  std::string identity;      // which identity of the client matched a record: "name:example.org",
                             // "network:192.0.2.0/24"
  std::string account;       // whose mail it is, where that is known (match/accounts.h)
  Seconds delay{0};          // deferred: seconds left; passed: how long the mail was held up
};

}  // namespace mxward
