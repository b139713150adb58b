// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace mxward {

// What the text of an option may be: each gives its canonical form, or a message that completes
// "greylist.text: ...". Pure.

// A user or group name, or a number; may be empty.
Result<std::string> CheckAccount(std::string_view text);
// Printable ASCII that is appended to a reply; may be empty.
Result<std::string> CheckContact(std::string_view text);
// See listen_address.h; kept as written.
Result<std::string> CheckListen(std::string_view text);
// A local part, or a whole address; lower case.
Result<std::string> CheckRecipient(std::string_view text);
// A domain in A-labels; lower case, without a trailing dot.
Result<std::string> CheckDomain(std::string_view text);
// An account of match/accounts.h: "sendgrid:12345", "sendgrid:*" for all of that service, or the
// domain of an organisation; lower case.
Result<std::string> CheckMailAccount(std::string_view text);
// "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:53"; port 53 is left out.
Result<std::string> CheckNameServer(std::string_view text);
// "127.0.0.1:9118", "[::1]:9118"; may be empty.
Result<std::string> CheckHttpListen(std::string_view text);
// A name of an entry, such as a list or a limit (what): letters, digits, blanks, dots, hyphens and
// underscores, so that it may stand in the log and in replies.
Result<std::string> CheckEntryName(std::string_view text, std::string_view what, std::size_t max,
                                   std::string_view example);
Result<std::string> CheckLimitName(std::string_view text);
Result<std::string> CheckRuleName(std::string_view text);
// The text of the greylisting reply: see reply_template.h.
Result<std::string> CheckReplyText(std::string_view text);
// An absolute path.
Result<std::string> CheckDirectory(std::string_view text);
// An absolute path; may be empty.
Result<std::string> CheckFile(std::string_view text);
// An absolute path, short enough for a unix socket.
Result<std::string> CheckSocketPath(std::string_view text);

// What these and other checks of texts have in common.

// Refuses a value; the message completes "greylist.text: ...".
inline tl::unexpected<Error> Bad(std::string message) {
  return Fail(ErrorCode::kInvalid, std::move(message));
}

// ASCII only.
inline bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// The first character that a reply cannot carry, by its position from 1; 0 when there is none.
inline std::size_t FirstUnprintable(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] < ' ' || text[i] > '~') return i + 1;
  }
  return 0;
}

}  // namespace mxward
