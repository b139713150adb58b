// SPDX-License-Identifier: Apache-2.0
#include "config/reply_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "config/checks.h"

namespace mxward {
namespace {

constexpr std::size_t kMaxReplyText = 400;
// A reply is one line of at most 512 bytes (RFC 5321 4.5.3.1.5), its code and "\r\n" included.
constexpr std::size_t kMaxFilled = 480;

// fail2ban's stock filter for Postfix bans the client of a 4xx with one of these.
constexpr std::array<std::string_view, 2> kBannedPhrases = {"Service unavailable",
                                                            "Client host rejected"};

// {seconds} is the last: see ReplyVariables().
constexpr std::array<ReplyVariable, 7> kVariables = {{
    {"client", "the client's address"},
    {"client_name", "its verified name, or \"unknown\""},
    {"helo", "what it calls itself"},
    {"sender", "the sender's address, \"<>\" of the null sender"},
    {"recipient", "the recipient's address"},
    {"contact", "reply.contact"},
    {"seconds", "of a deferral by greylisting: how long until a retry passes"},
}};

std::string AllVariables(ReplyClass of) {
  const auto variables = ReplyVariables(of);
  std::string out;
  for (const ReplyVariable& variable : variables) {
    if (!out.empty()) out += &variable == &variables.back() ? " and " : ", ";
    out.append("{").append(variable.name).append("}");
  }
  return out;
}

bool IsVariable(std::string_view name, ReplyClass of) {
  const auto variables = ReplyVariables(of);
  return std::any_of(variables.begin(), variables.end(),
                     [&](const ReplyVariable& variable) { return variable.name == name; });
}

bool ContainsNoCase(std::string_view text, std::string_view phrase) {
  return ToLower(text).find(ToLower(phrase)) != std::string::npos;
}

Result<void> CheckVariables(std::string_view text, ReplyClass of) {
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t open = rest.find_first_of("{}");
    if (open == std::string_view::npos) break;
    const std::size_t close = rest.find('}', open);
    if (rest[open] == '}' || close == std::string_view::npos) {
      return Bad("has a brace without its partner; variables are " + AllVariables(of));
    }
    const std::string_view name = rest.substr(open + 1, close - open - 1);
    if (!IsVariable(name, of)) {
      return Bad(fmt::format("has an unknown variable \"{{{}}}\"; valid: {}",
                             EscapeForLog(name, 60), AllVariables(of)));
    }
    rest.remove_prefix(close + 1);
  }
  return {};
}

}  // namespace

std::span<const ReplyVariable> ReplyVariables(ReplyClass of) {
  const std::span<const ReplyVariable> all = kVariables;
  return of == ReplyClass::kGreylists ? all : all.first(all.size() - 1);
}

Result<std::string> CheckReplyTemplate(std::string_view text, ReplyClass of) {
  if (Trim(text).empty()) return Bad("must not be empty; a bare 451 looks like a dead filter");
  if (text.size() > kMaxReplyText) {
    return Bad(
        fmt::format("has {} characters, at most {} are allowed", text.size(), kMaxReplyText));
  }
  if (text.find_first_of("\r\n") != std::string_view::npos) {
    return Bad("must be one line; it holds a line break");
  }
  if (const std::size_t at = FirstUnprintable(text)) {
    return Bad(fmt::format("must be printable ASCII; character {} is not", at));
  }
  for (const std::string_view phrase : kBannedPhrases) {
    if (of != ReplyClass::kRejects && ContainsNoCase(text, phrase)) {
      return Bad(fmt::format(
          "must not contain \"{}\": fail2ban would ban legitimate servers that are only deferred",
          phrase));
    }
  }
  MXWARD_TRY(CheckVariables(text, of));
  return std::string(Trim(text));
}

std::string PrintableForReply(std::string_view value, std::size_t most) {
  std::string out(value.substr(0, most));
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return out;
}

std::string FillReply(std::string_view text, std::span<const ReplyValue> values) {
  std::string out;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    out += text.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) break;
    const std::string_view name = text.substr(open + 1, close - open - 1);
    const auto found = std::find_if(values.begin(), values.end(),
                                    [&](const ReplyValue& value) { return value.name == name; });
    if (found != values.end()) out += PrintableForReply(found->value);
    text.remove_prefix(close + 1);
  }
  if (out.size() > kMaxFilled) out.resize(kMaxFilled);
  return out;
}

}  // namespace mxward
