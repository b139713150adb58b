// SPDX-License-Identifier: Apache-2.0
#include "policy/replies.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "config/reply_template.h"

namespace mxward::policy {
namespace {

// So that the reply stays below 512 bytes (RFC 5321 4.5.3.1.5).
constexpr std::size_t kMaxListText = 200;

void AppendContact(std::string& text, const Config& config) {
  if (!config.reply_contact.empty()) text += "; contact " + config.reply_contact;
}

std::vector<ReplyValue> ValuesOf(const Facts& facts, const Config& config) {
  const SessionFacts& session = facts.session;
  return {{"client", session.client ? session.client->ToString() : "local"},
          {"client_name", session.client_name.empty() ? "unknown" : session.client_name},
          {"helo", session.helo},
          {"sender", facts.message.sender.empty() ? "<>" : facts.message.sender},
          {"recipient", std::string(facts.recipient)},
          {"contact", config.reply_contact}};
}

bool ContainsListKey(std::string_view text, const Config& config) {
  return std::any_of(config.dnsbl.begin(), config.dnsbl.end(), [&](const DnsblConfig& list) {
    return !list.key.empty() && ToLower(text).find(ToLower(list.key)) != std::string::npos;
  });
}

}  // namespace

SmtpReply GreylistReply(Seconds remaining, const Facts& facts, const Config& config) {
  std::vector<ReplyValue> values = ValuesOf(facts, config);
  values.push_back({"seconds", std::to_string(remaining.count())});
  std::string text = config.greylist.text;
  constexpr std::string_view kMany = "{seconds} seconds";
  if (const std::size_t at = text.find(kMany); remaining == Seconds(1) && at != std::string::npos) {
    text.replace(at, kMany.size(), "{seconds} second");
  }
  return {451, "4.7.1", FillReply(text, values)};
}

SmtpReply RuleReply(const RuleConfig& rule, const Facts& facts, const Config& config) {
  std::string text = FillReply(rule.text, ValuesOf(facts, config));
  const bool rejects = rule.action == RuleAction::kReject;
  if (rejects && rule.text.find("{contact}") == std::string::npos) AppendContact(text, config);
  return {rule.code, rule.enhanced, text};
}

SmtpReply BlockedReply(std::string_view what, const Config& config) {
  std::string text(what);
  text += " blocked by local policy";
  AppendContact(text, config);
  return {550, "5.7.1", text};
}

SmtpReply ListedReply(const ListEvidence& said, const SessionFacts& session, std::string_view text,
                      const Config& config) {
  std::string reply = "Service unavailable; ";
  switch (said.of) {
    case DnsblOf::kClient:
      reply += "Client host [" + (session.client ? session.client->ToString() : "local") + "]";
      break;
    case DnsblOf::kClientName:
      reply += "Client host [" + PrintableForReply(said.about) + "]";
      break;
    case DnsblOf::kHelo:
      reply += "Helo command [" + PrintableForReply(said.about) + "]";
      break;
    case DnsblOf::kSenderDomain:
      reply += "Sender address [" + PrintableForReply(said.about) + "]";
      break;
  }
  reply += " blocked using " + said.list;
  if (!text.empty() && !ContainsListKey(text, config))
    reply += "; " + PrintableForReply(text, kMaxListText);
  AppendContact(reply, config);
  return {554, "5.7.1", reply};
}

SmtpReply SuspiciousReply(const std::vector<Finding>& findings, bool by_rules,
                          const Config& config) {
  std::string names = by_rules ? "local policy" : "";
  for (const Finding& finding : findings) {
    if (finding.score <= 0) continue;
    if (!names.empty()) names += ", ";
    names += finding.Name();
  }
  std::string text = "Rejected: " + names;
  AppendContact(text, config);
  return {550, "5.7.1", text};
}

SmtpReply FailureReply() {
  return {451, "4.3.0", "Mail filter temporarily unavailable, please try again later"};
}

}  // namespace mxward::policy
