// SPDX-License-Identifier: Apache-2.0
#include "config/checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/server_address.h"
#include "base/text.h"
#include "config/listen_address.h"
#include "config/reply_template.h"
#include "config/value_text.h"
#include "match/accounts.h"

namespace mxward {
namespace {

constexpr std::size_t kMaxAccount = 32;
constexpr std::size_t kMaxContact = 100;
constexpr std::size_t kMaxAddress = 320;
constexpr std::size_t kMaxLimitName = 60;
constexpr std::size_t kMaxRuleName = 60;
constexpr std::size_t kMaxPath = 4095;

bool IsControl(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

}  // namespace

Result<std::string> CheckAccount(std::string_view text) {
  const bool good = text.size() <= kMaxAccount && !text.starts_with('-') &&
                    std::all_of(text.begin(), text.end(), [](char c) {
                      return IsAlphanumeric(c) || c == '_' || c == '-' || c == '.' || c == '$';
                    });
  if (!good) return Bad(Quoted(text) + " is not a valid user or group name");
  return std::string(text);
}

Result<std::string> CheckContact(std::string_view text) {
  if (text.size() > kMaxContact) {
    return Bad(fmt::format("has {} characters, at most {} are allowed", text.size(), kMaxContact));
  }
  if (const std::size_t at = FirstUnprintable(text)) {
    return Bad(
        fmt::format("must be printable ASCII, because it is put into replies; character {} "
                    "is not",
                    at));
  }
  return std::string(Trim(text));
}

Result<std::string> CheckListen(std::string_view text) {
  MXWARD_TRY(ParseListenAddress(text));
  return std::string(text);
}

Result<std::string> CheckRecipient(std::string_view text) {
  if (text.empty()) return Bad("contains an empty string; the null address cannot be a recipient");
  if (text.find_first_of("<>") != std::string_view::npos) {
    return Bad(Quoted(text) + ": write the address without angle brackets");
  }
  if (text.size() > kMaxAddress || text.find(' ') != std::string_view::npos ||
      std::any_of(text.begin(), text.end(), IsControl)) {
    return Bad(Quoted(text) + " is not a valid address");
  }
  // These would never match. In quotes a local part may hold a comma.
  const bool expression = text.size() > 1 && text.front() == '/' && text.back() == '/';
  if (expression || text.find('*') != std::string_view::npos) {
    return Bad(Quoted(text) + ": this list has no patterns; a [[rule]] has, such as recipient = [" +
               Quoted(text) + "]");
  }
  if (text.front() != '"' && text.find(',') != std::string_view::npos) {
    return Bad(Quoted(text) + " is more than one address: put each in quotes of its own");
  }
  if (text.starts_with('@') || text.ends_with('@')) {
    return Bad(Quoted(text) +
               " is not a valid address; write a local part such as \"abuse\", which matches it in "
               "every domain, or a full address");
  }
  return ToLower(text);
}

Result<std::string> CheckDomain(std::string_view text) {
  std::string_view name = text;
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.starts_with("*.") || name.starts_with('.')) {
    name.remove_prefix(name.find('.') + 1);
    return Bad(fmt::format("{}: write \"{}\", names below it are meant as well", Quoted(text),
                           EscapeForLog(name, 60)));
  }
  bool good = !name.empty() && name.size() <= 253 && name.find('.') != std::string_view::npos;
  for (std::string_view rest = name; good && !rest.empty();) {
    const std::size_t end = std::min(rest.find('.'), rest.size());
    const std::string_view label = rest.substr(0, end);
    good = !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(),
                       [](char c) { return IsAlphanumeric(c) || c == '-' || c == '_'; });
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (good && name.ends_with('.')) good = false;
  if (!good) {
    return Bad(Quoted(text) + (IsAscii(text) ? " is not a valid domain, such as \"example.com\""
                                             : ": write the name in its xn-- form"));
  }
  return ToLower(name);
}

Result<std::string> CheckMailAccount(std::string_view text) {
  std::string account = ToLower(text);
  const bool is_domain = account.find(accounts::kSeparator) == std::string::npos;
  if (is_domain) {
    MXWARD_TRY(account, CheckDomain(text));
  }
  constexpr std::string_view kAny = ":*";
  const bool any = account.ends_with(kAny);
  const std::string why = WhyNoAccount(any ? account.substr(0, account.size() - 1) + "0" : account);
  if (!why.empty()) return Bad(Quoted(text) + ": " + why);
  return account;
}

Result<std::string> CheckNameServer(std::string_view text) {
  MXWARD_TRY(const auto server, ParseServerAddress(text));
  const bool plain = server.port == ServerAddress::kDnsPort;
  return plain ? server.address.ToString() : server.ToString();
}

Result<std::string> CheckHttpListen(std::string_view text) {
  if (text.empty()) return std::string();
  const auto address = ParseServerAddress(text);
  const bool has_port = text.starts_with('[') ? text.find("]:") != std::string_view::npos
                                              : std::count(text.begin(), text.end(), ':') == 1;
  if (!address || !has_port) {
    return Bad(Quoted(text) +
               " is not an address and a port: write \"127.0.0.1:9118\", \"[::1]:9118\", or for "
               "all addresses \"0.0.0.0:9118\" or \"[::]:9118\"");
  }
  return address->ToString();
}

Result<std::string> CheckEntryName(std::string_view text, std::string_view what, std::size_t max,
                                   std::string_view example) {
  const bool good = !text.empty() && text.size() <= max && IsAlphanumeric(text.front()) &&
                    IsAlphanumeric(text.back()) &&
                    std::all_of(text.begin(), text.end(), [](char c) {
                      return IsAlphanumeric(c) || c == ' ' || c == '.' || c == '-' || c == '_';
                    });
  if (good) return std::string(text);
  return Bad(
      fmt::format("{} is not a valid name for a {}: use letters, digits, spaces, dots, hyphens and "
                  "underscores, at most {}, such as \"{}\"",
                  Quoted(text), what, max, example));
}

Result<std::string> CheckLimitName(std::string_view text) {
  return CheckEntryName(text, "limit", kMaxLimitName, "newsletter senders");
}

Result<std::string> CheckRuleName(std::string_view text) {
  return CheckEntryName(text, "rule", kMaxRuleName, "helpdesk waits for nobody");
}

Result<std::string> CheckReplyText(std::string_view text) {
  return CheckReplyTemplate(text, ReplyClass::kGreylists);
}

Result<std::string> CheckDirectory(std::string_view text) {
  if (!text.starts_with('/')) {
    return Bad(
        fmt::format("must be a whole path that begins with a slash; found {}", Quoted(text)));
  }
  if (text.size() > kMaxPath) return Bad(fmt::format("is longer than {} bytes", kMaxPath));
  if (std::any_of(text.begin(), text.end(), IsControl)) {
    return Bad(Quoted(text) + " holds a control character");
  }
  return std::string(text);
}

Result<std::string> CheckFile(std::string_view text) {
  return text.empty() ? Result<std::string>(std::string()) : CheckDirectory(text);
}

Result<std::string> CheckSocketPath(std::string_view text) {
  auto path = CheckDirectory(text);
  if (path && text.size() > kMaxSocketPath) {
    return Bad(fmt::format("the path of a socket has at most {} bytes, this one has {}",
                           kMaxSocketPath, text.size()));
  }
  if (path && text.ends_with('/')) {
    return Bad("is a directory; the path of a socket is needed");
  }
  return path;
}

}  // namespace mxward
