// SPDX-License-Identifier: Apache-2.0
#include "engine/decision_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/mail_address.h"
#include "base/text.h"

namespace mxward {
namespace {

// Long enough for every honest address (RFC 5321 section 4.5.3.1), short enough for a log line.
constexpr std::size_t kMaxText = 320;
constexpr std::size_t kMaxJsonText = 1024;
constexpr std::size_t kUsualLine = 512;

// A fingerprint that lets lines of one address be found together. Keyed, so that who has the log
// cannot test a guess.
std::string Fingerprint(std::string_view text, const HashKey& key) {
  return fmt::format("#{:016x}", SipHash(key, ToLower(text)));
}

std::string ShowAddress(std::string_view address, const DecisionLine& line) {
  if (address.empty()) return "";
  switch (line.config.log.addresses) {
    case LogAddresses::kFull:
      return std::string(address.substr(0, kMaxText + 1));  // one more, so that "..." is shown
    case LogAddresses::kDomain:
      return "*@" + std::string(SplitMailAddress(address).domain.substr(0, kMaxText));
    case LogAddresses::kHash:
      return Fingerprint(address, line.hash_key);
  }
  return "";
}

// An account is its customer's, as a domain is.
std::string ShowAccount(const DecisionLine& line) {
  const std::string& account = line.decision.account;
  const bool hidden = line.config.log.addresses == LogAddresses::kHash;
  return hidden && !account.empty() ? Fingerprint(account, line.hash_key) : account;
}

struct Fields {
  std::string_view queue_id, action, reason, about, identity, client_name, helo, told;
  std::string client_address, sender, recipient, user, account, findings;
  Seconds delay{};
  std::optional<int> score;
  bool show_delay = false, observed = false;
};

bool IsHidden(Privacy privacy, LogAddresses shown) {
  switch (privacy) {
    case Privacy::kNone:
      return false;
    case Privacy::kSender:
    case Privacy::kRecipient:
    case Privacy::kLogin:
      return shown != LogAddresses::kFull;
    case Privacy::kSenderDomain:
    case Privacy::kRecipientDomain:
      return shown == LogAddresses::kHash;
  }
  return true;
}

// What is hidden is left out: the line has the address elsewhere, as it may be shown.
std::string FindingsText(const DecisionLine& line) {
  std::string text;
  for (const Finding& finding : line.decision.findings) {
    if (!text.empty()) text += "; ";
    text += finding.Name();
    if (finding.score != 0) text.append(":").append(std::to_string(finding.score));
    const std::size_t begin = text.size();
    for (const Detail::Part& part : finding.detail.parts()) {
      if (IsHidden(part.privacy, line.config.log.addresses)) continue;
      text.append(text.size() == begin ? " (" : "").append(part.text);
    }
    if (text.size() > begin) text += ")";
  }
  return text;
}

// Without the sender's domain where that is hidden: "spf" of "spf:example.org".
std::string_view ShownIdentity(const DecisionLine& line) {
  const std::string_view identity = line.decision.identity;
  if (!identity.starts_with("spf:") && !identity.starts_with("organisation:")) return identity;
  if (!IsHidden(Privacy::kSenderDomain, line.config.log.addresses)) return identity;
  return identity.substr(0, identity.find(':'));
}

// Refers to what the line refers to.
Fields Collect(const DecisionLine& line) {
  const Decision& decision = line.decision;
  const SessionFacts& session = line.facts.session;
  const MessageFacts& message = line.facts.message;
  Fields fields;
  fields.queue_id = message.queue_id.empty() ? std::string_view("NOQUEUE") : message.queue_id;
  fields.action = WordOf(decision.verdict);
  fields.reason = WordOf(decision.reason);
  fields.about = WordOf(decision.about);
  fields.identity = ShownIdentity(line);
  fields.score = decision.score;
  fields.delay = decision.delay;
  fields.show_delay = decision.verdict == Verdict::kDefer || decision.delay.count() > 0;
  fields.client_name =
      session.client_name.empty() ? std::string_view("unknown") : session.client_name;
  fields.client_address = session.client ? session.client->ToString() : "local";
  fields.helo = session.helo;
  fields.sender = ShowAddress(message.sender, line);
  fields.recipient = ShowAddress(line.facts.recipient, line);
  fields.user = ShowAddress(message.authenticated_user, line);
  fields.account = ShowAccount(line);
  fields.findings = FindingsText(line);
  fields.observed = line.facts.observing;
  fields.told = line.told;
  return fields;
}

// What ends a field or begins one. Escaped, so that whatever the network sends, the line has the
// fields that we gave it: it can be split at ", ", and no KEY= of ours stands in it twice.
constexpr std::string_view kUnsafe = " ,<>=";
constexpr std::string_view kUnsafeInFindings = ",<>=";  // our own words have blanks
constexpr std::string_view kUnsafeInAddresses = " ,<>";
constexpr std::array<std::string_view, 16> kKeys = {
    "action",      "reason",   "about",  "client_address", "delay", "identity",
    "client_name", "helo",     "sender", "recipient",      "user",  "account",
    "score",       "findings", "told",   "observed"};

bool EndsWithKey(std::string_view text) {
  return std::any_of(kKeys.begin(), kKeys.end(), [&](std::string_view key) {
    return text.size() >= key.size() && EqualsNoCase(text.substr(text.size() - key.size()), key);
  });
}

void AppendField(std::string& out, std::string_view before, std::string_view text,
                 std::string_view after, std::string_view unsafe = kUnsafe,
                 std::size_t max_length = kMaxText) {
  out += before;
  AppendEscapedForLog(out, text, max_length, unsafe);
  out += after;
}

// Addresses that were rewritten on the way are full of "=", and are to be found as they are: it is
// escaped only where it would make a key. As the line shows it: a byte 0xde before "lay" does, too.
void AppendAddress(std::string& out, std::string_view before, std::string_view text) {
  out += before;
  const std::string_view shown = text.substr(0, kMaxText);
  for (std::size_t begin = 0; begin <= shown.size();) {
    const std::size_t equals = std::min(shown.find('=', begin), shown.size());
    AppendEscapedForLog(out, shown.substr(begin, equals - begin), kMaxText, kUnsafeInAddresses);
    if (equals < shown.size()) out += EndsWithKey(out) ? "\\x3d" : "=";
    begin = equals + 1;
  }
  out += shown.size() < text.size() ? "...>" : ">";
}

std::string ToText(const Fields& fields) {
  std::string out;
  out.reserve(kUsualLine);
  AppendField(out, "", fields.queue_id, ": ", " ,<>=:", 64);
  out.append("action=").append(fields.action).append(", reason=").append(fields.reason);
  if (!fields.about.empty()) out.append(", about=").append(fields.about);
  out.append(", client_address=").append(fields.client_address);
  if (fields.show_delay) out.append(", delay=").append(std::to_string(fields.delay.count()));
  if (!fields.identity.empty()) AppendField(out, ", identity=", fields.identity, "");
  AppendField(out, ", client_name=", fields.client_name, "");
  AppendField(out, ", helo=<", fields.helo, ">");
  AppendAddress(out, ", sender=<", fields.sender);
  AppendAddress(out, ", recipient=<", fields.recipient);
  if (!fields.user.empty()) AppendField(out, ", user=", fields.user, "");
  if (!fields.account.empty()) AppendField(out, ", account=", fields.account, "");
  if (fields.score) out.append(", score=").append(std::to_string(*fields.score));
  if (!fields.findings.empty())
    AppendField(out, ", findings=", fields.findings, "", kUnsafeInFindings, 1024);
  if (!fields.told.empty()) out.append(", told=").append(fields.told);
  if (fields.observed) out += ", observed=yes";
  return out;
}

void AppendMember(std::string& out, std::string_view key, std::string_view value) {
  if (out.size() > 1) out += ',';
  out.append("\"").append(key).append("\":\"");
  AppendJsonEscaped(out, value.substr(0, kMaxJsonText));
  out += '"';
}

std::string ToJson(const Fields& fields) {
  std::string out = "{";
  AppendMember(out, "queue_id", fields.queue_id);
  AppendMember(out, "action", fields.action);
  AppendMember(out, "reason", fields.reason);
  if (!fields.about.empty()) AppendMember(out, "about", fields.about);
  AppendMember(out, "client_address", fields.client_address);
  if (fields.show_delay) out += ",\"delay\":" + std::to_string(fields.delay.count());
  if (!fields.identity.empty()) AppendMember(out, "identity", fields.identity);
  AppendMember(out, "client_name", fields.client_name);
  AppendMember(out, "helo", fields.helo);
  AppendMember(out, "sender", fields.sender);
  AppendMember(out, "recipient", fields.recipient);
  if (!fields.user.empty()) AppendMember(out, "user", fields.user);
  if (!fields.account.empty()) AppendMember(out, "account", fields.account);
  if (fields.score) out += ",\"score\":" + std::to_string(*fields.score);
  if (!fields.findings.empty()) AppendMember(out, "findings", fields.findings);
  if (!fields.told.empty()) AppendMember(out, "told", fields.told);
  if (fields.observed) out += ",\"observed\":true";
  out += '}';
  return out;
}

}  // namespace

ShownDecision ShowDecision(const DecisionLine& line) {
  Fields fields = Collect(line);
  ShownDecision shown;
  shown.queue_id = fields.queue_id;
  shown.action = fields.action;
  shown.reason = fields.reason;
  shown.about = fields.about;
  shown.identity = fields.identity;
  shown.client_name = fields.client_name;
  shown.client_address = std::move(fields.client_address);
  shown.helo = fields.helo.substr(0, kMaxText);
  shown.sender = std::move(fields.sender);
  shown.recipient = std::move(fields.recipient);
  shown.user = std::move(fields.user);
  shown.account = std::move(fields.account);
  shown.findings = std::move(fields.findings);
  shown.told = fields.told;
  if (fields.show_delay) shown.delay = fields.delay;
  shown.score = fields.score;
  shown.observed = fields.observed;
  return shown;
}

std::string FormatDecision(const DecisionLine& line) {
  const Fields fields = Collect(line);
  return line.config.log.format == LogFormat::kJson ? ToJson(fields) : ToText(fields);
}

void LogDecision(Log& log, const DecisionLine& line) {
  log.Write(LogLevel::kInfo, FormatDecision(line));
}

}  // namespace mxward
