// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mxward {

// Envelope addresses as they go into a greylisting key: what changes from one message of a sender
// to the next, or from one try to the next, is taken out. For keys only: rules, entries, limits and
// logs see addresses as given.
//
// Both take what the MTA handed over (any bytes, any length; see base/mail_address.h), are pure,
// and change nothing when applied to their own result.

// Lower case, no angle brackets, source route, quotes, trailing dot; and in the local part
//
//   prvs=TAG=user, prvs=user=TAG, prvs=user/TAG,   user                (BATV)
//     btv1==TAG==user, msprvs1=TAG=user
//   SRS0=HASH=TT=example.org=user                  srs=example.org=user (SRS; the separator behind
//   SRS1=HASH=hop.example==HASH=TT=example.org=user  the same            SRS0 and SRS1 is = + or -)
//   box+SRS=HASH=TT=example.org=user               the same            (Exchange Online)
//   bounce-user=example.org                        bounce-*            (VERP of the recipient)
//   user+tag                                       user
//   double-bounceDJYBXG                            double-bounce       (Postfix's verification)
//   list-return-1234, 0101018b19464909-30c1afc0    list-return-#, #    (numbers, hexadecimal and
//                                                                      other random words, UUIDs)
//
// Numbers in front of the registered domain are folded as well ("mail209.atl81.rsgsv.net": bulk
// senders name the machine). The null sender is "". An address of more than 512 bytes is only put
// into lower case.
std::string NormaliseSender(std::string_view sender, std::string_view recipient);

// Whether mail servers verify addresses with this sender (MAIL, RCPT, and no message): <>,
// postmaster and mailer-daemon of any domain, and Postfix's double-bounce, also with the suffix
// that address_verify_sender_ttl gives it. Anybody may use them for real mail as well.
bool IsVerificationSender(std::string_view sender);

// Lower case, no angle brackets, source route, needless quotes, trailing dot; "+tag" is kept.
std::string NormaliseRecipient(std::string_view recipient);

}  // namespace mxward
