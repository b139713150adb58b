// SPDX-License-Identifier: Apache-2.0
#include "entries/key_check.h"

#include <algorithm>
#include <string>

#include "base/canonical_address.h"
#include "base/ip_address.h"
#include "base/mail_address.h"
#include "base/text.h"
#include "clients/organisation.h"
#include "match/accounts.h"

namespace mxward::entries {
namespace {

constexpr std::size_t kMaxLabel = 63;  // RFC 1035 2.3.4

std::string Shown(std::string_view text) { return "\"" + EscapeForLog(text, 80) + "\""; }

Result<void> Wrong(std::string message) { return Fail(ErrorCode::kInvalid, std::move(message)); }

bool IsAboutSender(Kind kind) { return kind == Kind::kSender || kind == Kind::kSenderDomain; }

bool IsOfAddresses(Kind kind) { return kind == Kind::kSender || kind == Kind::kRecipient; }

// The kind that a domain with everything below it belongs to.
std::string DomainKind(Kind kind) {
  if (kind == Kind::kClientName) return "client-name";
  return IsAboutSender(kind) ? "sender-domain" : "recipient-domain";
}

// The option of a rule that has patterns of that kind.
std::string RuleKey(Kind kind) {
  if (kind == Kind::kClientName) return "client_name";
  return IsAboutSender(kind) ? "sender" : "recipient";
}

// Those of host names, and those beyond ASCII, which A-labels are made of.
bool IsOfLabel(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || static_cast<unsigned char>(c) > 0x7f;
}

bool IsLabel(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabel &&
         std::all_of(label.begin(), label.end(), &IsOfLabel);
}

bool IsDomainName(std::string_view text) {
  while (text.starts_with('.')) text.remove_prefix(1);
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty()) return false;
  for (;;) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    if (!IsLabel(text.substr(0, dot))) return false;
    if (dot == text.size()) return true;
    text.remove_prefix(dot + 1);
  }
}

std::string UseDomainKind(Kind kind, std::string_view domain) {
  return "write " + DomainKind(kind) + " " + EscapeForLog(domain, 80) +
         ", which also covers all names below it";
}

// "*.example.org", "*@example.org", "user@*", "/spam/"
Result<void> CheckPattern(Kind kind, std::string_view text) {
  const bool expression = text.size() > 1 && text.front() == '/' && text.back() == '/';
  if (!expression && text.find('*') == std::string_view::npos) return {};
  std::string_view domain = text;
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    if (text.substr(0, at) == "*") domain.remove_prefix(at + 1);
  }
  if (domain.starts_with("*.")) domain.remove_prefix(2);
  if (!expression && IsDomainName(domain)) {
    return Wrong(Shown(text) + ": entries have no patterns; " + UseDomainKind(kind, domain));
  }
  return Wrong(Shown(text) + ": entries have no patterns; a [[rule]] has, such as " +
               RuleKey(kind) + " = [" + Shown(text) + "]");
}

Result<void> CheckAddress(Kind kind, std::string_view text) {
  const std::string_view bare = StripAngles(text);
  const std::size_t at = bare.rfind('@');
  if (at == std::string_view::npos) {
    const bool dotted = bare.find('.') != std::string_view::npos && IsDomainName(bare);
    if (dotted) {
      return Wrong(Shown(text) + " is a domain, not an address: " + UseDomainKind(kind, bare));
    }
    // A recipient such as postmaster may come without a domain.
    if (kind == Kind::kRecipient || bare.empty()) return {};
    return Wrong(Shown(text) + " is not an address: write one with its domain, such as \"" +
                 EscapeForLog(bare, 60) +
                 "@example.org\"; in any domain a [[rule]] finds it, with " + RuleKey(kind) +
                 " = [\"" + EscapeForLog(bare, 60) + "@\"]");
  }
  const std::string_view domain = bare.substr(at + 1);
  if (domain.empty()) {
    return Wrong(Shown(text) +
                 " lacks its domain: an entry is about one address; in any domain a " +
                 "[[rule]] finds it, with " + RuleKey(kind) + " = [" + Shown(bare) + "]");
  }
  if (!domain.starts_with('[') && !IsDomainName(domain)) {
    return Wrong(Shown(text) + " is not a mail address: " + Shown(domain) + " is not a domain");
  }
  return {};
}

