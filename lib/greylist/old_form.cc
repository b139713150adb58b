// SPDX-License-Identifier: Apache-2.0
#include "greylist/old_form.h"

#include <algorithm>
#include <utility>

#include "base/mail_address.h"
#include "base/text.h"
#include "greylist/sender.h"

namespace mxward::greylist {
namespace {

constexpr std::size_t kMostThen = 512;

std::string UnquoteOnce(std::string_view local) {
  if (local.size() < 3 || local.front() != '"' || local.back() != '"') return std::string(local);
  local = local.substr(1, local.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < local.size(); ++i) {
    if (local[i] == '\\' && i + 1 < local.size()) ++i;
    out += local[i];
  }
  return out;
}

bool IsPlainThen(char c) {
  static constexpr std::string_view kSymbols = "!#$%&'*+-/=?^_`{|}~.";
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         kSymbols.find(c) != std::string_view::npos;
}

std::string RecipientPass(std::string_view lower) {
  const MailAddress address = SplitMailAddress(lower);
  const std::string bare = UnquoteOnce(address.local);
  const bool needless = std::all_of(bare.begin(), bare.end(), IsPlainThen);
  std::string out = needless ? bare : std::string(address.local);
  if (address.domain.empty()) {
    while (out.ends_with('@')) out.pop_back();
    return out;
  }
  return out.append("@").append(address.domain);
}

std::string OldRecipient(std::string_view recipient) {
  std::string text = ToLower(StripAngles(recipient));
  if (text.size() > kMostThen) return text;
  for (;;) {
    std::string next = RecipientPass(text);
    if (next == text) return text;
    text = std::move(next);
  }
}

}  // namespace

OldForm OldFormOf(std::string_view sender, std::string_view recipient) {
  return {FoldSender(ToLower(StripAngles(sender)), ToLower(recipient.substr(0, kMostThen))),
          OldRecipient(recipient)};
}

}  // namespace mxward::greylist
