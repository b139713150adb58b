// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mxward {

// Texts of replies with variables: "No mail from {client}". Pure.

// A variable of such a text, and what it is to people.
struct ReplyVariable {
  std::string_view name;  // "client"
  std::string_view meaning;
};

enum class ReplyClass : std::uint8_t {
  kGreylists,
  kDefers,
  kRejects,
};

// {seconds} belongs to greylisting alone.
std::span<const ReplyVariable> ReplyVariables(ReplyClass of);

// One line of printable ASCII, with no variable but those. One that does not reject must not have
// the phrases that fail2ban takes for an attack. The message completes "rule.text: ...".
Result<std::string> CheckReplyTemplate(std::string_view text, ReplyClass of);

struct ReplyValue {
  std::string_view name;
  std::string value;
};
// The text with its variables replaced: by printable ASCII and no more than kMostOfValue of each,
// whatever the network sent. REQUIRES: CheckReplyTemplate(text) took it.
inline constexpr std::size_t kMostOfValue = 120;
std::string FillReply(std::string_view text, std::span<const ReplyValue> values);
// A value as it may stand in a reply.
std::string PrintableForReply(std::string_view value, std::size_t most = kMostOfValue);

}  // namespace mxward