Result<void> CheckDomain(Kind kind, std::string_view text) {
  std::string_view bare = text;
  if (bare.starts_with('[') && bare.ends_with(']')) bare = bare.substr(1, bare.size() - 2);
  if (ToLower(bare.substr(0, 5)) == "ipv6:") bare.remove_prefix(5);
  if (const auto prefix = Prefix::Parse(bare)) {
    return Wrong(Shown(text) + " is an address, not a name: write client " + prefix->ToString());
  }
  if (kind == Kind::kClientName && ToLower(text) == "unknown") {
    return Wrong(
        "\"unknown\" is how the log shows clients without a name: a [[rule]] finds them, with "
        "name_class = [\"none\"]");
  }
  if (IsDomainName(text)) return {};
  return Wrong(Shown(text) + " is not a domain name");
}

// What looks like an address is left to CanonicalKey().
Result<void> CheckClient(std::string_view text) {
  if (text.find_first_of(":/,@ ") != std::string_view::npos ||
      text.find_first_not_of("0123456789.") == std::string_view::npos) {
    return {};
  }
  MXWARD_TRY(CheckPattern(Kind::kClientName, text));
  if (IsDomainName(text)) {
    return Wrong(Shown(text) +
                 " is a name, not an address: " + UseDomainKind(Kind::kClientName, text));
  }
  return Wrong(Shown(text) +
               " is neither an address nor a prefix; for the name of a client use client-name, "
               "with a valid domain name such as \"mail.example.org\"");
}

// "include:_spf.example.org", "v=spf1 ...", "joe@example.org"
Result<void> CheckSpfOf(std::string_view text) {
  const std::size_t mark = text.find_last_of(":=@");
  const std::string_view domain = mark == std::string_view::npos ? text : text.substr(mark + 1);
  if (domain.find('.') == std::string_view::npos || !IsDomainName(domain) ||
      Prefix::Parse(domain)) {
    return Wrong(Shown(text) + " is not a domain with an SPF record, such as _spf.example.org");
  }
  if (domain.size() == text.size()) return {};
  return Wrong(Shown(text) + " is not a domain: write spf-of " + EscapeForLog(domain, 80));
}

Result<void> CheckAccount(std::string_view text) {
  if (text.find('@') != std::string_view::npos) {
    auto account = ServiceAccount(text);
    if (!account) account = OrganisationalDomain(CanonicalAddress(text).domain());
    return Wrong(Shown(text) + " is a mail address" +
                 (account->empty() ? ", and no account can be read from it"
                                   : ": write account " + *account));
  }
  if (text.ends_with(":*")) {
    return Wrong(Shown(text) + ": entries have no patterns; a [[rule]] has, such as account = [" +
                 Shown(text) + "]");
  }
  const std::string account = ToLower(text);
  if (const std::string why = WhyNoAccount(account); !why.empty()) {
    return Wrong(Shown(text) + " is no account: " + why);
  }
  if (account.find(accounts::kSeparator) != std::string::npos) return {};
  if (!IsDomainName(text)) {
    return Wrong(Shown(text) + " is neither a domain nor SERVICE:NUMBER, such as sendgrid:12345");
  }
  const std::string organisation = OrganisationalDomain(text);
  if (organisation.empty()) return Wrong(Shown(text) + " is not the domain of an organisation");
  if (organisation == CanonicalDomain(text)) return {};
  return Wrong(Shown(text) + " is below the domain of an organisation: write account " +
               organisation);
}

}  // namespace

Result<void> CheckKeyCanMatch(Kind kind, std::string_view text) {
  text = Trim(text);
  if (kind == Kind::kClient) return CheckClient(text);
  if (kind == Kind::kSpfOf) return CheckSpfOf(text);
  if (kind == Kind::kAccount) return CheckAccount(text);
  MXWARD_TRY(CheckPattern(kind, text));
  // In quotes an address may hold one.
  if (text.find('"') == std::string_view::npos &&
      text.find_first_of(", \t") != std::string_view::npos) {
    return Wrong(Shown(text) + ": an entry has one key; make one of each");
  }
  return IsOfAddresses(kind) ? CheckAddress(kind, text) : CheckDomain(kind, text);
}

}  // namespace mxward::entries
