// SPDX-License-Identifier: Apache-2.0
#include "policy/replies.h"

#include <string>

namespace mxward::policy {

SmtpReply GreylistReply(Seconds remaining, const Config& config) {
  static constexpr std::string_view kVariable = "{seconds}";
  std::string text = config.greylist.text;
  const std::string seconds = std::to_string(remaining.count());
  for (auto at = text.find(kVariable); at != std::string::npos;
       at = text.find(kVariable, at + seconds.size())) {
    text.replace(at, kVariable.size(), seconds);
  }
  return {451, "4.7.1", text};
}

SmtpReply BlockedReply(std::string_view what, const Config& config) {
  std::string text(what);
  text += " blocked by local policy";
  if (!config.reply_contact.empty()) text += "; contact " + config.reply_contact;
  return {550, "5.7.1", text};
}

SmtpReply FailureReply() {
  return {451, "4.3.0", "Mail filter is in trouble, please try again later"};
}

}  // namespace mxward::policy
