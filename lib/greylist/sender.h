// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mxward {

// A sender as it goes into a greylisting key: what changes from one message of a sender to the
// next, or from one try to the next, is taken out. For keys only: rules, entries and limits compare
// senders by base/canonical_address.h, which is what this begins with, and recipients' keys are
// made of.

// Takes what the MTA handed over: any bytes, any length. Pure. The canonical form without quotes;
// and in the local part
//
//   prvs=TAG=user, prvs=user=TAG, prvs=user/TAG,   user                (BATV)
//     btv1==TAG==user, msprvs1=TAG=user
//   SRS0=HASH=TT=example.org=user                  srs=example.org=user (SRS; the separator after
//   SRS1=HASH=hop.example==HASH=TT=example.org=user  the same            SRS0 and SRS1 is = + or -)
//   box+SRS=HASH=TT=example.org=user               the same            (Exchange Online)
//   bounce-user=example.org                        bounce-*            (VERP of the recipient)
//   user+tag                                       user
//   double-bounceDJYBXG                            double-bounce       (Postfix's verification)
//   list-return-1234, 0101018b19464909-30c1afc0    list-return-#, #    (numbers, hexadecimal and
//                                                                      other random words, UUIDs)
//
// Numbers in front of the registered domain are folded as well ("mail209.atl81.rsgsv.net": bulk
// senders name the machine). The null sender is "". An address of more than 512 bytes stays in its
// canonical form.
std::string NormaliseSender(std::string_view sender, std::string_view recipient);

// The same without the first step, of a sender in lower case. recipient: in the form of the sender,
// as it would stand inside of one.
std::string FoldSender(std::string_view sender, std::string_view recipient);

// Whether mail servers verify addresses with this sender (MAIL, RCPT, and no message): <>,
// postmaster and mailer-daemon of any domain, and Postfix's double-bounce, also with the suffix
// that address_verify_sender_ttl gives it. Anybody may use them for real mail as well.
bool IsVerificationSender(std::string_view sender);

}  // namespace mxward
