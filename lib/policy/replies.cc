// SPDX-License-Identifier: Apache-2.0
#include "policy/replies.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace mxward::policy {
namespace {

// A reply is one line of at most 512 bytes (RFC 5321 4.5.3.1.5), its code and our words included.
constexpr std::size_t kMaxAbout = 120;
constexpr std::size_t kMaxListText = 200;

void AppendContact(std::string& text, const Config& config) {
  if (!config.reply_contact.empty()) text += "; contact " + config.reply_contact;
}

// What the network sent, as printable ASCII in one line.
std::string Quoted(std::string_view text, std::size_t max_length) {
  std::string out(text.substr(0, max_length));
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return out;
}

bool GivesKeyAway(std::string_view text, const Config& config) {
  return std::any_of(config.dnsbl.begin(), config.dnsbl.end(), [&](const DnsblConfig& list) {
    return !list.key.empty() && ToLower(text).find(ToLower(list.key)) != std::string::npos;
  });
}

}  // namespace

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
      reply += "Client host [" + Quoted(said.about, kMaxAbout) + "]";
      break;
    case DnsblOf::kHelo:
      reply += "Helo command [" + Quoted(said.about, kMaxAbout) + "]";
      break;
    case DnsblOf::kSenderDomain:
      reply += "Sender address [" + Quoted(said.about, kMaxAbout) + "]";
      break;
  }
  reply += " blocked using " + said.list;
  if (!text.empty() && !GivesKeyAway(text, config)) reply += "; " + Quoted(text, kMaxListText);
  AppendContact(reply, config);
  return {554, "5.7.1", reply};
}

SmtpReply SuspiciousReply(const std::vector<Finding>& findings, const Config& config) {
  std::string names;
  for (const Finding& finding : findings) {
    if (finding.score <= 0) continue;
    if (!names.empty()) names += ", ";
    names += finding.name;
  }
  std::string text = "Not accepted because of: " + names;
  AppendContact(text, config);
  return {550, "5.7.1", text};
}

SmtpReply FailureReply() {
  return {451, "4.3.0", "Mail filter is in trouble, please try again later"};
}

}  // namespace mxward::policy
